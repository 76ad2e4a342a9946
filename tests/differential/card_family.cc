#include "tests/differential/card_family.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "tests/differential/card_generator.h"
#include "tests/differential/family_text.h"
#include "tests/differential/oracle.h"

namespace toll::differential {
namespace {

/// A price above cost as a card writes it, and what it comes to.
struct CostPlus {
  int64_t percent = 0;
  bool markup = false;
  RoundingMode mode = RoundingMode::Up;
  int64_t step = 1;  ///< thousandths

  std::string text(const std::string& currency) const {
    constexpr std::array<std::string_view, 4> kModes = {"up", "down", "half-up", "half-even"};
    constexpr std::array kOrder = {RoundingMode::Up, RoundingMode::Down, RoundingMode::HalfUp,
                                   RoundingMode::HalfEven};
    const auto at = std::ranges::find(kOrder, mode) - kOrder.begin();
    return fmt::format("cost with {}% {} rounded {} to 0.{:03} {}", percent,
                       markup ? "markup" : "margin", kModes[static_cast<size_t>(at)], step,
                       currency);
  }

  /// Of a cost in thousandths.
  std::string price(int64_t cost) const {
    const Fraction exact = markup ? Fraction(cost) * Fraction(100 + percent) / Fraction(100)
                                  : Fraction(cost) * Fraction(100) / Fraction(100 - percent);
    const auto rounded = static_cast<int64_t>(round_exactly(exact, Integer(step), mode));
    return fmt::format("{}.{:03}", rounded / 1000, rounded % 1000);
  }
};

/// What the units of a meter cost: ` per 10 calls`, and thousandths from each date on.
struct CostTables {
  std::string per;
  std::map<std::string, int64_t> from;
};

/// A change of a card, as the card that extends it says it.
struct Edit {
  enum class Kind { Line, Fee, Append, Remove, Add, Header } kind;
  size_t section = 0;
  std::string item = {};                ///< its name
  std::string before = {}, after = {};  ///< lines
  std::string was = {};                 ///< how `before` is told
};

struct Version {
  std::string from;
  FamilyText card;
};

class FamilyWriter {
 public:
  explicit FamilyWriter(uint64_t seed) : random_(seed) {
    in_two_currencies_ = takes(Construct::SecondCurrency, 35);
    const GeneratedCard one =
        generate_card(seed, in_two_currencies_ ? merged(kOnlyAlone, kOnlyInOne) : kOnlyAlone);
    // A second currency has the places of the first.
    if (one.constructs.has(Construct::MinorPlaces3)) other_ = "BHD";
    family_.constructs = merged(family_.constructs, one.constructs);
    card_ = read_card(one.text);
  }

  CardFamily write() {
    if (!in_two_currencies_ && random_.chance(60)) price_at_cost();
    if (random_.chance(60)) make_plans();
    family_.text = "\n" + text_of(card_);
    versions_.push_back({"2026-01-05", card_});  // as the generator dates it
    if (random_.chance(70)) add_version();
    for (const Version& version : versions_) add_members("generated", version.from, version.card);
    if (random_.chance(60)) add_deal();
    family_.text = declarations() + family_.text;
    return std::move(family_);
  }

 private:
  static const Constructs kOnlyAlone, kOnlyInOne;

  static Constructs merged(Constructs all, const Constructs& more) {
    for (size_t i = 0; i < kConstructs; ++i)
      if (more.has(static_cast<Construct>(i))) all.add(static_cast<Construct>(i));
    return all;
  }

  bool takes(Construct construct, int percent) {
    if (!random_.chance(percent)) return false;
    family_.constructs.add(construct);
    return true;
  }

  void price_at_cost();
  void make_plans();
  void drop_lines(std::vector<ItemText>& items);
  void add_version();
  void add_deal();

  std::vector<Edit> draw_edits(const FamilyText& card);
  void draw_edit(const FamilyText& card, std::vector<Edit>& edits);
  void edit_charge(const FamilyText& card, Edit edit, std::vector<Edit>& edits);
  std::optional<std::string> other_price(const std::string& price);
  static void apply(const std::vector<Edit>& edits, FamilyText& card);
  std::string line_of(const Edit& edit) const;
  std::string text_of(const std::vector<Edit>& edits, const FamilyText& card) const;

