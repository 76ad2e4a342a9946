// One check, in order: parse every file, gather the declarations of all of them, check each card by
// itself, put the versions of a card in a row, then check examples and invoices against the version
// they fall into. What goes wrong in one step holds back only the cards it concerns.
#include "dsl/check.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "dsl/checker/budget.h"
#include "dsl/checker/card.h"
#include "dsl/checker/card_context.h"
#include "dsl/checker/examples.h"
#include "dsl/checker/identity.h"
#include "dsl/checker/report.h"
#include "dsl/checker/scope.h"
#include "dsl/checker/texts.h"
#include "dsl/checker/versions.h"
#include "dsl/checker/wording.h"
#include "dsl/parse.h"

namespace toll::dsl {
namespace {

using namespace checker;

class Check {
 public:
  explicit Check(std::span<const SourceFile> files)
      : texts_(files), report_(files.size()), budget_(bytes(files)) {
    parse_all(files);
  }

  Checked run();

 private:
  static uint64_t bytes(std::span<const SourceFile> files) {
    uint64_t sum = 0;
    for (const SourceFile& file : files) sum += file.text.size();
    return sum;
  }

  void parse_all(std::span<const SourceFile> files);
  bool was_read(uint32_t file) const;
  bool has_errors_of_its_own(uint32_t file) const;
  void check_cards(Scope& scope);
  void check_examples();
  void check_invoices(Scope& scope);
  void check_invoice(const syntax::Example& invoice, uint32_t file, Scope& scope);
  CardContext* version_of(const syntax::Example& invoice, Reader& read);
  void collect_cards(Checked& checked);
  std::vector<Diagnostic> all_diagnostics();

