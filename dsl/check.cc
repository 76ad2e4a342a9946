// One check, in order: parse every file, gather the declarations of all of them, check each card by
// itself, put the versions of a card in a row, then check examples and invoices against the version
// they fall into. What goes wrong in one step holds back only the cards it concerns.
#include "dsl/check.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "dsl/checker/budget.h"
#include "dsl/checker/cost_plus.h"
#include "dsl/checker/costs.h"
#include "dsl/checker/example_parts.h"
#include "dsl/checker/example_version.h"
#include "dsl/checker/examples.h"
#include "dsl/checker/extends/extensions.h"
#include "dsl/checker/identity.h"
#include "dsl/checker/invoices.h"
#include "dsl/checker/report.h"
#include "dsl/checker/scope.h"
#include "dsl/checker/texts.h"
#include "dsl/checker/titles.h"
#include "dsl/checker/version_context.h"
#include "dsl/checker/version_index.h"
#include "dsl/checker/versions.h"
#include "dsl/checker/wording.h"
#include "dsl/parse.h"
#include "dsl/table_file.h"

namespace toll::dsl {
namespace {

using namespace checker;

constexpr uint32_t kCardWord = std::string_view("card ").size();

/// An invoice of several versions goes with each of them.
void leave_out_invoices_of_absent(std::vector<RateCard>& cards) {
  std::set<std::pair<std::string, Date>> present;
  for (const RateCard& card : cards) present.emplace(card.name, card.from);
  const auto is_absent = [&](const Example& change) {
    return !present.contains({change.offer.card, change.offer.from});
  };
  for (RateCard& card : cards)
    std::erase_if(card.examples, [&](const Example& example) {
      return std::ranges::any_of(example.changes, is_absent);
    });
}

class Check {
 public:
  explicit Check(std::span<const SourceFile> files)
      : texts_(files), report_(texts_, files.size()), budget_(bytes(files)) {
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
  bool is_sound(const CardText& card) const;
  void check_cards(Scope& scope);
  void fail_as_a_whole();
  bool fail_dependents();
  void gather_broken();
  void check_examples();
  void check_example_of(VersionContext& version, const syntax::Example& example,
                        const VersionContext* meant, VersionsOfText versions);
  void check_customer(const syntax::Example& example, const VersionContext& version,
                      CardContext& offer);
  /// A version in error, as far as it could be read.
  struct Broken {
    std::string card;
    std::optional<Date> from;
    Place place;
  };
  std::optional<Broken> broken_below(const VersionContext& version) const;
  bool check_margins(CardContext& offer);
  void resolve_guarantees();
  void check_invoices(Scope& scope);
  void collect_cards(Checked& checked);
  std::vector<Diagnostic> all_diagnostics();

  Texts texts_;
  Report report_;
  Budget budget_;
  std::vector<syntax::File> trees_;
  std::vector<std::vector<Diagnostic>> parse_diagnostics_;
  std::vector<bool> file_is_sound_;
  std::optional<Extensions> extensions_;
  std::vector<std::unique_ptr<VersionContext>> cards_;
  std::set<std::string> card_names_;
  VersionIndex versions_;
  std::map<std::string, std::vector<Broken>> broken_;  ///< by card
  std::vector<Checked::Contradicted> contradicted_;
  std::set<const syntax::Card*> blamed_;  ///< said to stand on a card in error
};

void Check::parse_all(std::span<const SourceFile> files) {
  for (uint32_t i = 0; i < files.size(); ++i) {
    // Table files are read where a card names them.
    Parsed parsed = is_table_file(files[i].path) ? Parsed{} : parse(files[i], i);
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
             return block.begin <= place.span.begin && place.span.begin <= block.end;
           });
  });
}

/// Whether all lines of a card could be read, and its file is one.
bool Check::is_sound(const CardText& card) const {
  if (!file_is_sound_[card.file]) return false;
  return std::ranges::none_of(parse_diagnostics_[card.file], [&](const Diagnostic& diagnostic) {
    const auto offset = diagnostic.primary.place.span.begin;
    return diagnostic.severity == Severity::Error && card.tree->block.begin <= offset &&
           offset <= card.tree->block.end;  // at it where a line ends too soon
  });
}

void Check::check_cards(Scope& scope) {
  for (uint32_t file = 0; file < trees_.size(); ++file)
    file_is_sound_.push_back(!has_errors_of_its_own(file));
  extensions_.emplace(
      trees_, [this](const CardText& card) { return is_sound(card); }, texts_, report_, budget_);
  // What is extended comes first: a mistake in it is reported as its own.
  std::vector<const CardSource*> sources;
  for (const CardSource& source : extensions_->sources()) sources.push_back(&source);
  std::ranges::stable_sort(sources, {}, [](const CardSource* source) {
    return std::tuple(source->stands_on.size(), source->own.file, source->own.tree->span.begin);
  });
  for (const CardSource* source : sources) {
    card_names_.insert(source->own.tree->name.text);
    auto& version = cards_.emplace_back(
        std::make_unique<VersionContext>(*source, scope, texts_, report_, budget_));
    if (!source->sound || source->failed) version->fail();
  }
}

