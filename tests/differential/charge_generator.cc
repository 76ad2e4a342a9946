// Charges at random: quantity lines, tables of rows and tiers, money lines.
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/differential/draft.h"

namespace toll::differential {
namespace {

/// Values of a row's keys, or kAny.
using Keys = std::vector<size_t>;
constexpr size_t kAny = ~size_t{0};

constexpr uint64_t kCellsMax = 125;
constexpr uint64_t kRowsOfOwnMax = 4;

class ChargeWriter {
 public:
  ChargeWriter(CardDraft& card, MeterDraft& meter, const std::string& name, const ChargeWish& wish)
      : card_(card), random_(card.random), meter_(meter), name_(name), wish_(wish) {
    const bool is_share = wish.is_taken_from || !wish.share_of.empty();
    in_credits_ = is_share ? meter.counts_credits
                           : !meter.counts_money && card_.wants(Construct::InCredits, 40);
    if (in_credits_) {
      card_.used.add(Construct::InCredits);
      card_.in_credits.push_back(name);
    }
    if (meter.grain == dsl::Grain::Cell) return;
    if (!meter.has_shares && random_.chance(20)) return;
    grain_ = meter.grain;
    card_.used.add(by_item() ? Construct::EachItem : Construct::EachDay);
  }

  std::string write() {
    choose_by();
    choose_split();
    write_head();
    if (!split_) write_quantity_lines();
    choose_tiers();
    if (tiers_)
      line(fmt::format("tiers {}{}", kTierNames[static_cast<size_t>(*tiers_)], chooser()));
    write_rows();
    write_money_lines();
    return std::move(text_);
  }

 private:
  enum class Tiers { Graduated, Volume, Stairstep };
  static constexpr std::array<std::string_view, 3> kTierNames = {"graduated", "volume",
                                                                 "stairstep"};

  void line(const std::string& text) { text_ += "    " + text + "\n"; }

  void choose_by();
  void choose_split();
  void choose_tiers();
  std::string chooser() const;
  void write_head();
  void write_quantity_lines();
  void add_allowances(std::vector<std::string>& lines);
  void add_allowances_of_items(std::vector<std::string>& lines);

  std::vector<Keys> draw_keys();
  void add_patterns(std::vector<Keys>& rows);
  std::vector<Keys> all_cells() const;
  std::string key_text(const Keys& keys) const;
  void write_rows();
  void write_tiers(const std::string& keys);
  void write_up_to_zero(const std::string& keys);
  void close(const Literal& bound);
  std::string price();
  std::string term(bool flat_only);
  std::string amount();
  std::string amount(int64_t minor);

  void write_money_lines();
  void write_split_discounts();
  void write_money_line();
  void write_shared_line();
  int64_t bound(bool minimum);
  std::string reach();
  std::string by_day(bool shared = false);
  std::string condition(size_t dimension);

  std::string unit() const { return in_credits_ ? "credits" : card_.currency; }
  bool by_item() const { return grain_ == dsl::Grain::Item; }
  const DimensionDraft& dimension(size_t i) const { return card_.dimensions[by_[i]]; }