  Texts texts_;
  Report report_;
  Budget budget_;
  std::vector<syntax::File> trees_;
  std::vector<std::vector<Diagnostic>> parse_diagnostics_;
  std::vector<std::unique_ptr<CardContext>> cards_;
  std::set<std::string> card_names_;
  std::map<std::string, std::vector<CardContext*>> versions_;  ///< by card, in order of time
};

void Check::parse_all(std::span<const SourceFile> files) {
  for (uint32_t i = 0; i < files.size(); ++i) {
    Parsed parsed = parse(files[i], i);
    trees_.push_back(std::move(parsed.tree));
    parse_diagnostics_.push_back(std::move(parsed.diagnostics));
  }
}

/// Whether what a file declares is known, though single lines may be wrong.
bool Check::was_read(uint32_t file) const {
  const bool empty = trees_[file].declarations.empty() && trees_[file].unread.empty();
  return !empty || !has_errors(parse_diagnostics_[file]);
}

/// Whether an error is the file's own: its first line is not `toll 1`, or no declaration and no
/// unread name accounts for it.
bool Check::has_errors_of_its_own(uint32_t file) const {
  const auto blocks = blocks_of(trees_[file], texts_.size(file));
  std::set<uint32_t> unread_lines;
  for (const auto& word : trees_[file].unread) unread_lines.insert(texts_.line({file, word.span}));
  return std::ranges::any_of(parse_diagnostics_[file], [&](const Diagnostic& diagnostic) {
    const Place place = diagnostic.primary.place;
    if (diagnostic.severity != Severity::Error) return false;
    if (diagnostic.code == "E001") return true;
    return !unread_lines.contains(texts_.line(place)) &&
           std::ranges::none_of(blocks, [&](Span block) {
             return block.begin <= place.span.begin && place.span.begin < block.end;
           });
  });
}

void Check::check_cards(Scope& scope) {
  for (uint32_t file = 0; file < trees_.size(); ++file) {
    const bool file_is_sound = !has_errors_of_its_own(file);
    for (const auto& declaration : trees_[file].declarations) {
      const auto* card = std::get_if<syntax::Card>(&declaration);
      if (!card) continue;
      card_names_.insert(card->name.text);
      auto& context = cards_.emplace_back(
          std::make_unique<CardContext>(*card, file, scope, texts_, report_, budget_));
      check_card(*context);
      const bool text_is_sound =
          std::ranges::none_of(parse_diagnostics_[file], [&](const Diagnostic& diagnostic) {
            const auto offset = diagnostic.primary.place.span.begin;
            return diagnostic.severity == Severity::Error && card->block.begin <= offset &&
                   offset < card->block.end;
          });
      if (!file_is_sound || !text_is_sound) context->failed = true;
    }
  }
}

void Check::check_examples() {
  for (auto& context : cards_) {
    const auto errors = report_.errors();
    for (const auto& item : context->syntax.items) {
      const auto* example = std::get_if<syntax::Example>(&item);
      if (example) check_example(*example, context->read, *context);
    }
    if (report_.errors() != errors) context->failed = true;
  }
}

/// The version in force when the days of an invoice begin, or else the first that begins in them.
CardContext* Check::version_of(const syntax::Example& invoice, Reader& read) {
  const syntax::Word& name = *invoice.card;
  const auto found = versions_.find(name.text);
  if (found == versions_.end()) return nullptr;  // the card's header says what is wrong
  const std::vector<CardContext*>& versions = found->second;
  const auto days = days_asked(invoice);
  if (!days) {
    if (versions.size() == 1) return versions.front();
    report_
        .add("E324",
             fmt::format("the card {} has {}", quoted(name.text),
                         counted(versions.size(), "version")),
             read.at(name.span), "which of them?")
        .help("say of which month the invoice is: `in 2026-03`");
    return nullptr;
  }
  for (CardContext* version : versions) {
    const bool ended = version->card.until && *version->card.until <= days->from;
    if (!ended && version->card.from < days->until) return version;
  }
  report_
      .add("E324", "the card is not in force then",
           read.at(invoice.month ? invoice.month->span : invoice.from->span))
      .see(versions.front()->card.source.place,
           fmt::format("its first version begins on {}", to_string(versions.front()->card.from)))
      .help("choose days that a version covers");
  return nullptr;
}

void Check::check_invoice(const syntax::Example& invoice, uint32_t file, Scope& scope) {
  Reader read(scope, report_, texts_, file);
  const syntax::Word& name = *invoice.card;
  if (!card_names_.contains(name.text)) {
    if (scope.is_unread(name.text)) return report_.hold_back();
    const std::vector<std::string> names(card_names_.begin(), card_names_.end());
    auto finding = report_.add("E325", fmt::format("there is no card {}", quoted(name.text)),
                               read.at(name.span));
    const std::string nearest = suggest(name.text, names);
    finding.help(nearest.empty() ? "name a card of these files"
                                 : fmt::format("did you mean {}?", quoted(nearest)));
    return;
  }
  CardContext* version = version_of(invoice, read);
  if (version) check_example(invoice, read, *version);
}

void Check::check_invoices(Scope& scope) {
  for (auto& context : cards_) {
    if (context->from_known) versions_[context->card.name].push_back(context.get());
  }
  for (uint32_t file = 0; file < trees_.size(); ++file) {
    for (const auto& declaration : trees_[file].declarations) {
      const auto* invoice = std::get_if<syntax::Example>(&declaration);
      if (invoice && invoice->card && !invoice->damaged) check_invoice(*invoice, file, scope);
    }
  }
}

void Check::collect_cards(Checked& checked) {
  for (auto& context : cards_) {
    if (context->failed) continue;
    if (!identify(*context, texts_)) {
      report_.add("E214", "the cards that are checked together reach too many declarations",
                  context->card.source.place);
      continue;
    }
    checked.cards.push_back(std::move(context->card));
  }
}

/// Those of the parser and of the checker, by file and place.
std::vector<Diagnostic> Check::all_diagnostics() {
  std::multimap<std::pair<uint32_t, uint32_t>, Diagnostic> by_place;
  const auto take = [&by_place](std::vector<Diagnostic> diagnostics) {
    for (Diagnostic& diagnostic : diagnostics) {
      const Place place = diagnostic.primary.place;
      by_place.emplace(std::pair(place.file, place.span.begin), std::move(diagnostic));
    }
  };
  take(report_.take());
  for (auto& diagnostics : parse_diagnostics_) take(std::move(diagnostics));
  std::vector<Diagnostic> all;
  for (auto& [place, diagnostic] : by_place) all.push_back(std::move(diagnostic));
  return all;
}

Checked Check::run() {
  bool complete = true;
  bool sound = true;
  for (uint32_t file = 0; file < trees_.size(); ++file) {
    complete = complete && was_read(file);
    sound = sound && !has_errors(parse_diagnostics_[file]);
  }
  Scope scope(trees_, complete, texts_, report_);
  check_cards(scope);
  check_versions(cards_);
  check_examples();
  check_invoices(scope);

  Checked checked;
  collect_cards(checked);
  // With errors around, what uses a declaration may not have been read.
  if (sound && report_.errors() == 0 && !cards_.empty()) scope.warn_about_unused();

  checked.diagnostics = all_diagnostics();
  return checked;
}

}  // namespace

Checked check(std::span<const SourceFile> files) { return Check(files).run(); }

}  // namespace toll::dsl
