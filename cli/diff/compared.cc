#include "cli/diff/compared.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "runtime/example_document.h"
#include "runtime/quote.h"

namespace toll::cli {
namespace {

using runtime::CheckedCard;

const CheckedCard* find(const std::vector<const CheckedCard*>& cards, const std::string& name,
                        Date from) {
  const auto found = std::ranges::find_if(cards, [&](const CheckedCard* card) {
    return card->card.name == name && card->card.from == from;
  });
  return found == cards.end() ? nullptr : *found;
}

/// The version of a card that is in force the day before `from`, as far as `cards` know.
const CheckedCard* version_before(const std::vector<const CheckedCard*>& cards,
                                  const std::string& name, Date from) {
  const CheckedCard* latest = nullptr;
  for (const CheckedCard* card : cards)
    if (card->card.name == name && card->card.from < from &&
        (!latest || latest->card.from < card->card.from))
      latest = card;
  return latest;
}

/// One card a version: its plans and currencies have one text.
std::vector<const CheckedCard*> versions(const CheckedSide& side) {
  std::vector<const CheckedCard*> cards = side.cards();
  std::erase_if(cards, [](const CheckedCard* card) { return card->card.offer > 0; });
  return cards;
}

std::vector<Statement> statements(const CheckedSide& side, const CheckedCard* card) {
  return card ? statements_of(card->card, side.files, side.words) : std::vector<Statement>();
}

runtime::CardSet card_set(const CheckedSide& side) {
  std::vector<std::shared_ptr<const runtime::Revision>> revisions;
  for (const CheckedCard* card : side.cards())
    revisions.push_back(
        std::make_shared<const runtime::Revision>(card->card, card->program, nullptr));
  return runtime::CardSet(std::move(revisions));
}

using ExampleKey = std::tuple<std::string, std::string, std::string, std::string>;

/// Examples by card, period and title, as documents that any revision can answer.
std::map<ExampleKey, runtime::UsageDocument> documents(const CheckedSide& side) {
  std::map<ExampleKey, runtime::UsageDocument> documents;
  const std::vector<const CheckedCard*> cards = side.cards();
  std::vector<const dsl::RateCard*> offers;
  for (const CheckedCard* card : cards) offers.push_back(&card->card);
  for (const CheckedCard* card : cards) {
    if (!side.wants(*card)) continue;
    for (const dsl::Example& example : card->card.examples) {
      auto document = runtime::document_of(card->card, example, offers);
      if (!document) continue;  // a version that bills some of its days is in error
      document->hash.reset();
      documents.emplace(ExampleKey{card->card.name, to_string(example.period.from),
                                   to_string(example.period.until), example.title},
                        *std::move(document));
    }
  }
  return documents;
}

std::optional<Decimal> total(const runtime::CardSet& cards, const runtime::UsageDocument& document,
                             Rerated& result) {
  const auto answer = runtime::quote(cards, document);
  if (!answer) {
    if (result.why_not.empty() && cards.versions(document.card))
      result.why_not = answer.error().faults.front().message;
    return std::nullopt;
  }
  result.currency = answer->currency;
  const auto amount = parse_decimal(answer->total, {.places_max = 4, .whole_digits_max = 34});
  return amount ? std::optional(*amount) : std::nullopt;
}

}  // namespace

std::vector<const CheckedCard*> CheckedSide::cards() const {
  std::vector<const CheckedCard*> all;
  for (const auto* cards : {&checked.cards, &checked.refuted})
    for (const CheckedCard& card : *cards) all.push_back(&card);
  std::ranges::sort(all, {}, [](const CheckedCard* card) {
    return std::tie(card->card.name, card->card.from, card->card.offer);
  });
  return all;
}

namespace {

/// ", through api of 2026-07-01" where a card's own lines are the same: what it extends moved.
std::string through(const CheckedSide& before, const CheckedCard* base, const CheckedSide& after,
                    const CheckedCard& card) {
  const auto& below = card.card.stands_on;
  if (!base || below.empty() ||
      own_lines_of(base->card, before.files, before.words) !=
          own_lines_of(card.card, after.files, after.words))
    return {};
  return fmt::format(", through {} of {}", below.front().card, to_string(below.front().from));
}

/// The cards of two sides, version by version.
class ChangedCards {
 public:
  ChangedCards(const CheckedSide& before, const CheckedSide& after)
      : before_(before), after_(after), old_cards_(versions(before)), new_cards_(versions(after)) {}

  std::vector<CardChange> all() {
    std::vector<CardChange> result;
    for (const CheckedCard* card : new_cards_) {
      if (!after_.wants(*card)) continue;
      if (const CheckedCard* base = find(old_cards_, card->card.name, card->card.from))
        add_version(*card, *base, {}, result);
      else if (const CheckedCard* moved = moved_to(*card))
        add_version(*card, *moved,
                    {{Change::Kind::Changed,
                      "from",
                      to_string(moved->card.from),
                      to_string(card->card.from),
                      {}}},
                    result);
      else
        result.push_back(added(*card));
    }
    for (const CheckedCard* card : old_cards_)
      if (before_.wants(*card) && is_gone(*card) && !moved_.contains(card))
        result.push_back({card->card.name, "version of " + to_string(card->card.from) + ": removed",
                          changes_between(without_declared(statements(before_, card), after_,
                                                           new_cards_, declared_after_),
                                          {})});
    return result;
  }