  std::string declarations() const;
  std::string text_of(const FamilyText& card) const;
  void add_members(const std::string& name, const std::string& from, const FamilyText& card);
  std::string flat(const std::string& name, const std::string& from, const FamilyText& card,
                   const std::string& plan, bool second) const;
  std::string priced(std::string line, const std::string& meter, const std::string& from) const;
  CostPlus draw_cost_plus();

  std::string said(const std::string& line) const {
    return in_two_currencies_ ? in_both(line, card_.currency, other_) : line;
  }

  Random random_;
  CardFamily family_;
  FamilyText card_;
  bool in_two_currencies_ = false;
  std::string other_ = "EUR";
  std::map<std::string, CostTables> costs_;  // by meter
  std::map<std::string, CostPlus> at_cost_;  // by text
  std::vector<Version> versions_;
  std::set<std::string> edited_;  // what one card changes the other does not
};

/// What a plan or a version cannot take in part: a pool and the charges that it pays for.
const Constructs FamilyWriter::kOnlyAlone = {Construct::InCredits, Construct::CreditShare,
                                             Construct::PoolInMoney};

/// Money as a quantity, and what is said of one currency only.
const Constructs FamilyWriter::kOnlyInOne = {Construct::Percent, Construct::IncludedShare,
                                             Construct::ShareInTiers, Construct::HugeNumber};

// ---- Cost and what is added to it --------------------------------------------------------------

CostPlus FamilyWriter::draw_cost_plus() {
  CostPlus plus;
  plus.markup = random_.chance(50);
  plus.percent = random_.between(1, plus.markup ? 300 : 90);
  constexpr std::array kModes = {RoundingMode::Up, RoundingMode::Down, RoundingMode::HalfUp,
                                 RoundingMode::HalfEven};
  constexpr std::array<int64_t, 4> kSteps = {1, 10, 50, 700};
  plus.mode = random_.pick(kModes);
  plus.step = random_.pick(kSteps);
  family_.constructs.add(plus.markup ? Construct::CostMarkup : Construct::CostMargin);
  at_cost_[plus.text(card_.currency)] = plus;
  return plus;
}

void FamilyWriter::price_at_cost() {
  for (ItemText& item : card_.sections.front().items) {
    if (!item.is("charge")) continue;
    for (std::string& row : item.body) {
      const std::string price = price_of(row);
      const std::string unit = " " + card_.currency + " per ";
      const size_t per = price.find(unit);
      if (per == price.npos || price.contains('+') || price.contains(" started ") ||
          !random_.chance(70))
        continue;
      CostTables& costs = costs_[item.meter()];
      if (costs.per.empty()) {
        costs.per = price.substr(per + unit.size() - 5);
        costs.from["2026-01-01"] = random_.between(1'000, 99'999);
        if (takes(Construct::NewerCost, 50))
          costs.from["2026-05-01"] = random_.between(1'000, 99'999);
      }
      row.resize(row.size() - price.size());
      row += draw_cost_plus().text(card_.currency);
    }
  }
}

std::string FamilyWriter::priced(std::string line, const std::string& meter,
                                 const std::string& from) const {
  const auto costs = costs_.find(meter);
  if (costs == costs_.end()) return line;
  const int64_t cost = std::prev(costs->second.from.upper_bound(from))->second;
  for (const auto& [text, plus] : at_cost_) {
    const size_t at = line.find(text);
    if (at == line.npos) continue;
    return line.replace(at, text.size(),
                        plus.price(cost) + " " + card_.currency + costs->second.per);
  }
  return line;
}

// ---- Plans -------------------------------------------------------------------------------------

/// The items from a place on belong to one plan, and with other prices to another. A limit that
/// closes a table stays with all of them, a commitment goes where everything that it counts is.
void FamilyWriter::make_plans() {
  family_.constructs.add(Construct::Plan);
  std::vector<ItemText>& common = card_.sections.front().items;
  const auto place = static_cast<std::ptrdiff_t>(random_.below(common.size() + 1));
  const auto stays = [](const ItemText& item) { return item.is("limit"); };
  std::vector<ItemText> own(common.begin() + place, common.end());
  common.erase(common.begin() + place, common.end());
  std::ranges::copy_if(own, std::back_inserter(common), stays);
  std::erase_if(own, stays);
  std::ranges::copy_if(common, std::back_inserter(own),
                       [](const ItemText& item) { return item.is("commit"); });
  std::erase_if(common, [](const ItemText& item) { return item.is("commit"); });

  std::vector<ItemText> others = own;
  for (ItemText& item : others) {
    for (std::string& line : item.body) {
      const std::string price = price_of(line);
      const auto other = price.empty() ? std::nullopt : other_price(price);
      if (other && random_.chance(50))
        line.replace(line.size() - price.size(), price.size(), *other);
    }
  }
  if (random_.chance(50)) drop_lines(others);
  card_.sections.push_back({"lite", others});
  card_.sections.push_back({"pro", own});
}

/// Of lines that act on what stands above them one plan may have some that the other has not.
void FamilyWriter::drop_lines(std::vector<ItemText>& items) {
  const auto goes = [&](const std::string& line) {
    return (line.starts_with("minimum ") || line.starts_with("discount ")) && random_.chance(40);
  };
  for (ItemText& item : items) std::erase_if(item.body, goes);
  std::erase_if(items, [&](const ItemText& item) { return item.is("bill") && random_.chance(40); });
}

// ---- Cards that extend others ------------------------------------------------------------------

std::optional<std::string> FamilyWriter::other_price(const std::string& price) {
  if (at_cost_.contains(price)) return draw_cost_plus().text(card_.currency);
  return with_other_number(price);
}

/// Whether another item speaks of this one.
bool is_named(const FamilyText& card, const std::string& name) {
  size_t lines = 0;
  for (const SectionText& section : card.sections) {
    for (const ItemText& item : section.items) {
      lines += item.head.contains(" " + name);
      for (const std::string& line : item.body) lines += line.contains(name);
    }
  }
  return lines > 1;
}

void FamilyWriter::edit_charge(const FamilyText& card, Edit edit, std::vector<Edit>& edits) {
  const auto& items = card.sections[edit.section].items;
  const auto item = std::ranges::find_if(
      items, [&](const ItemText& one) { return one.is("charge") && one.name() == edit.item; });
  const bool shared = std::ranges::any_of(item->body, [](const std::string& line) {
    return line.ends_with(" shared") && !line.starts_with("included");
  });
  if (!shared && random_.chance(30)) {
    family_.constructs.add(Construct::AddedLine);
    edit.kind = Edit::Kind::Append;
    edit.after = fmt::format("discount {}%", random_.between(1, 30));
    edits.push_back(edit);
  }
  for (const std::string& line : item->body) {
    const std::string key = fmt::format("{}/{}/{}", edit.section, edit.item, line);
    // `included at …` is a row of the value of that name.
    const bool included =
        line.starts_with("included ") && !line.contains('%') && line[9] >= '0' && line[9] <= '9';
    const std::string price = included ? line.substr(9) : price_of(line);
    if (price.empty() || !random_.chance(40) || edited_.contains(key)) continue;
    const auto other = included ? with_other_number(price) : other_price(price);
    if (!other || *other == price) continue;
    family_.constructs.add(included ? Construct::ChangedIncluded : Construct::ChangedRow);
    edited_.insert(key);
    edit.kind = Edit::Kind::Line;
    edit.before = line;
    edit.after = line.substr(0, line.size() - price.size()) + *other;
    edit.was = at_cost_.contains(price) || !random_.chance(40) ? price : in_other_digits(price);
    edited_.insert(fmt::format("{}/{}/{}", edit.section, edit.item, edit.after));
    edits.push_back(edit);
  }
}

void FamilyWriter::draw_edit(const FamilyText& card, std::vector<Edit>& edits) {
  const size_t section = random_.below(card.sections.size());
  const auto& items = card.sections[section].items;
  if (items.empty()) return;
  const ItemText& item = random_.pick(items);
  Edit edit{.kind = Edit::Kind::Line, .section = section, .item = item.name()};
  const std::string key = fmt::format("{}/{}", section, edit.item);
  if (item.is("charge")) {
    if (edited_.insert(key).second) edit_charge(card, edit, edits);
  } else if (item.is("fee") && edited_.insert(key).second) {
    edit.before = item.head;
    if (!is_named(card, edit.item) && takes(Construct::Removed, 40)) {
      edit.kind = Edit::Kind::Remove;
      edits.push_back(edit);
      return;
    }
    const size_t at = item.head.find(" at ") + 4;
    const std::string price = item.head.substr(at, item.head.find(", ", at) - at);
    const auto other = with_other_number(price);
    if (!other) return;
    family_.constructs.add(Construct::ChangedFee);
    edit.kind = Edit::Kind::Fee;
    edit.was = in_other_digits(price);
    edit.after = std::string(item.head).replace(at, price.size(), *other);
    edits.push_back(edit);
  }
}

std::vector<Edit> FamilyWriter::draw_edits(const FamilyText& card) {
  std::vector<Edit> edits;
  for (int i = 0; i < 4; ++i) draw_edit(card, edits);
  if (edited_.insert("new").second && takes(Construct::AddedItem, 50))
    edits.push_back({.kind = Edit::Kind::Add,
                     .section = random_.below(card.sections.size()),
                     .item = "fee_new",
                     .after = fmt::format("fee fee_new \"New\" at {} {} per {}, prorated by day",
                                          random_.between(1, 99), card.currency, card.period)});
  const auto round = std::ranges::find_if(
      card.header, [](const std::string& line) { return line.starts_with("round "); });
  if (edited_.insert("round").second && takes(Construct::ChangedHeader, 30)) {
    Edit edit{.kind = Edit::Kind::Header, .before = *round, .after = *round};
    const size_t mode = edit.after.find(' ', edit.after.find("each ") + 5) + 1;
    const size_t end = std::min(edit.after.find(' ', mode), edit.after.size());
    edit.after.replace(mode, end - mode,
                       edit.after.substr(mode, end - mode) == "down" ? "up" : "down");
    edits.push_back(edit);
  }
  return edits;
}

void FamilyWriter::apply(const std::vector<Edit>& edits, FamilyText& card) {
  for (const Edit& edit : edits) {
    auto& items = card.sections[edit.section].items;
    const auto item = std::ranges::find_if(
        items, [&](const ItemText& one) { return one.name() == edit.item && !one.is("limit"); });
    switch (edit.kind) {
      case Edit::Kind::Line:
        *std::ranges::find(item->body, edit.before) = edit.after;
        break;
      case Edit::Kind::Fee:
        item->head = edit.after;
        break;
      case Edit::Kind::Append:
        item->body.push_back(edit.after);
        break;
      case Edit::Kind::Remove:
        items.erase(item);
        break;
      case Edit::Kind::Add:
        items.push_back({edit.after, {}});
        break;
      case Edit::Kind::Header:
        *std::ranges::find(card.header, edit.before) = edit.after;
        break;
    }
  }
}

std::string FamilyWriter::line_of(const Edit& edit) const {
  switch (edit.kind) {
    case Edit::Kind::Line:
      return fmt::format("{}, was {}", said(edit.after), said(edit.was));
    case Edit::Kind::Fee: {
      const std::string price = edit.after.substr(edit.after.find(" at ") + 4);
      return fmt::format("change fee {} at {}, was {}", edit.item,
                         said(price.substr(0, price.find(", "))), said(edit.was));
    }
    case Edit::Kind::Remove:
      return "remove fee " + edit.item;
    default:
      return said(edit.after);
  }
}

std::string FamilyWriter::text_of(const std::vector<Edit>& edits, const FamilyText& card) const {
  std::string text;
  for (size_t section = 0; section < card.sections.size(); ++section) {
    const std::string indent(section == 0 ? 2 : 4, ' ');
    std::string lines;
    for (const Edit& edit : edits) {
      if (edit.section != section || edit.kind == Edit::Kind::Header) continue;
      const bool of_charge = edit.kind == Edit::Kind::Line || edit.kind == Edit::Kind::Append;
      if (of_charge) lines += fmt::format("{}change charge {}\n  ", indent, edit.item);
      lines += indent + line_of(edit) + "\n";
    }
    if (!lines.empty() && section > 0)
      text += fmt::format("  plan {}\n", card.sections[section].plan);
    text += lines;
  }
  return text;
}

/// The header lines that a card which extends another one says itself.
std::string header_of(const std::vector<Edit>& edits) {
  std::string text;
  for (const Edit& edit : edits)
    if (edit.kind == Edit::Kind::Header) text += "  " + edit.after + "\n";
  return text;
}

void FamilyWriter::add_version() {
  family_.constructs.add(Construct::Version);
  const std::map<std::string, std::string> kFrom = {{"day", "2027-01-09"},
                                                    {"week", "2027-01-04"},
                                                    {"month", "2027-02-01"},
                                                    {"quarter", "2027-04-01"},
                                                    {"year", "2028-01-01"}};
  const std::string from = kFrom.at(card_.period);
  const std::vector<Edit> edits = draw_edits(card_);
  family_.text += fmt::format("\ncard generated extends previous\n  from {}\n", from) +
                  header_of(edits) + "  applies to everyone\n" + text_of(edits, card_);
  FamilyText next = card_;
  apply(edits, next);
  versions_.push_back({from, std::move(next)});
}

/// One deal, which is a card for each version: from its own first day, or from the version's.
void FamilyWriter::add_deal() {
  family_.constructs.add(Construct::Deal);
  const std::string first = random_.chance(50) ? "2026-03-01" : "2026-06-01";
  const std::vector<Edit> edits = draw_edits(versions_.front().card);
  family_.text +=
      fmt::format("\ncard agreed extends generated\n  for customer acme\n  from {}\n", first);
  family_.text += header_of(edits) + text_of(edits, card_);
  for (Version version : versions_) {
    apply(edits, version.card);
    add_members("agreed", std::max(version.from, first), version.card);
  }
}

// ---- Texts -------------------------------------------------------------------------------------

std::string FamilyWriter::declarations() const {
  std::string text = card_.declarations;
  for (const auto& [meter, costs] : costs_)
    for (const auto& [from, cost] : costs.from)
      text +=
          fmt::format("\ncost cost_of_{}_{} on {}\n  from {}\n  currency {}\n  at {}.{:03} {}{}\n",
                      meter, from.substr(5, 2), meter, from, card_.currency, cost / 1000,
                      cost % 1000, card_.currency, costs.per);
  return text;
}

/// The card as it is sold: in all plans and currencies.
std::string FamilyWriter::text_of(const FamilyText& card) const {
  std::string text = "card generated\n";
  for (const std::string& line : card.header) {
    const bool both = in_two_currencies_ && line.starts_with("currency ");
    text += fmt::format("  {}{}\n", line, both ? ", " + other_ : "");
  }
  for (const SectionText& section : card.sections) {
    const std::string indent(section.plan.empty() ? 2 : 4, ' ');
    if (!section.plan.empty()) text += fmt::format("  plan {} \"A plan\"\n", section.plan);
    for (const ItemText& item : section.items) {
      text += indent + said(item.head) + "\n";
      for (const std::string& line : item.body) text += indent + "  " + said(line) + "\n";
    }
  }
  return text;
}

std::string FamilyWriter::flat(const std::string& name, const std::string& from,
                               const FamilyText& card, const std::string& plan, bool second) const {
  const auto said_alone = [&](const std::string& line) {
    return second ? in_other(line, card.currency, other_) : line;
  };
  std::string text = card.declarations + fmt::format("\ncard {}\n", name);
  for (const std::string& line : card.header) {
    std::string header = line.starts_with("from ") ? "from " + from : line;
    // What lines are rounded to is said in the first currency.
    if (second && line.starts_with("round ")) header = line.substr(0, line.find(" to "));
    if (second && line.starts_with("currency ")) header = "currency " + other_;
    text += "  " + header + "\n";
  }
  for (const SectionText& section : card.sections) {
    if (!section.plan.empty() && section.plan != plan) continue;
    for (const ItemText& item : section.items) {
      text += "  " + said_alone(item.head) + "\n";
      for (const std::string& line : item.body)
        text +=
            "    " + said_alone(priced(line, item.is("charge") ? item.meter() : "", from)) + "\n";
    }
  }
  return text;
}

void FamilyWriter::add_members(const std::string& name, const std::string& from,
                               const FamilyText& card) {
  for (const SectionText& section : card.sections) {
    const bool in_common = section.plan.empty();
    if (in_common && card.sections.size() > 1 &&
        std::ranges::none_of(section.items, &ItemText::bills))
      continue;
    family_.members.push_back(
        {name, from, section.plan, card.currency, flat(name, from, card, section.plan, false)});
    if (in_two_currencies_)
      family_.members.push_back(
          {name, from, section.plan, other_, flat(name, from, card, section.plan, true)});
  }
}

}  // namespace

CardFamily generate_family(uint64_t seed) { return FamilyWriter(seed).write(); }

}  // namespace toll::differential
