#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/cards/card_files.h"
#include "cli/cards/held_back.h"
#include "cli/output/github.h"
#include "cli/output/terminal.h"
#include "cli/output/version.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "runtime/loader.h"
#include "wire/diagnostic_json.h"
#include "wire/json_writer.h"
#include "wire/sarif.h"

namespace toll::cli {
namespace {

struct Findings {
  size_t files = 0, cards = 0, charges = 0, price_lines = 0;
  size_t errors = 0, warnings = 0;
  size_t errors_elsewhere = 0;  ///< in files of the same folders that were not asked for
  size_t guarantees = 0, refuted = 0, sampled = 0, usages = 0, left_out = 0;
  bool held_back = false;  ///< a card that was asked for, by errors elsewhere

  bool failed() const { return errors || held_back; }
};

/// A folder with what its check found.
struct Folder {
  const CardFiles* files;
  runtime::CheckedFolder checked;
};

void count_guarantees(const runtime::CheckedCard& card, Findings& counts) {
  counts.guarantees += card.guarantees.size();
  for (const compiler::GuaranteeVerdict& verdict : card.guarantees) {
    counts.refuted += verdict.refutation.has_value();
    counts.sampled += verdict.sampled;
    counts.usages += verdict.usages;
    counts.left_out += verdict.left_out;
  }
}

void count(const Folder& folder, Findings& counts) {
  counts.files += folder.files->wanted_count();
  // The offers of a version share lines, and so do cards that extend one another.
  std::set<std::pair<std::string, uint32_t>> charges, price_lines;
  const auto place_of = [](const dsl::SourceLine& line) { return std::pair(line.file, line.line); };
  for (const runtime::CheckedCard& card : folder.checked.cards) {
    if (!folder.files->wants(card.card.source.file)) continue;
    counts.cards += card.card.offer == 0;
    for (const dsl::Charge& charge : card.card.charges) {
      charges.insert(place_of(charge.source));
      for (const dsl::PriceTable& table : charge.tables)
        for (const dsl::Tier& tier : table.tiers) price_lines.insert(place_of(tier.source));
    }
    count_guarantees(card, counts);
  }
  counts.charges += charges.size();
  counts.price_lines += price_lines.size();
  for (const runtime::CheckedCard& card : folder.checked.refuted)
    if (folder.files->wants(card.card.source.file)) count_guarantees(card, counts);
  for (const dsl::Diagnostic& diagnostic : folder.checked.diagnostics) {
    const bool error = diagnostic.severity == dsl::Severity::Error;
    if (!folder.files->wants(diagnostic))
      counts.errors_elsewhere += error;
    else
      ++(error ? counts.errors : counts.warnings);
  }
}

/// The diagnostics that were asked for, in the order of folders, files and lines.
std::vector<wire::Reported> reported(const std::vector<Folder>& folders) {
  std::vector<wire::Reported> result;
  for (const Folder& folder : folders)
    for (const dsl::Diagnostic& diagnostic : folder.checked.diagnostics)
      if (folder.files->wants(diagnostic)) result.push_back({&diagnostic, folder.files->files});
  return result;
}

std::string guarantees_text(const Findings& counts) {
  std::string text = fmt::format("guarantees: {} tested", counts.guarantees - counts.refuted);
  if (counts.refuted) text += fmt::format(", {} refuted", counts.refuted);
  text += fmt::format(" on {}", counted(counts.usages, "usage"));
  if (counts.left_out) text += fmt::format(", {} left out", counts.left_out);
  if (counts.sampled) text += fmt::format("; {} not on every combination", counts.sampled);
  return text + "\n";
}

std::string summary(const Findings& counts) {
  std::string text = fmt::format("{}, {}, {}, {}: {}{}\n", counted(counts.files, "file"),
                                 counted(counts.cards, "card"), counted(counts.charges, "charge"),
                                 counted(counts.price_lines, "price line"),
                                 counts.errors ? counted(counts.errors, "error") : "no errors",
                                 counts.warnings ? ", " + counted(counts.warnings, "warning") : "");
  return counts.guarantees ? text + guarantees_text(counts) : text;
}

std::string json_text(const Findings& counts, const std::vector<wire::Reported>& reported,
                      std::string_view failure) {
  std::string out;
  wire::JsonWriter json(out);
  const auto number = [&](std::string_view name, size_t value) {
    json.number(name, static_cast<int64_t>(value));
  };
  json.begin_object();
  number("files", counts.files);
  number("cards", counts.cards);
  number("charges", counts.charges);
  number("price_lines", counts.price_lines);
  number("errors", counts.errors);
  number("warnings", counts.warnings);
  number("errors_elsewhere", counts.errors_elsewhere);
  json.key("held_back").boolean(counts.held_back);
  json.key("guarantees").begin_object();
  number("tested", counts.guarantees - counts.refuted);
  number("refuted", counts.refuted);
  number("usages", counts.usages);
  number("left_out", counts.left_out);
  number("sampled", counts.sampled);
  json.end_object().key("diagnostics").begin_array();
  for (const wire::Reported& one : reported)
    wire::write_diagnostic(*one.diagnostic, one.files, json);
  json.end_array();
  if (!failure.empty()) json.text("failure", failure);
  json.end_object();
  return out + "\n";
}

/// Standard output holds one document in the formats for machines, also where nothing could be
/// read.
void report(CheckFormat format, const Findings& counts, const std::vector<wire::Reported>& reported,
            std::string_view failure = {}) {
  std::string out;
  switch (format) {
    case CheckFormat::Text:
      for (const wire::Reported& one : reported) print_diagnostic(*one.diagnostic, one.files);
      out = summary(counts);
      break;
    case CheckFormat::Json:
      out = json_text(counts, reported, failure);
      break;
    case CheckFormat::Sarif:
      wire::write_sarif(reported, version(), failure, out);
      out += '\n';
      break;
    case CheckFormat::Github:
      for (const wire::Reported& one : reported)
        out += workflow_command(*one.diagnostic, one.files);
      out += summary(counts);
      break;
  }
  print(out);
}

}  // namespace

int check(const CheckOptions& options) {
  const auto read = read_paths(options.paths);
  if (!read) {
    const bool for_programs =
        options.format == CheckFormat::Json || options.format == CheckFormat::Sarif;
    if (for_programs) report(options.format, {}, {}, read.error().message);
    complain(read.error().message);
    return kFailed;
  }
  Findings counts;
  std::vector<Folder> folders;
  for (const CardFiles& files : *read) {
    folders.push_back({&files, runtime::check_folder(files.files)});
    count(folders.back(), counts);
  }
  for (const Folder& folder : folders)
    if (complain_of_held_back(*folder.files, folder.checked)) counts.held_back = true;
  report(options.format, counts, reported(folders));
  if (counts.errors_elsewhere && !counts.held_back)
    complain(fmt::format("other files of the same folders have {}",
                         counted(counts.errors_elsewhere, "error")),
             "check the whole folder to see them");
  if (counts.failed()) return kFailed;
  return options.strict && counts.warnings ? kWarnings : kOk;
}

}  // namespace toll::cli
