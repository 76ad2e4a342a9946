#include <fmt/format.h>

#include "cli/cards/card_files.h"
#include "cli/cards/held_back.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "runtime/loader.h"

namespace toll::cli {
namespace {

struct Counts {
  size_t files = 0, cards = 0, charges = 0, price_lines = 0;
  size_t errors = 0, warnings = 0;
  size_t errors_elsewhere = 0;  ///< in files of the same folders that were not asked for
  size_t guarantees = 0, usages = 0;
  bool held_back = false;  ///< a card that was asked for, by errors elsewhere
};

void count(const runtime::CheckedCard& card, Counts& counts) {
  ++counts.cards;
  counts.charges += card.card.charges.size();
  for (const dsl::Charge& charge : card.card.charges)
    for (const dsl::PriceTable& table : charge.tables) counts.price_lines += table.tiers.size();
  counts.guarantees += card.guarantees.size();
  for (const compiler::GuaranteeVerdict& verdict : card.guarantees) counts.usages += verdict.usages;
}

void check(const CardFiles& folder, Counts& counts) {
  const runtime::CheckedFolder checked = runtime::check_folder(folder.files);
  counts.files += folder.wanted_count();
  for (const runtime::CheckedCard& card : checked.cards)
    if (folder.wants(card.card.source.file)) count(card, counts);
  for (const dsl::Diagnostic& diagnostic : checked.diagnostics) {
    const bool error = diagnostic.severity == dsl::Severity::Error;
    if (!folder.wants(diagnostic)) {
      counts.errors_elsewhere += error;
      continue;
    }
    ++(error ? counts.errors : counts.warnings);
    print_diagnostic(diagnostic, folder.files);
  }
  if (complain_of_held_back(folder, checked)) counts.held_back = true;
}

std::string summary(const Counts& counts) {
  std::string text = fmt::format("{}, {}, {}, {}: {}{}\n", counted(counts.files, "file"),
                                 counted(counts.cards, "card"), counted(counts.charges, "charge"),
                                 counted(counts.price_lines, "price line"),
                                 counts.errors ? counted(counts.errors, "error") : "no errors",
                                 counts.warnings ? ", " + counted(counts.warnings, "warning") : "");
  if (counts.guarantees)
    text += fmt::format("guarantees: {} tested on {} usages\n", counts.guarantees, counts.usages);
  return text;
}

}  // namespace

int check(const CheckOptions& options) {
  const auto folders = read_paths(options.paths);
  if (!folders) {
    complain(folders.error().message);
    return kFailed;
  }
  Counts counts;
  for (const CardFiles& folder : *folders) check(folder, counts);
  print(summary(counts));
  if (counts.errors_elsewhere && !counts.held_back)
    complain(fmt::format("other files of the same folders have {}",
                         counted(counts.errors_elsewhere, "error")),
             "check the whole folder to see them");
  if (counts.errors || counts.held_back) return kFailed;
  return options.strict && counts.warnings ? kWarnings : kOk;
}

}  // namespace toll::cli