 private:
  bool is_gone(const CheckedCard& old) const {
    return !find(new_cards_, old.card.name, old.card.from);
  }

  /// An old version that begins on another day now, and says the same otherwise but for its end.
  const CheckedCard* moved_to(const CheckedCard& card) {
    const std::vector<Statement> now = statements(after_, &card);
    for (const CheckedCard* old : old_cards_) {
      if (old->card.name != card.card.name || !is_gone(*old) || moved_.contains(old)) continue;
      const auto changes = changes_between(statements(before_, old), now);
      if (!std::ranges::all_of(changes, [](const Change& each) { return each.place == "until"; }))
        continue;
      moved_.insert(old);
      return old;
    }
    return nullptr;
  }

  void add_version(const CheckedCard& card, const CheckedCard& base, std::vector<Change> changes,
                   std::vector<CardChange>& result) const {
    CardChange change{
        card.card.name,
        "version of " + to_string(card.card.from) + through(before_, &base, after_, card),
        std::move(changes)};
    std::ranges::move(changes_between(statements(before_, &base), statements(after_, &card)),
                      std::back_inserter(change.changes));
    if (!change.changes.empty()) result.push_back(std::move(change));
  }

  CardChange added(const CheckedCard& card) {
    const std::string from = to_string(card.card.from);
    CardChange change{card.card.name, "new card, from " + from, {}};
    const CheckedCard* base = version_before(new_cards_, card.card.name, card.card.from);
    const CheckedSide& base_side = base ? after_ : before_;
    if (!base) base = version_before(old_cards_, card.card.name, card.card.from);
    std::vector<Statement> now = statements(after_, &card);
    if (base)
      change.title =
          fmt::format("new version from {}, against that of {}", from, to_string(base->card.from));
    else
      now = without_declared(std::move(now), before_, old_cards_, declared_before_);
    change.title += through(base_side, base, after_, card);
    change.changes = changes_between(statements(base_side, base), now);
    return change;
  }

  using Declared = std::optional<std::set<std::string>>;

  static std::string name_of(const Statement& line) { return line.where + "\n" + line.canonical; }

  /// Leaves out the units, dimensions and meters that cards of the other side declare word for
  /// word: a card that comes or goes does not bring or take them. They are found once a side.
  static std::vector<Statement> without_declared(std::vector<Statement> lines,
                                                 const CheckedSide& side,
                                                 const std::vector<const CheckedCard*>& cards,
                                                 Declared& declared) {
    if (!declared) {
      declared.emplace();
      for (const CheckedCard* card : cards)
        for (const Statement& line : statements(side, card))
          if (line.is_declared) declared->insert(name_of(line));
    }
    std::erase_if(lines, [&](const Statement& line) {
      return line.is_declared && declared->contains(name_of(line));
    });
    return lines;
  }

  const CheckedSide &before_, &after_;
  const std::vector<const CheckedCard*> old_cards_, new_cards_;
  std::set<const CheckedCard*> moved_;  // of the old ones
  Declared declared_before_, declared_after_;
};

}  // namespace

std::vector<CardChange> card_changes(const CheckedSide& before, const CheckedSide& after) {
  return ChangedCards(before, after).all();
}

namespace {

/// Two sides that rate the same usage.
class BothSides {
 public:
  BothSides(const CheckedSide& before, const CheckedSide& after)
      : before_(card_set(before)), after_(card_set(after)) {}

  bool know(const std::string& card) const {
    return before_.versions(card) || after_.versions(card);
  }

  Rerated rate(std::string title, std::string from, const runtime::UsageDocument& document) const {
    Rerated one{.title = std::move(title),
                .card = document.card,
                .from = std::move(from),
                .currency = {},
                .before = {},
                .after = {},
                .why_not = {}};
    one.before = total(before_, document, one);
    one.after = total(after_, document, one);
    return one;
  }

 private:
  const runtime::CardSet before_, after_;
};

}  // namespace

std::vector<Rerated> rerated(const CheckedSide& before, const CheckedSide& after) {
  auto all = documents(after);
  all.merge(documents(before));
  const BothSides sides(before, after);
  std::vector<Rerated> result;
  for (const auto& [key, document] : all)
    result.push_back(sides.rate(std::get<3>(key), std::get<1>(key), document));
  return result;
}

std::vector<Rerated> rerated(const CheckedSide& before, const CheckedSide& after,
                             std::vector<SampleUsage>& samples) {
  const BothSides sides(before, after);
  std::vector<Rerated> result;
  std::erase_if(samples, [&](const SampleUsage& sample) {
    const runtime::UsageDocument& document = sample.document;
    if (!sides.know(document.card)) return false;
    const std::string day = document.period ? to_string(document.period->from)
                            : document.on   ? to_string(*document.on)
                                            : "today";
    result.push_back(sides.rate(sample.title, day, document));
    return true;
  });
  return result;
}

}  // namespace toll::cli