/// A deal with an error for one version of its card is in error for all: it changes together with
/// its card or not at all.
void Check::fail_as_a_whole() {
  std::set<const syntax::Card*> failed;
  for (auto& version : cards_)
    if (version->failed()) failed.insert(version->source().own.tree);
  for (auto& version : cards_)
    if (failed.contains(version->source().own.tree)) version->fail();
}

/// A version in error that this one stands on, or may have to: of another card that it follows also
/// one whose days are not known. The one that stands on no other, as the cause; none where none is.
std::optional<Check::Broken> Check::broken_below(const VersionContext& version) const {
  std::optional<Broken> broken;
  for (const RateCard::Extended& below : version.source().stands_on) {
    const auto versions = broken_.find(below.card);
    if (versions == broken_.end()) continue;
    const bool follows = below.card != version.first().card.name;
    for (const Broken& other : versions->second)
      if (other.from ? other.from == below.from : follows) broken = other;
  }
  return broken;
}

void Check::gather_broken() {
  broken_.clear();
  for (const auto& version : cards_) {
    if (!version->failed()) continue;
    const CardContext& first = version->first();
    broken_[first.card.name].push_back(
        {first.card.name, first.from_known ? std::optional(first.card.from) : std::nullopt,
         first.card.source.place});
  }
  for (uint32_t file = 0; file < trees_.size(); ++file) {
    for (const syntax::Word& name : trees_[file].unread) {
      const uint32_t begin = name.span.begin - std::min(name.span.begin, kCardWord);
      if (texts_.text({file, {begin, name.span.begin}}) == "card ")
        broken_[name.text].push_back({name.text, std::nullopt, {file, name.span}});
    }
  }
}

/// What stands on a version in error is in error too, and says why. Whether there was any that was
/// thought to be sound.
bool Check::fail_dependents() {
  gather_broken();
  bool any = false;
  for (auto& version : cards_) {
    const std::optional<Broken> broken = broken_below(*version);
    if (!broken) continue;
    any = any || !version->failed();
    version->fail();
    const CardText& own = version->source().own;
    if (!blamed_.insert(own.tree).second) continue;
    report_
        .add("E514",
             broken->from
                 ? fmt::format("the card {} of {} is in error, and this one extends it",
                               quoted(broken->card), to_string(*broken->from))
                 : fmt::format("a version of the card {} is in error, and this one extends it",
                               quoted(broken->card)),
             {own.file, own.tree->extends->span})
        .see(broken->place, "in error")
        .help("mend that card first");
  }
  return any;
}

void Check::check_examples() {
  struct Text {
    std::vector<VersionContext*> versions;     // of a deal there are several
    std::vector<const VersionContext*> meant;  // by its examples, which stand in each of them
  };
  std::map<const syntax::Card*, Text> texts;
  for (auto& version : cards_) texts[version->source().own.tree].versions.push_back(version.get());
  for (auto& [tree, text] : texts)
    std::ranges::stable_sort(text.versions, {},
                             [](const auto* each) { return each->first().card.from; });
  for (auto& version : cards_) {
    Text& text = texts.at(version->source().own.tree);
    size_t count = 0;
    for (const auto& item : version->syntax().items) {
      const auto* example = std::get_if<syntax::Example>(&item);
      if (!example) continue;
      if (count++ == text.meant.size()) text.meant.push_back(version_for(*example, text.versions));
      check_example_of(*version, *example, text.meant[count - 1], text.versions);
    }
  }
}

/// Asked for each version of the text in which it stands; it is about one of them, or about none.
void Check::check_example_of(VersionContext& version, const syntax::Example& example,
                             const VersionContext* meant, VersionsOfText versions) {
  if (&version != (meant ? meant : versions.front())) return;
  const auto errors = report_.errors();
  if (!meant) {
    report_outside(example, versions, report_);
    return version.fail();
  }
  Reader& read = version.first().read;
  const VersionDays days{{version.first().card.from, {}}, &version};
  const std::vector<ExamplePart> parts = parts_of(example, {&days, 1}, read, report_);
  if (!parts.empty()) check_example(example, read, parts, last_day(version, versions));
  if (report_.errors() != errors) return version.fail();
  check_customer(example, version, *parts.front().offer);
}

/// E328: an example is rated by the card in which it stands, so its customer must have that one.
/// Whether they do may follow from other files: it is said, and the card stays right.
void Check::check_customer(const syntax::Example& example, const VersionContext& version,
                           CardContext& offer) {
  if (!example.customer) return;
  const syntax::OfCustomer& customer = *example.customer;
  const RateCard& card = offer.card;
  const Date first = card.examples.back().period.from;
  const std::string& list = card.deal_on.empty() ? card.name : card.deal_on;
  const VersionContext* const had = versions_.on_day(list, &customer, first);
  const bool of_another = card.customer && *card.customer != customer.name.text;
  if (!of_another && (!had || had->source().own.tree == version.source().own.tree)) return;
  if (had && had->failed()) return report_.hold_back();
  offer.card.examples.pop_back();
  const std::string name = quoted(customer.name.text);
  auto finding =
      report_.add("E328", fmt::format("{} does not have this card on {}", name, to_string(first)),
                  offer.read.at(customer.span),
                  customer.since || of_another
                      ? std::string()
                      : fmt::format("without `since` a customer from {} on", to_string(first)));
  if (had && had->source().own.tree != version.source().own.tree)
    finding.see(had->first().card.source.place, fmt::format("{} has this one", name));
  finding.why("an example is rated by the card in which it stands");
  finding.help(fmt::format(
      "leave the line out, or write an `invoice {} for {}`: it finds the card of its customer",
      offer.read.text(example.title.span), list));
}