  CardDraft& card_;
  Random& random_;
  MeterDraft& meter_;
  const std::string& name_;
  const ChargeWish& wish_;
  dsl::Grain grain_ = dsl::Grain::Cell;
  bool in_credits_ = false;
  std::vector<size_t> by_;       // into CardDraft::dimensions
  std::vector<size_t> outside_;  // dimensions of the meter that are not in `by`
  bool split_ = false;           // whether a condition outside `by` is to be legal
  bool rounded_up_ = false;      // whether quantities may be lifted above a limit
  std::optional<Tiers> tiers_;
  bool across_rows_ = false;
  MeterDraft* bounds_ = nullptr;  // the meter whose unit the bounds are in
  int64_t middle_ = 0;  // minimums stay at or below it, maximums at or above it, in minor units
  std::string text_;
};

void ChargeWriter::choose_by() {
  std::vector<size_t> dimensions = meter_.dimensions;
  random_.shuffle(dimensions);
  uint64_t cells = 1;
  const uint64_t cells_max = card_.allowed.has(Construct::Any) ? kCellsMax : kRowsOfOwnMax;
  for (size_t index : dimensions) {
    const size_t values = card_.dimensions[index].values.size();
    if (cells * values > cells_max || random_.chance(25) || !wish_.share_of.empty()) {
      outside_.push_back(index);
    } else {
      by_.push_back(index);
      cells *= values;
    }
  }
  constexpr std::array kByCount = {Construct::ByNone, Construct::ByOne, Construct::ByTwo,
                                   Construct::ByThree};
  card_.used.add(kByCount[by_.size()]);
  if (!outside_.empty()) card_.used.add(Construct::UnusedDimension);
}

void ChargeWriter::choose_split() {
  split_ = grain_ == dsl::Grain::Cell && wish_.share_of.empty() && !outside_.empty() &&
           card_.wants(Construct::WhenOutsideBy, 70);
  middle_ = static_cast<int64_t>(random_.between(1, 50) * 1000);
}

void ChargeWriter::choose_tiers() {
  if (split_) return;
  constexpr std::array kKinds = {Construct::Graduated, Construct::Volume, Construct::Stairstep};
  const auto kind = random_.below(kKinds.size());
  if (card_.takes(kKinds[kind], 60)) tiers_ = static_cast<Tiers>(kind);
  bounds_ = &meter_;
  if (tiers_ != Tiers::Volume || grain_ != dsl::Grain::Cell) return;
  const auto own = static_cast<size_t>(&meter_ - card_.meters.data());
  MeterDraft& other = card_.meters[(own + 1) % card_.meters.size()];
  if (&other != &meter_ && card_.takes(Construct::TiersByMeter, 75)) {
    bounds_ = &other;
    other.chooses = true;
  } else if (!by_.empty()) {
    across_rows_ = card_.takes(Construct::AcrossRows, 80);
  }
}

std::string ChargeWriter::chooser() const {
  if (across_rows_) return " across rows";
  return bounds_ == &meter_ ? "" : " by " + bounds_->name;
}

void ChargeWriter::write_head() {
  text_ = "  charge " + name_;
  if (random_.chance(50)) text_ += fmt::format(" \"Use of {}\"", meter_.name);
  if (name_ != meter_.name || random_.chance(20)) text_ += " on " + meter_.name;
  std::vector<std::string> names;
  for (size_t index : by_) names.push_back(card_.dimensions[index].name);
  if (!names.empty()) text_ += fmt::format(" by {}", fmt::join(names, ", "));
  if (grain_ != dsl::Grain::Cell) text_ += by_item() ? " each item" : " each day";
  text_ += "\n";
}

void ChargeWriter::write_quantity_lines() {
  std::vector<std::string> lines;
  if (!wish_.share_of.empty()) {
    card_.used.add(in_credits_ ? Construct::CreditShare : Construct::IncludedShare);
    lines.push_back(fmt::format("included {} of {}", draw_percent(card_, 250), wish_.share_of));
  } else if (grain_ == dsl::Grain::Cell) {
    add_allowances(lines);
  } else {
    add_allowances_of_items(lines);
  }
  using Mode = std::pair<Construct, std::string_view>;
  constexpr std::array kModes = {
      Mode{Construct::RoundedHalfUp, "half-up"}, Mode{Construct::RoundedHalfEven, "half-even"},
      Mode{Construct::RoundedUp, "up"}, Mode{Construct::RoundedDown, "down"}};
  for (int i = 0; i < 2; ++i) {
    const auto& [construct, mode] = random_.pick(kModes);
    if (!card_.takes(construct, 20)) continue;
    lines.push_back(fmt::format("rounded {} to {}", mode, draw_quantity(card_, meter_).text));
    if (construct != Construct::RoundedDown) rounded_up_ = true;
  }
  random_.shuffle(lines);
  for (const auto& text : lines) line(text);
}

void ChargeWriter::add_allowances_of_items(std::vector<std::string>& lines) {
  std::vector<std::string> shared;
  if (card_.takes(Construct::FreeCount, 30))
    shared.push_back(fmt::format("included {} {} shared", random_.between(0, 4),
                                 by_item() || random_.chance(50) ? meter_.name : "days"));
  if (card_.takes(Construct::FreeSum, 30))
    shared.push_back("included " + draw_quantity(card_, meter_).text + " shared");
  random_.shuffle(shared);
  if (!shared.empty()) lines.push_back(fmt::format("{}", fmt::join(shared, "\n    ")));
  if (card_.takes(Construct::IncludedEach, 30))
    lines.push_back("included " + draw_quantity(card_, meter_).text + " each");
}

void ChargeWriter::add_allowances(std::vector<std::string>& lines) {
  std::string included = "included " + draw_quantity(card_, meter_).text;
  const bool prorated = card_.wants(Construct::IncludedProrated, 40);
  const std::string_view longer = card_.period == "day"     ? "week"
                                  : card_.period == "month" ? "quarter"
                                                            : "year";
  const bool to_date = !prorated && card_.period != "week" && card_.period != "year" &&
                       card_.wants(Construct::IncludedToDate, 50);
  if (prorated) included += " prorated";
  if (to_date) included += fmt::format(" per {}", longer);
  if (by_.empty()) {
    if (card_.takes(Construct::Included, 30)) lines.push_back(included);
  } else if (card_.takes(Construct::IncludedShared, 25)) {
    lines.push_back(included + " shared");
  } else if (!to_date && card_.takes(Construct::IncludedInEachRow, 25)) {
    lines.push_back(included + " in each row");
  }
  if (prorated && !lines.empty()) card_.used.add(Construct::IncludedProrated);
  if (to_date && !lines.empty()) card_.used.add(Construct::IncludedToDate);
}

// ---- Tables ------------------------------------------------------------------------------------

std::vector<Keys> ChargeWriter::all_cells() const {
  std::vector<Keys> cells = {{}};
  for (size_t i = 0; i < by_.size(); ++i) {
    std::vector<Keys> longer;
    for (const auto& cell : cells) {
      for (size_t value = 0; value < dimension(i).values.size(); ++value) {
        longer.push_back(cell);
        longer.back().push_back(value);
      }
    }
    cells = std::move(longer);
  }
  return cells;
}

template <typename Values, typename Value>
bool has(const Values& values, const Value& value) {
  return std::ranges::find(values, value) != values.end();
}

bool covers(const Keys& row, const Keys& cell) {
  return std::ranges::equal(row, cell,
                            [](size_t key, size_t value) { return key == kAny || key == value; });
}

/// The rows that win a cell: all that have the fewest wildcards among those that cover it.
std::vector<Keys> winners(const std::vector<Keys>& rows, const Keys& cell) {
  const auto wildcards = [](const Keys& keys) { return std::ranges::count(keys, kAny); };
  std::vector<Keys> best;
  for (const auto& row : rows) {
    if (!covers(row, cell)) continue;
    if (!best.empty() && wildcards(row) > wildcards(best.front())) continue;
    if (!best.empty() && wildcards(row) < wildcards(best.front())) best.clear();
    best.push_back(row);
  }
  return best;
}

/// Rows with wildcards at random, and one for all where cells would be left over.
void ChargeWriter::add_patterns(std::vector<Keys>& rows) {
  const auto count = random_.between(0, 3);
  for (int i = 0; i < count; ++i) {
    Keys keys;
    for (size_t d = 0; d < by_.size(); ++d)
      keys.push_back(random_.chance(40) ? kAny : random_.below(dimension(d).values.size()));
    if (!has(rows, keys)) rows.push_back(keys);
  }
  const Keys rest(by_.size(), kAny);
  uint64_t uncovered = 0;
  for (const auto& cell : all_cells()) uncovered += winners(rows, cell).empty();
  const bool needed = uncovered > kRowsOfOwnMax || random_.chance(50);
  if (needed && !has(rows, rest)) rows.push_back(rest);
}

/// The key sets of a complete table without ties, each reached, in random order.
std::vector<Keys> ChargeWriter::draw_keys() {
  std::vector<Keys> rows;
  const auto cells = all_cells();
  if (!by_.empty() && (cells.size() > kRowsOfOwnMax || card_.wants(Construct::Any, 60)))
    add_patterns(rows);
  for (const auto& cell : cells) {
    if (winners(rows, cell).size() != 1) rows.push_back(cell);
  }
  std::set<Keys> reached;
  for (const auto& cell : cells) reached.insert(winners(rows, cell).front());
  rows.assign(reached.begin(), reached.end());
  random_.shuffle(rows);
  for (const auto& row : rows)
    if (has(row, kAny)) card_.used.add(Construct::Any);
  return rows;
}

std::string ChargeWriter::key_text(const Keys& keys) const {
  std::vector<std::string> words;
  for (size_t i = 0; i < keys.size(); ++i)
    words.push_back(keys[i] == kAny ? "any" : dimension(i).values[keys[i]]);
  return words.empty() ? "" : fmt::format("{} ", fmt::join(words, ", "));
}

void ChargeWriter::write_rows() {
  bool tiered = false;
  for (const auto& row : draw_keys()) {
    const std::string keys = key_text(row);
    if (tiers_ && (!tiered || !card_.takes(Construct::Untiered, 25))) {
      write_tiers(keys);
      tiered = true;
    } else if (!split_ && !in_credits_ && card_.takes(Construct::Free, 5)) {
      line(keys + "free");
    } else {
      line(keys + "at " + price());
    }
  }
}

void ChargeWriter::write_up_to_zero(const std::string& keys) {
  const UnitDraft& unit = bounds_->family.units[bounds_->unit];
  const bool flat = tiers_ == Tiers::Stairstep || random_.chance(70);
  line(fmt::format("{}up to 0 {} at {}", keys, unit.plural, flat ? term(true) : price()));
}

/// The rows of one key set: bounds that rise, then `beyond` or a limit.
void ChargeWriter::write_tiers(const std::string& keys) {
  std::vector<Literal> bounds;
  const auto count = random_.between(0, 2);
  for (int i = 0; i < count; ++i) {
    Literal bound = draw_quantity(card_, *bounds_);
    const auto same = [&](const Literal& other) { return other.value == bound.value; };
    if (std::ranges::none_of(bounds, same)) bounds.push_back(std::move(bound));
  }
  std::ranges::sort(bounds, {}, &Literal::value);
  if (!across_rows_ && card_.takes(Construct::UpToZero, 15)) write_up_to_zero(keys);
  for (const auto& bound : bounds) {
    const bool free = !in_credits_ && card_.takes(Construct::Free, 10);
    line(keys + "up to " + bound.text + (free ? " free" : " at " + price()));
  }
  if (!bounds.empty() && !rounded_up_ && card_.takes(Construct::Closed, 30)) {
    close(bounds.back());
  } else {
    line(keys + "beyond at " + price());
  }
}

void ChargeWriter::close(const Literal& bound) {
  if (!bounds_->closing || bound.value < bounds_->closing->value) bounds_->closing = bound;
}

/// A fixed amount: of credits a whole number.
std::string ChargeWriter::amount() {
  return in_credits_ ? amount(random_.between(1, 999)) : draw_amount(card_).text;
}

std::string ChargeWriter::amount(int64_t minor) {
  return in_credits_ ? fmt::format("{} credits", minor) : amount_literal(card_, minor).text;
}

std::string ChargeWriter::term(bool flat_only) {
  const bool per_unit_only = split_;
  const auto fixed = [&] {
    return in_credits_ && random_.chance(50) ? draw_price(card_).text + " credits" : amount();
  };
  if (by_item() && card_.takes(Construct::AmountPerItem, flat_only ? 50 : 20)) return fixed();
  if (!flat_only && !in_credits_ && meter_.counts_money && card_.takes(Construct::Percent, 50))
    return draw_percent(card_, 250);
  if (flat_only || (!per_unit_only && card_.wants(Construct::Flat, 15))) {
    card_.used.add(Construct::Flat);
    return fixed() + " flat";
  }
  const bool started = !per_unit_only && card_.takes(Construct::PerStarted, 30);
  if (!started) card_.used.add(Construct::PerUnit);
  return draw_price(card_).text + " " + unit() + draw_per(card_, meter_, started);
}

std::string ChargeWriter::price() {
  const bool flat_only = tiers_ == Tiers::Stairstep;
  std::string text = term(flat_only);
  while (card_.takes(Construct::Sum, 15)) text += " + " + term(flat_only);
  return text;
}

// ---- Money lines -------------------------------------------------------------------------------

/// ` when kind is input or output`: some of the values, never all.
std::string ChargeWriter::condition(size_t dimension) {
  std::vector<std::string> values = card_.dimensions[dimension].values;
  random_.shuffle(values);
  values.resize(1 + random_.below(std::max<size_t>(1, values.size() - 1)));
  return fmt::format(" when {} is {}", card_.dimensions[dimension].name, fmt::join(values, " or "));
}

std::string ChargeWriter::reach() {
  if (grain_ != dsl::Grain::Cell) {
    card_.used.add(Construct::AmountEach);
    return " each";
  }
  if (by_.empty()) return "";
  card_.used.add(Construct::AmountInEachRow);
  return " in each row";
}

std::string ChargeWriter::by_day(bool shared) {
  if (in_credits_ || (!shared && grain_ != dsl::Grain::Cell)) return "";
  return card_.takes(Construct::BoundProrated, 30) ? " prorated by day" : "";
}

int64_t ChargeWriter::bound(bool minimum) {
  int64_t amount = minimum ? random_.between(1, middle_) : middle_ + random_.between(0, 100'000);
  if (!minimum && card_.takes(Construct::HugeNumber, 20)) amount *= 10'000'000'000;
  return amount;
}

void ChargeWriter::write_split_discounts() {
  const auto count = random_.between(1, 2);
  for (int i = 0; i < count; ++i) {
    if (random_.chance(20)) line("surcharge " + draw_percent(card_, 40));
    const bool discount = random_.chance(60);
    card_.used.add(Construct::WhenOutsideBy);
    card_.used.add(discount ? Construct::DiscountPercent : Construct::SurchargePercent);
    line((discount ? "discount " : "surcharge ") + draw_percent(card_, discount ? 100 : 250) +
         condition(random_.pick(outside_)));
  }
}

void ChargeWriter::write_money_line() {
  std::string text;
  switch (random_.below(6)) {
    case 0:
      if (card_.takes(Construct::DiscountPercent, 60))
        text = "discount " + draw_percent(card_, 100);
      break;
    case 1:
      if (card_.takes(Construct::SurchargePercent, 60))
        text = "surcharge " + draw_percent(card_, 250);
      break;
    case 2:
      if (card_.takes(Construct::DiscountAmount, 60)) text = "discount " + amount() + reach();
      break;
    case 3:
      if (card_.takes(Construct::SurchargeAmount, 60)) text = "surcharge " + amount() + reach();
      break;
    case 4:
      if (card_.takes(Construct::Minimum, 60))
        text = "minimum " + amount(bound(true)) + by_day() + reach();
      break;
    default:
      if (card_.takes(Construct::Maximum, 60))
        text = "maximum " + amount(bound(false)) + by_day() + reach();
  }
  if (text.empty()) return;
  if (by_item() && !meter_.dimensions.empty() && card_.takes(Construct::WhenOfItem, 80))
    text += condition(random_.pick(meter_.dimensions));
  else if (!by_.empty() && card_.takes(Construct::WhenInBy, 30))
    text += condition(random_.pick(by_));
  line(text);
}

void ChargeWriter::write_shared_line() {
  const auto bound_text = [&](bool minimum) { return amount_literal(card_, bound(minimum)).text; };
  switch (random_.below(4)) {
    case 0:
      if (card_.takes(Construct::DiscountShared, 50))
        line("discount " + draw_line_amount(card_).text + " shared");
      break;
    case 1:
      if (card_.takes(Construct::SurchargeShared, 50))
        line("surcharge " + draw_line_amount(card_).text + " shared");
      break;
    case 2:
      if (card_.takes(Construct::MinimumShared, 50))
        line("minimum " + bound_text(true) + by_day(true) + " shared");
      break;
    default:
      if (card_.takes(Construct::MaximumShared, 50))
        line("maximum " + bound_text(false) + by_day(true) + " shared");
  }
}

void ChargeWriter::write_money_lines() {
  if (split_) write_split_discounts();
  const auto count = random_.between(0, 2);
  for (int i = 0; i < count; ++i) write_money_line();
  if (in_credits_ || wish_.is_taken_from || (by_.empty() && grain_ == dsl::Grain::Cell)) return;
  while (random_.chance(40)) write_shared_line();
}

}  // namespace

std::string draw_charge(CardDraft& card, MeterDraft& meter, const std::string& name,
                        const ChargeWish& wish) {
  if (meter.charges++ > 0) card.used.add(Construct::SharedMeter);
  return ChargeWriter(card, meter, name, wish).write();
}

}  // namespace toll::differential
