#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "base/money.h"
#include "cli/cards/card_files.h"
#include "cli/cards/example_document.h"
#include "cli/cards/held_back.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "compiler/native.h"
#include "runtime/examples.h"
#include "runtime/loader.h"
#include "runtime/quote.h"

namespace toll::cli {
namespace {

using runtime::ExampleResult;
using runtime::Mismatch;
using runtime::Revision;

struct Counts {
  size_t passed = 0, failed = 0, guarantees = 0;
  bool in_error = false;
};

/// What is printed below the name of one file: results in the order of its lines.
struct FileReport {
  struct Result {
    uint32_t line;
    std::string verdict, title, figure, details;
  };
  std::vector<Result> results;
};

std::string money(Int128 minor, Currency currency) {
  return fmt::format("{} {}", format_minor_grouped(minor, currency), currency.name());
}

/// "150.00 more", for a line that the card gives and the example expects.
std::string difference(const Mismatch& mismatch, Currency currency) {
  const Int128 more = *mismatch.got - *mismatch.expected;
  return fmt::format("{} {}", format_minor_grouped(more < 0 ? -more : more, currency),
                     more < 0 ? "less" : "more");
}

/// The steps by which the card comes to its amount of a line.
std::string derivation(const runtime::Answer& answer, const std::string& path) {
  std::string text;
  for (const runtime::AnswerLine& line : answer.lines) {
    if (line.path != path) continue;
    for (const runtime::Step& step : line.steps)
      text += fmt::format("                 {}{}\n", step.text,
                          step.source.empty() ? "" : "   " + step.source);
  }
  return text;
}

/// Expected and got, line by line, with the difference and where it comes from.
std::string mismatch_text(const Revision& revision, const dsl::Example& example,
                          const ExampleResult& result) {
  const Currency currency = revision.card().currency;
  const runtime::CardSet set(
      {std::make_shared<const Revision>(revision.card(), revision.program(), revision.native())});
  const auto answer = runtime::explain(set, document_of(revision.card(), example));
  std::string text;
  for (const Mismatch& mismatch : result.mismatches) {
    const std::string expected =
        mismatch.expected ? money(*mismatch.expected, currency) : "not to be there";
    const std::string got = mismatch.got ? money(*mismatch.got, currency) : "no such line";
    const size_t columns = std::max(width(expected), width(got));
    text += fmt::format("          expect {}   {}   {}\n", mismatch.path,
                        pad_left(expected, columns), mismatch.source);
    text += fmt::format("          got    {}   {}", mismatch.path, pad_left(got, columns));
    if (mismatch.expected && mismatch.got) text += "   " + difference(mismatch, currency);
    text += "\n";
    if (answer) text += derivation(*answer, mismatch.path);
  }
  return text;
}

FileReport::Result run(const std::shared_ptr<const Revision>& revision, const dsl::Example& example,
                       Counts& counts) {
  const ExampleResult result = runtime::run_example(revision, example);
  ++(result.passed() ? counts.passed : counts.failed);
  FileReport::Result report{example.source.line, "ok", result.title, {}, {}};
  if (result.fault.empty()) report.figure = money(result.total, revision->card().currency);
  if (result.passed()) return report;
  report.verdict = "FAIL";
  report.details = result.fault.empty() ? mismatch_text(*revision, example, result)
                                        : fmt::format("          {}\n", result.fault);
  return report;
}

std::string report_text(const std::string& path, FileReport& report) {
  std::ranges::sort(report.results, {}, &FileReport::Result::line);
  size_t title_columns = 0, figure_columns = 0;
  for (const FileReport::Result& result : report.results) {
    title_columns = std::max(title_columns, width(result.title));
    figure_columns = std::max(figure_columns, width(result.figure));
  }
  std::string text = path + "\n";
  for (const FileReport::Result& result : report.results) {
    text +=
        fmt::format("  {:<6}  {}   {}\n", result.verdict, pad_right(result.title, title_columns),
                    pad_left(result.figure, figure_columns));
    text += result.details;
  }
  return text;
}

class FolderTest {
 public:
  FolderTest(const CardFiles& folder, const compiler::NativeCompiler& compiler, Counts& counts)
      : folder_(folder), compiler_(compiler), counts_(counts) {}

  void run() {
    runtime::CheckedFolder checked = runtime::check_folder(folder_.files);
    for (const dsl::Diagnostic& diagnostic : checked.diagnostics) {
      if (diagnostic.severity != dsl::Severity::Error || !folder_.wants(diagnostic)) continue;
      print_diagnostic(diagnostic, folder_.files);
      counts_.in_error = true;
    }
    if (complain_of_held_back(folder_, checked)) counts_.in_error = true;
    for (runtime::CheckedCard& card : checked.cards) test(std::move(card));
    for (const dsl::SourceFile& file : folder_.files) {
      const auto report = reports_.find(std::filesystem::path(file.path).filename().string());
      if (report != reports_.end()) print(report_text(file.path, report->second));
    }
  }

 private:
  void test(runtime::CheckedCard checked) {
    if (folder_.wants(checked.card.source.file)) report_guarantees(checked);
    const auto wanted = [&](const dsl::Example& example) {
      return folder_.wants(example.source.file);
    };
    if (std::ranges::none_of(checked.card.examples, wanted)) return;
    auto native = runtime::compile_verified(compiler_, checked.card, checked.program,
                                            compiler::Optimise::Yes);
    if (!native) {
      complain(fmt::format("{}: {}", checked.card.name, native.error().message));
      counts_.in_error = true;
      return;
    }
    const auto revision = std::make_shared<const Revision>(
        std::move(checked.card), std::move(checked.program), std::move(*native));
    for (const dsl::Example& example : revision->card().examples)
      if (wanted(example))
        reports_[example.source.file].results.push_back(cli::run(revision, example, counts_));
  }

  /// How far the test of a guarantee went: on what, and what it had to leave out.
  static std::string reach_of(const compiler::GuaranteeVerdict& verdict) {
    return counted(verdict.usages, "usage") +
           (verdict.sampled ? ", not of every combination" : "") +
           (verdict.left_out ? fmt::format(", {} left out", verdict.left_out) : "");
  }

  void report_guarantees(const runtime::CheckedCard& checked) {
    for (const compiler::GuaranteeVerdict& verdict : checked.guarantees) {
      const dsl::SourceLine& source = checked.card.guarantees[verdict.guarantee].source;
      ++counts_.guarantees;
      reports_[source.file].results.push_back(
          {source.line, "tested", source.text, reach_of(verdict), {}});
    }
  }

  const CardFiles& folder_;
  const compiler::NativeCompiler& compiler_;
  Counts& counts_;
  std::map<std::string, FileReport> reports_;  // by base name
};

}  // namespace

int test(const TestOptions& options) {
  const auto folders = read_paths(options.paths);
  if (!folders) {
    complain(folders.error().message);
    return kFailed;
  }
  const auto compiler = compiler::NativeCompiler::create();
  if (!compiler) {
    complain(compiler.error().message);
    return kFailed;
  }
  Counts counts;
  for (const CardFiles& folder : *folders) FolderTest(folder, *compiler, counts).run();
  print(fmt::format("{}: {} passed, {} failed\n", counted(counts.passed + counts.failed, "example"),
                    counts.passed, counts.failed));
  if (counts.guarantees) print(fmt::format("guarantees: {} tested\n", counts.guarantees));
  return counts.failed || counts.in_error ? kFailed : kOk;
}

}  // namespace toll::cli
