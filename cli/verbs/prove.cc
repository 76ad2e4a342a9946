#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/money.h"
#include "cli/cards/card_files.h"
#include "cli/cards/held_back.h"
#include "cli/output/invoice.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "runtime/example_document.h"
#include "runtime/loader.h"
#include "runtime/quote.h"

namespace toll::cli {
namespace {

using compiler::GuaranteeVerdict;

struct Verdicts {
  size_t tested = 0, refuted = 0;
  bool in_error = false;
};

/// The text with blanks before each of its lines that has any.
std::string indented(std::string_view text, size_t columns) {
  std::string result;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (!line.empty()) result += std::string(columns, ' ');
    result += std::string(line) + "\n";
    begin = end + 1;
  }
  return result;
}

std::string quantity(const dsl::RateCard& card, const compiler::MeterUsage& use) {
  const std::string number = use.quantity.normalized().to_string();
  const dsl::Meter& meter = card.meters[use.meter];
  return fmt::format("{} {}", group_thousands(number),
                     number == "1" ? meter.unit : meter.unit_plural);
}

/// "api_calls from 0 to 1,000,000 calls; 84 usages, 2 left out".
std::string reach(const dsl::RateCard& card, const GuaranteeVerdict& verdict) {
  std::string text;
  for (const compiler::MeterUsage& range : verdict.up_to)
    text += fmt::format("{}{} from 0 to {}", text.empty() ? "" : ", ",
                        card.meters[range.meter].name, quantity(card, range));
  text += fmt::format("{}{}", text.empty() ? "" : "; ", counted(verdict.usages, "usage"));
  if (verdict.left_out) text += fmt::format(", {} left out", verdict.left_out);
  if (verdict.sampled) text += ", not of every combination";
  return text;
}

/// A refutation's message without what the verdict says already.
std::string_view without_prefix(std::string_view message) {
  constexpr std::string_view kPrefix = "guarantee fails: ";
  if (message.starts_with(kPrefix)) message.remove_prefix(kPrefix.size());
  return message;
}

/// The usage of a bill and its invoice.
std::string bill(const std::shared_ptr<const runtime::Revision>& revision,
                 const std::vector<compiler::MeterUsage>& usage) {
  const dsl::RateCard& card = revision->card();
  std::string text;
  for (const compiler::MeterUsage& use : usage) {
    const dsl::Meter& meter = card.meters[use.meter];
    text += "use " + meter.name;
    for (size_t i = 0; i < use.values.size(); ++i)
      text += fmt::format("{}{}", i ? ", " : " ",
                          card.dimensions[meter.dimensions[i]].values[use.values[i]]);
    text += fmt::format("{} {}\n", use.values.empty() ? "" : ":", quantity(card, use));
  }
  const auto answer =
      runtime::quote(runtime::CardSet({revision}), runtime::document_of(card, usage));
  if (!answer) return text + answer.error().faults.front().message + "\n";
  return text + indented(lines_text(*answer, card), 2);
}

class FolderProof {
 public:
  FolderProof(const CardFiles& folder, Verdicts& counts) : folder_(folder), counts_(counts) {}

  void run() {
    runtime::CheckedFolder checked = runtime::check_folder(folder_.files);
    for (const dsl::Diagnostic& diagnostic : checked.diagnostics) {
      // A refuted guarantee is a result here.
      if (diagnostic.severity != dsl::Severity::Error || !folder_.wants(diagnostic) ||
          is_refutation(diagnostic))
        continue;
      print_diagnostic(diagnostic, folder_.files);
      counts_.in_error = true;
    }
    if (complain_of_held_back(folder_, checked)) counts_.in_error = true;
    for (auto* cards : {&checked.cards, &checked.refuted})
      for (runtime::CheckedCard& card : *cards)
        if (folder_.wants(card.card.source.file)) report(std::move(card));
  }

 private:
  void report(runtime::CheckedCard checked) {
    const std::vector<GuaranteeVerdict> verdicts = std::move(checked.guarantees);
    const auto revision = std::make_shared<const runtime::Revision>(
        std::move(checked.card), std::move(checked.program), nullptr);
    for (const GuaranteeVerdict& verdict : verdicts) print(report(revision, verdict));
  }

  std::string report(const std::shared_ptr<const runtime::Revision>& revision,
                     const GuaranteeVerdict& verdict) {
    const dsl::RateCard& card = revision->card();
    const dsl::SourceLine& source = card.guarantees[verdict.guarantee].source;
    const std::string offer = runtime::offer_text(card);
    ++(verdict.refutation ? counts_.refuted : counts_.tested);
    std::string text =
        fmt::format("{:<8} {}{}   {}:{}\n         {}\n", verdict.refutation ? "refuted" : "tested",
                    source.text, offer.empty() ? "" : " " + offer,
                    folder_.files[source.place.file].path, source.line, reach(card, verdict));
    if (!verdict.refutation) return text;
    text += fmt::format("         {}\n", without_prefix(verdict.refutation->message));
    for (const auto& usage : verdict.counterexample)
      text += "\n" + indented(bill(revision, usage), 9);
    // Bills that need what earlier periods used are no usage document of one period.
    if (verdict.counterexample.empty())
      for (const dsl::Note& note : verdict.refutation->notes)
        if (note.kind == "counterexample") text += "\n" + indented(note.text, 9);
    for (const dsl::Note& note : verdict.refutation->notes)
      if (note.kind == "help") text += fmt::format("\n         help: {}\n", note.text);
    return text;
  }

  const CardFiles& folder_;
  Verdicts& counts_;
};

}  // namespace

int prove(const ProveOptions& options) {
  const auto folders = read_paths(options.paths);
  if (!folders) {
    complain(folders.error().message);
    return kFailed;
  }
  Verdicts counts;
  for (const CardFiles& folder : *folders) FolderProof(folder, counts).run();
  print(fmt::format("{}: {} tested, {} refuted\n",
                    counted(counts.tested + counts.refuted, "guarantee"), counts.tested,
                    counts.refuted));
  if (counts.in_error) return kFailed;
  return counts.refuted ? kRefuted : kOk;
}

}  // namespace toll::cli
