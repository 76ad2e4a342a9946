#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/money.h"
#include "cli/cards/card_files.h"
#include "cli/cards/declared_examples.h"
#include "cli/cards/expected_amounts.h"
#include "cli/cards/held_back.h"
#include "cli/output/terminal.h"
#include "cli/output/test_results.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "compiler/native.h"
#include "runtime/example_document.h"
#include "runtime/examples.h"
#include "runtime/loader.h"
#include "runtime/quote.h"

namespace toll::cli {
namespace {

using runtime::ExampleResult;
using runtime::Mismatch;
using runtime::Revision;
using Verdict = TestResult::Verdict;

struct Results {
  size_t passed = 0, failed = 0, updated = 0, not_run = 0;
  size_t guarantees = 0, refuted = 0;
  bool in_error = false;
};

std::string money(Int128 minor, Currency currency) {
  return fmt::format("{} {}", format_minor_grouped(minor, currency), currency.name());
}

/// An amount of money, or of credits.
std::string amount_text(const Mismatch& mismatch, const Ratio& amount, Currency currency) {
  if (mismatch.unit.empty()) return money(amount.numerator(), currency);
  const std::string text = amount.to_string();
  return fmt::format("{} {}", text.contains('/') ? text : group_thousands(text), mismatch.unit);
}

/// "150.00 more", for a line that the card gives and the example expects.
std::string difference(const Mismatch& mismatch, Currency currency) {
  const bool less = *mismatch.got < *mismatch.expected;
  const auto by = less ? checked_sub(*mismatch.expected, *mismatch.got)
                       : checked_sub(*mismatch.got, *mismatch.expected);
  if (!by) return less ? "less" : "more";
  return fmt::format(
      "{} {}",
      mismatch.unit.empty() ? format_minor_grouped(by->numerator(), currency) : by->to_string(),
      less ? "less" : "more");
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

/// Expected and got, line by line, with the difference and where it comes from. REQUIRES: the
/// example was rated with these offers.
std::string mismatch_text(const Revision& revision, const dsl::Example& example,
                          const runtime::CardSet::Revisions& offers,
                          const std::vector<Mismatch>& mismatches) {
  const Currency currency = revision.card().currency;
  const runtime::CardSet set = runtime::cards_of(offers, example);
  const auto document = runtime::document_of(revision.card(), example, offers);
  const auto answer = runtime::explain(set, *document);
  std::string text;
  for (const Mismatch& mismatch : mismatches) {
    const std::string left = mismatch.left ? " left" : "";
    const std::string expected = mismatch.expected
                                     ? amount_text(mismatch, *mismatch.expected, currency) + left
                                     : "not stated";
    const std::string got =
        mismatch.got ? amount_text(mismatch, *mismatch.got, currency) + left : "no such line";
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

/// How far the test of a guarantee went: on what, and what it had to leave out.
std::string reach_of(const compiler::GuaranteeVerdict& verdict) {
  return counted(verdict.usages, "usage") + (verdict.sampled ? ", not of every combination" : "") +
         (verdict.left_out ? fmt::format(", {} left out", verdict.left_out) : "");
}

class FolderTest {
 public:
  FolderTest(const CardFiles& folder, const compiler::NativeCompiler& compiler, bool update,
             Results& counts)
      : folder_(folder), compiler_(compiler), update_(update), amounts_(folder), counts_(counts) {}

  /// The results of each file that has any.
  std::vector<FileResults> run() {
    runtime::CheckedFolder checked = runtime::check_folder(folder_.files);
    report_errors(checked);
    if (complain_of_held_back(folder_, checked)) counts_.in_error = true;
    std::vector<runtime::CheckedCard*> cards;
    for (auto* sound_or_refuted : {&checked.cards, &checked.refuted})
      for (runtime::CheckedCard& card : *sound_or_refuted) cards.push_back(&card);
    for (const runtime::CheckedCard* card : cards)
      if (folder_.wants(card->card.source.file)) report_guarantees(*card);
    test(std::move(cards));
    std::vector<FileResults> files;
    for (uint32_t i = 0; i < folder_.files.size(); ++i) {
      const std::string name = base_name(i);
      if (!folder_.wants(name)) continue;
      std::vector<TestResult>& results = results_[name];
      report_not_run(folder_.files[i], results);
      std::ranges::stable_sort(results, {}, &TestResult::line);
      if (!results.empty()) files.push_back({folder_.files[i].path, std::move(results)});
    }
    return files;
  }

  /// Writes the amounts that run() found to be new.
  void write_amounts() {
    if (const auto written = amounts_.write(); !written) {
      complain(written.error().message);
      counts_.in_error = true;
    }
  }

 private:
  std::string base_name(uint32_t file) const {
    return std::filesystem::path(folder_.files[file].path).filename().string();
  }

  void report_errors(const runtime::CheckedFolder& checked) {
    for (const dsl::Diagnostic& diagnostic : checked.diagnostics) {
      if (diagnostic.severity != dsl::Severity::Error || !folder_.wants(diagnostic)) continue;
      print_diagnostic(diagnostic, folder_.files);
      counts_.in_error = true;
      if (is_refutation(diagnostic)) continue;
      const dsl::Place& place = diagnostic.primary.place;
      results_[base_name(place.file)].push_back(
          {.verdict = Verdict::Error,
           .line = dsl::line_column(folder_.files[place.file], place.span.begin).line,
           .title = diagnostic.code,
           .figure = {},
           .details = dsl::render(diagnostic, folder_.files)});
    }
  }

  bool wants(const dsl::Example& example) const { return folder_.wants(example.source.file); }

  /// The offers that share an example, by a change of plan or as versions of its days.
  std::set<dsl::OfferKey> shared_offers(const std::vector<runtime::CheckedCard*>& cards) const {
    std::set<dsl::OfferKey> keys;
    for (const runtime::CheckedCard* card : cards)
      for (const dsl::Example& example : card->card.examples) {
        if (example.changes.empty() || !wants(example)) continue;
        keys.insert(example.offer);
        for (const dsl::Example& change : example.changes) keys.insert(change.offer);
      }
    return keys;
  }

  /// Those that share an example are made first and kept; of the others one after the other.
  void test(std::vector<runtime::CheckedCard*> cards) {
    const std::set<dsl::OfferKey> keys = shared_offers(cards);
    std::erase_if(cards, [&](runtime::CheckedCard* card) {
      if (!keys.contains(card->card.key())) return false;
      if (auto offer = make(*card)) shared_.push_back(std::move(offer));
      return true;
    });
    for (const auto& offer : shared_) test(offer);
    for (runtime::CheckedCard* card : cards) {
      const bool any = std::ranges::any_of(card->card.examples,
                                           [&](const auto& example) { return wants(example); });
      if (!any) continue;
      if (const auto offer = make(*card)) test(offer);
    }
  }

  /// Null, and reported, where its native code cannot be made. The card is moved from.
  std::shared_ptr<const Revision> make(runtime::CheckedCard& checked) {
    // Quickly made code: what a service optimises it verifies again before it answers.
    auto native =
        runtime::compile_verified(compiler_, checked.card, checked.program, compiler::Optimise::No);
    if (!native) {
      complain(fmt::format("{}: {}", checked.card.name, native.error().message));
      counts_.in_error = true;
      return nullptr;
    }
    return std::make_shared<const Revision>(std::move(checked.card), std::move(checked.program),
                                            std::move(*native));
  }

  /// The examples of an offer. Those of several are not run where one of them is missing.
  void test(const std::shared_ptr<const Revision>& offer) {
    for (const dsl::Example& example : offer->card().examples) {
      const auto offers = example.changes.empty() ? runtime::CardSet::Revisions{offer} : shared_;
      if (wants(example) && runtime::document_of(offer->card(), example, offers))
        results_[example.source.file].push_back(run(offer, example, offers));
    }
  }

  TestResult run(const std::shared_ptr<const Revision>& revision, const dsl::Example& example,
                 const runtime::CardSet::Revisions& offers) {
    using std::chrono::steady_clock;
    const auto start = steady_clock::now();
    ExampleResult result = runtime::run_example(revision, example, offers);
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - start);
    TestResult report{.line = example.source.line,
                      .title = result.title,
                      .figure = {},
                      .details = {},
                      .microseconds = static_cast<uint64_t>(took.count())};
    const Currency currency = revision->card().currency;
    if (result.fault.empty()) report.figure = money(result.total, currency);
    if (!result.fault.empty())
      report.details = fmt::format("          {}: {}\n", result.source, result.fault);
    if (result.expects_nothing)
      report.details = fmt::format("          {}: it expects nothing: add `expect total {}`\n",
                                   result.source, money(result.total, currency));
    if (update_) report.details += update(example, currency, result.mismatches);
    const bool updated = !report.details.empty() && result.fault.empty() && !result.expects_nothing;
    report.details += mismatch_text(*revision, example, offers, result.mismatches);
    report.verdict = result.passed() ? (updated ? Verdict::Update : Verdict::Ok) : Verdict::Fail;
    ++(report.verdict == Verdict::Ok     ? counts_.passed
       : report.verdict == Verdict::Fail ? counts_.failed
                                         : counts_.updated);
    return report;
  }

  /// Takes from the mismatches those whose line gets a new amount; says which.
  std::string update(const dsl::Example& example, Currency currency,
                     std::vector<Mismatch>& mismatches) {
    std::string text;
    std::erase_if(mismatches, [&](const Mismatch& mismatch) {
      if (!mismatch.expected || !mismatch.got) return false;
      const auto expect =
          std::ranges::find_if(example.expects, [&](const dsl::Example::Expect& each) {
            return each.path == mismatch.path && each.left == mismatch.left;
          });
      const bool in_money = mismatch.unit.empty();
      const bool set =
          in_money ? amounts_.set(expect->source.place.file, expect->source.line,
                                  mismatch.got->numerator(), currency)
                   : amounts_.set(expect->source.place.file, expect->source.line, *mismatch.got);
      if (!set) return false;
      text += fmt::format("          {}   {} → {}   {}\n", mismatch.path,
                          in_money ? format_minor_grouped(mismatch.expected->numerator(), currency)
                                   : mismatch.expected->to_string(),
                          amount_text(mismatch, *mismatch.got, currency), mismatch.source);
      return true;
    });
    return text;
  }

  void report_guarantees(const runtime::CheckedCard& checked) {
    const std::string offer = runtime::offer_text(checked.card);
    for (const compiler::GuaranteeVerdict& verdict : checked.guarantees) {
      const dsl::SourceLine& source = checked.card.guarantees[verdict.guarantee].source;
      ++(verdict.refutation ? counts_.refuted : counts_.guarantees);
      results_[source.file].push_back(
          {.verdict = verdict.refutation ? Verdict::Refuted : Verdict::Tested,
           .line = source.line,
           .title = offer.empty() ? source.text : source.text + " " + offer,
           .figure = reach_of(verdict),
           .details = verdict.refutation
                          ? fmt::format("          {}\n", verdict.refutation->message)
                          : std::string()});
    }
  }

  void report_not_run(const dsl::SourceFile& file, std::vector<TestResult>& results) {
    for (const DeclaredExample& example : declared_examples(file)) {
      const bool known = std::ranges::any_of(results, [&](const TestResult& result) {
        return result.line == example.line && result.verdict != Verdict::Error;
      });
      if (known) continue;
      ++counts_.not_run;
      results.push_back({.verdict = Verdict::NotRun,
                         .line = example.line,
                         .title = example.title,
                         .figure = {},
                         .details = {}});
    }
  }

  const CardFiles& folder_;
  const compiler::NativeCompiler& compiler_;
  const bool update_;
  ExpectedAmounts amounts_;
  Results& counts_;
  runtime::CardSet::Revisions shared_;                      // offers that share examples
  std::map<std::string, std::vector<TestResult>> results_;  // by base name
};

std::string summary(const Results& counts) {
  const size_t examples = counts.passed + counts.failed + counts.updated + counts.not_run;
  std::string text = fmt::format("{}: {} passed, {} failed", counted(examples, "example"),
                                 counts.passed, counts.failed);
  if (counts.updated) text += fmt::format(", {} updated", counts.updated);
  if (counts.not_run) text += fmt::format(", {} not run", counts.not_run);
  text += "\n";
  if (counts.guarantees + counts.refuted == 0) return text;
  text += fmt::format("guarantees: {} tested", counts.guarantees);
  if (counts.refuted) text += fmt::format(", {} refuted", counts.refuted);
  return text + "\n";
}

/// Where a machine runs this, nobody has looked at the new amounts.
bool is_continuous_integration() {
  const char* const ci = std::getenv("CI");
  return ci && *ci && std::string_view(ci) != "false";
}

bool write_junit(const std::string& path, const std::vector<FileResults>& files) {
  std::ofstream out(path, std::ios::binary);
  out << junit_xml(files);
  out.close();
  if (!out) complain(fmt::format("cannot write `{}`", path));
  return !!out;
}

}  // namespace

int test(const TestOptions& options) {
  if (options.update && is_continuous_integration()) {
    complain("--update does nothing where the environment has CI set",
             "expected amounts are what people have agreed to: update them where someone reads "
             "the difference, and commit it");
    return kFailed;
  }
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
  Results counts;
  std::vector<FileResults> all;
  for (const CardFiles& folder : *folders) {
    FolderTest test(folder, *compiler, options.update, counts);
    for (FileResults& file : test.run()) {
      print(results_text(file));
      all.push_back(std::move(file));
    }
    if (options.update) test.write_amounts();
  }
  print(summary(counts));
  if (!options.junit.empty() && !write_junit(options.junit, all)) return kFailed;
  if (counts.failed || counts.not_run || counts.in_error) return kFailed;
  return counts.updated ? kNewAmounts : kOk;
}

}  // namespace toll::cli