/// Gathers the costs that margins are guaranteed against; false, and reported, where there are
/// none.
bool Check::check_margins(CardContext& offer) {
  const RateCard& card = offer.card;
  const auto is_margin = [](const Guarantee& guarantee) {
    return guarantee.kind == syntax::Guarantee::Kind::Margin;
  };
  if (std::ranges::none_of(card.guarantees, is_margin)) return true;
  take_costs(offer);
  bool sound = true;
  for (const Guarantee& guarantee : card.guarantees) {
    const auto is_meant = [&](const Cost& cost) {
      return guarantee.meters.empty() ||
             std::ranges::find(guarantee.meters, cost.meter) != guarantee.meters.end();
    };
    if (!is_margin(guarantee) || std::ranges::any_of(card.costs, is_meant)) continue;
    sound = false;
    if (offer.scope.costs().may_be_unread()) {
      report_.hold_back();
      continue;
    }
    report_
        .add("E337",
             fmt::format("nothing says in {} what the usage of this card costs",
                         card.currency.name()),
             guarantee.source.place)
        .help("add a table of what a unit costs: `cost NAME on METER`");
  }
  return sound;
}

void Check::resolve_guarantees() {
  for (auto& version : cards_) {
    for (const auto& offer : version->offers()) {
      if (!check_margins(*offer)) version->fail();
      for (Guarantee& guarantee : offer->card.guarantees) {
        if (guarantee.kind != syntax::Guarantee::Kind::NeverDearer) continue;
        const auto other = versions_.compared_with(offer->card, guarantee);
        if (other) {
          guarantee.than = other->card;
          guarantee.than_from = other->from;
          continue;
        }
        version->fail();
        if (guarantee.than != "previous" && !card_names_.contains(guarantee.than) &&
            offer->scope.is_unread(guarantee.than)) {
          report_.hold_back();
          continue;
        }
        report_
            .add("E509",
                 guarantee.than == "previous"
                     ? fmt::format("there is no version of {} before this one",
                                   quoted(offer->card.name))
                     : fmt::format("no card {} is there to compare with", quoted(guarantee.than)),
                 guarantee.source.place)
            .help("name a card of these files that is in force then");
      }
    }
  }
}

void Check::check_invoices(Scope& scope) {
  Invoices invoices(versions_, card_names_, {scope, report_, texts_, budget_});
  for (uint32_t file = 0; file < trees_.size(); ++file) {
    warn_about_equal_titles(trees_[file], file, report_);
    for (const auto& declaration : trees_[file].declarations) {
      const auto* invoice = std::get_if<syntax::Example>(&declaration);
      if (invoice && invoice->card) invoices.check(*invoice, file);
    }
  }
  contradicted_ = invoices.take_contradicted();
}

void Check::collect_cards(Checked& checked) {
  for (auto& version : cards_) {
    if (version->failed()) {
      checked.held_back.push_back(held_back(version->first().card));
      continue;
    }
    if (!identify(*version, texts_)) {
      report_.add("E214", "the cards that are checked together reach too many declarations",
                  version->first().card.source.place);
      checked.held_back.push_back(held_back(version->first().card));
      continue;
    }
    for (const auto& offer : version->offers()) checked.cards.push_back(std::move(offer->card));
  }
  leave_out_invoices_of_absent(checked.cards);
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
  const Costs costs(trees_, texts_, scope, report_, budget_);
  scope.set_costs(costs);
  check_cards(scope);
  check_versions(cards_);
  versions_.gather(cards_);
  resolve_guarantees();
  check_examples();
  check_invoices(scope);
  do fail_as_a_whole();
  while (fail_dependents());

  Checked checked;
  checked.contradicted = std::move(contradicted_);
  collect_cards(checked);
  // With errors around, what uses a declaration may not have been read.
  if (sound && report_.errors() == 0 && !cards_.empty()) scope.warn_about_unused();

  checked.diagnostics = all_diagnostics();
  return checked;
}

}  // namespace

HeldBack held_back(const RateCard& card) {
  // An end that is not after the beginning is a mistake, and says of no day that it is free.
  const auto end = [&](const std::optional<Date>& day) {
    return day && *day > card.from ? day : std::nullopt;
  };
  return {.card = card.name,
          .file = card.source.file,
          .from = card.from,
          .until = end(card.until),
          .stated_until = end(card.stated_until),
          .customer = card.customer,
          .deal_on = card.deal_on,
          .applies = card.applies,
          .time_zone = card.time_zone};
}

Checked check(std::span<const SourceFile> files) { return Check(files).run(); }

}  // namespace toll::dsl
