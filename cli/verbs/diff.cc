#include <fmt/format.h>

#include <iterator>
#include <set>
#include <utility>

#include "cli/cards/card_files.h"
#include "cli/diff/report.h"
#include "cli/diff/sample_usage.h"
#include "cli/diff/side.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "wire/text.h"

namespace toll::cli {
namespace {

CheckedSide checked(Side& side, const std::string& folder) {
  CheckedSide result;
  if (const auto found = side.find(folder); found != side.end()) {
    result.files = std::move(found->second.files);
    result.wanted = std::move(found->second.wanted);
  }
  result.checked = runtime::check_folder(result.files);
  result.words = dsl::CanonicalWords(result.files);
  return result;
}

/// Texts that are wrong; a guarantee that fails is a result.
size_t errors_in(const CheckedSide& side, bool show) {
  size_t errors = 0;
  for (const dsl::Diagnostic& diagnostic : side.checked.diagnostics) {
    if (diagnostic.severity != dsl::Severity::Error || is_refutation(diagnostic)) continue;
    ++errors;
    if (show) print_diagnostic(diagnostic, side.files);
  }
  return errors;
}

void add_guarantees(const CheckedSide& side, DiffReport& report) {
  for (const runtime::CheckedCard* card : side.cards()) {
    if (!side.wants(*card)) continue;
    for (const compiler::GuaranteeVerdict& verdict : card->guarantees) {
      const dsl::SourceLine& source = card->card.guarantees[verdict.guarantee].source;
      if (verdict.refutation)
        report.guarantees_refuted.push_back(
            fmt::format("{}:{}: {}", side.files[source.place.file].path, source.line, source.text));
      else
        ++report.guarantees_tested;
    }
  }
}

template <typename T>
void append(std::vector<T>& all, std::vector<T> more) {
  std::ranges::move(more, std::back_inserter(all));
}

/// Documents of cards that neither side has: they were meant to show something.
bool complain_of_samples(const std::vector<SampleUsage>& samples) {
  for (const SampleUsage& sample : samples)
    complain(fmt::format("{}: neither side has a card `{}`", sample.title,
                         wire::shown(sample.document.card)));
  return !samples.empty();
}

/// With cards of a folder below the path that was asked for named `team/api`: each folder's are by
/// themselves.
template <typename Named>
std::vector<Named> named_by(const std::string& folder, std::vector<Named> all) {
  if (folder != ".")
    for (Named& each : all) each.card = folder + "/" + each.card;
  return all;
}

int compare(Side before, Side after, std::vector<SampleUsage> samples, bool markdown) {
  std::set<std::string> folders;
  for (const Side* side : {&before, &after})
    for (const auto& [folder, files] : *side) folders.insert(folder);
  DiffReport report;
  size_t errors = 0, old_errors = 0;
  for (const std::string& folder : folders) {
    const CheckedSide was = checked(before, folder), is = checked(after, folder);
    old_errors += errors_in(was, /*show=*/false);
    errors += errors_in(is, /*show=*/true);
    append(report.cards, named_by(folder, card_changes(was, is)));
    append(report.examples, named_by(folder, rerated(was, is)));
    append(report.usage, named_by(folder, rerated(was, is, samples)));
    add_guarantees(is, report);
  }
  if (old_errors)
    complain(fmt::format("the old side has {}", counted(old_errors, "error")),
             "its cards in error count as if they were not there");
  if (errors) {
    complain("the new side is in error, so what it changes cannot be told");
    return kFailed;
  }
  if (complain_of_samples(samples)) return kFailed;
  print(markdown ? markdown_of(report) : text_of(report));
  return report.differs() ? kDiffers : kOk;
}

}  // namespace

int diff(const DiffOptions& options) {
  std::vector<std::string> paths = options.paths;
  const bool with_git = !options.against.empty();
  if (with_git && paths.empty()) paths.emplace_back(".");
  if (paths.size() != (with_git ? 1 : 2)) {
    complain(with_git ? "diff wants one PATH with --against"
                      : "diff wants an OLD and a NEW folder or card file",
             "`toll diff --against REVISION PATH` takes the old side from git");
    return kWrongCommand;
  }
  auto after = read_side(paths.back());
  auto before = with_git ? read_side_at(options.against, paths.front()) : read_side(paths.front());
  for (const auto* side : {&before, &after}) {
    if (*side) continue;
    complain(side->error().message);
    return kFailed;
  }
  std::vector<SampleUsage> samples;
  if (!options.usage.empty()) {
    auto read = read_sample_usage(options.usage);
    if (!read) return read.error();
    samples = *std::move(read);
  }
  return compare(*std::move(before), *std::move(after), std::move(samples), options.markdown);
}

}  // namespace toll::cli
