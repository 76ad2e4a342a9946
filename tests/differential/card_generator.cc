#include "tests/differential/card_generator.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/differential/draft.h"

namespace toll::differential {
namespace {

/// Words that are keywords somewhere else are good names of values.
constexpr std::array<std::string_view, 15> kValueNames = {
    "standard", "gpt-4.1-mini", "EU_west", "paid", "included", "card", "tiers", "lead.qualified",
    "when",     "shared",       "x86",     "bill", "flat",     "per",  "Limit"};

class CardWriter {
 public:
  CardWriter(uint64_t seed, const Constructs& without)
      : card_(seed, without), random_(card_.random) {}

  GeneratedCard write() {
    const std::string header = draw_header();
    draw_dimensions();
    draw_meters();
    std::vector<std::string> items;
    add_charges(items);
    add_fees(items);
    add_bill_lines(items);
    add_limits(items);
    add_pools(items);
    random_.shuffle(items);
    add_shares(items);
    add_commitments(items);
    return {declarations() + header + fmt::format("{}", fmt::join(items, "")), card_.used};
  }

 private:
  void draw_dimensions();
  void draw_meters();
  std::string draw_header();
  void add_charges(std::vector<std::string>& items);
  void add_fees(std::vector<std::string>& items);
  std::string draw_longer_time();
  void add_bill_lines(std::vector<std::string>& items);
  void add_limits(std::vector<std::string>& items);
  void add_shares(std::vector<std::string>& items);
  void add_pools(std::vector<std::string>& items);
  std::string draw_beyond();
  std::vector<std::string> lines_of(std::span<const std::string> items) const;
  void add_commitments(std::vector<std::string>& items);
  std::string event_lines(const MeterDraft& meter);
  std::string declarations();

  CardDraft card_;
  Random& random_;
};

void CardWriter::draw_dimensions() {
  const auto count = random_.between(0, 3);
  for (int i = 0; i < count; ++i) {
    DimensionDraft dimension{.name = fmt::format("dimension_{}", i), .values = {}};
    std::vector<std::string_view> names(kValueNames.begin(), kValueNames.end());
    random_.shuffle(names);
    const auto values = random_.between(1, 5);
    dimension.values.assign(names.begin(), names.begin() + values);
    if (card_.takes(Construct::Other, 40)) dimension.values.back() = "other";
    card_.dimensions.push_back(std::move(dimension));
  }
}

void CardWriter::draw_meters() {
  const auto count = random_.between(1, 2);
  for (int i = 0; i < count; ++i) {
    MeterDraft meter;
    meter.name = fmt::format("meter_{}", i);
    if (card_.wants(Construct::EachItem, 25))
      meter.grain = dsl::Grain::Item;
    else if (card_.wants(Construct::EachDay, 15))
      meter.grain = dsl::Grain::Day;
    meter.has_shares = meter.grain != dsl::Grain::Item && card_.wants(Construct::IncludedShare, 12);
    meter.counts_credits = meter.has_shares && card_.wants(Construct::CreditShare, 70);
    meter.counts_money =
        !meter.counts_credits && (meter.has_shares || card_.wants(Construct::Percent, 40));
    meter.family = meter.counts_credits ? UnitFamily{.units = {{"credit", "credits", 1}},
                                                     .declarations = {"unit credit, credits"}}
                   : meter.counts_money ? draw_money_family(card_)
                                        : draw_family(card_);
    meter.unit = random_.below(meter.family.units.size());
    for (size_t d = 0; d < card_.dimensions.size(); ++d)
      if (random_.chance(80)) meter.dimensions.push_back(d);
    random_.shuffle(meter.dimensions);
    card_.meters.push_back(std::move(meter));
  }
}

std::string CardWriter::draw_header() {
  struct CurrencyDraft {
    std::string_view code;
    int places;
    Construct construct;
  };
  constexpr std::array kCurrencies = {CurrencyDraft{"USD", 2, Construct::MinorPlaces2},
                                      CurrencyDraft{"CHF", 2, Construct::MinorPlaces2},
                                      CurrencyDraft{"JPY", 0, Construct::MinorPlaces0},
                                      CurrencyDraft{"KWD", 3, Construct::MinorPlaces3}};
  const CurrencyDraft& currency = random_.pick(kCurrencies);
  card_.used.add(currency.construct);
  card_.currency = currency.code;
  card_.minor_places = currency.places;
  constexpr std::array kPeriods = {"day", "week", "month", "quarter", "year"};
  card_.period = random_.pick(kPeriods);

  using Mode = std::pair<Construct, std::string_view>;
  constexpr std::array kModes = {
      Mode{Construct::RoundHalfUp, "half-up"}, Mode{Construct::RoundHalfEven, "half-even"},
      Mode{Construct::RoundUp, "up"}, Mode{Construct::RoundDown, "down"}};
  const auto& [mode, mode_name] = random_.pick(kModes);
  card_.used.add(mode);
  card_.rounds_bill = card_.takes(Construct::RoundEachBill, 20);
  const bool tier = !card_.rounds_bill && card_.takes(Construct::RoundEachTier, 20);
  const bool item = !card_.rounds_bill && !tier && card_.takes(Construct::RoundEachItem, 40);
  std::string round = fmt::format("round each {} {}",
                                  card_.rounds_bill ? "bill"
                                  : tier            ? "tier"
                                  : item            ? "item"
                                                    : "line",
                                  mode_name);
  constexpr std::array kSteps = {2, 5, 10, 25, 100, 700};
  if (card_.takes(Construct::RoundingStep, 30)) {
    card_.step_minor = random_.pick(kSteps);
    round += " to " + amount_literal(card_, card_.step_minor).text;
  }

  std::vector<std::string> lines = {"from 2026-01-05", "currency " + card_.currency,
                                    "period " + card_.period, round};
  random_.shuffle(lines);
  std::string text = "card generated \"A card of the generator\"\n";
  for (const auto& line : lines) text += "  " + line + "\n";
  return text;
}

void CardWriter::add_charges(std::vector<std::string>& items) {
  const int count = random_.chance(82) ? 1 : random_.chance(75) ? 2 : 3;
  for (int i = 0; i < count; ++i) {
    MeterDraft& meter = card_.meters[random_.below(card_.meters.size())];
    const std::string name = meter.charges == 0 ? meter.name : fmt::format("charge_{}", i);
    items.push_back(draw_charge(card_, meter, name, {.is_taken_from = meter.has_shares}));
    if (!meter.has_shares) continue;
    // In one piece with the first, so that it stands below it.
    items.back() += draw_charge(card_, meter, fmt::format("bundle_{}", i), {.share_of = name});
  }
  if (card_.meters.size() > 1 && card_.takes(Construct::Joint, 12))
    items.push_back(draw_joint_charge(card_, "joint"));
}

/// The names of the charges in money and of the fees among some items.
std::vector<std::string> CardWriter::lines_of(std::span<const std::string> items) const {
  std::vector<std::string> names;
  for (const std::string_view item : items) {
    for (const std::string_view keyword : {"  charge ", "  fee "}) {
      if (!item.starts_with(keyword)) continue;
      const auto name = item.substr(keyword.size());
      std::string found(name.substr(0, name.find_first_of(" \n")));
      if (std::ranges::find(card_.in_credits, found) == card_.in_credits.end())
        names.push_back(std::move(found));
    }
  }
  return names;
}

/// What the last pool of credits does with what is left.
std::string CardWriter::draw_beyond() {
  if (card_.takes(Construct::PoolBlocks, 52)) return "blocked";
  std::string price = draw_price(card_).text + " " + card_.currency + " per credit";
  if (!card_.takes(Construct::PoolPrice, 60)) return "at " + price;
  if (random_.chance(50)) price += " + " + draw_amount(card_).text + " flat";
  if (random_.chance(70))
    price += fmt::format(" + {} {} per started {} credits", draw_price(card_).text, card_.currency,
                         random_.chance(70) ? "10" : "2.5");
  return "at " + price;
}

void CardWriter::add_pools(std::vector<std::string>& items) {
  if (!card_.in_credits.empty()) {
    std::string pools;
    if (card_.takes(Construct::PoolFor, 40)) {
      std::vector<std::string> charges = card_.in_credits;
      random_.shuffle(charges);
      charges.resize(1 + random_.below(charges.size()));
      pools += fmt::format("  pool special in credit for {}\n", fmt::join(charges, ", "));
    }
    pools +=
        fmt::format("  pool flex \"Credits\" in credit, credits\n    beyond {}\n", draw_beyond());
    items.push_back(pools);
  }
  if (card_.takes(Construct::PoolInMoney, 12))
    items.push_back(fmt::format("  pool promo in {}\n", card_.currency));
}

void CardWriter::add_commitments(std::vector<std::string>& items) {
  if (card_.period == "week") return;  // no longer time is a whole number of weeks
  const std::string_view per =
      card_.period == "day" || card_.period == "month" ? "quarter" : "year";
  for (int i = 0; i < 2; ++i) {
    if (!card_.wants(Construct::Commitment, 10)) continue;
    std::string text = fmt::format("  commit commit_{} {} per {}\n", i,
                                   amount_literal(card_, random_.between(100, 500'000)).text, per);
    std::vector<std::string> counts = lines_of(items);
    if (counts.empty()) continue;
    card_.used.add(Construct::Commitment);
    random_.shuffle(counts);
    counts.resize(1 + random_.below(counts.size()));
    std::string counts_line = fmt::format("    counts {}\n", fmt::join(counts, ", "));
    if (!card_.takes(Construct::CommitmentCounts, 70)) counts_line.clear();
    text += counts_line + fmt::format("    true up every {}\n", per);
    const auto place = random_.below(items.size() + 1);
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(place), text);
  }
}

/// Each somewhere below what it is a share of, which may be the share before it.
void CardWriter::add_shares(std::vector<std::string>& items) {
  for (int i = 0; i < 2; ++i) {
    if (card_.rounds_bill || !card_.wants(Construct::Share, i == 0 ? 20 : 40)) continue;
    const auto place = static_cast<size_t>(random_.between(1, static_cast<int64_t>(items.size())));
    std::vector<std::string> above = lines_of(std::span(items).first(place));
    if (above.empty()) continue;
    random_.shuffle(above);
    if (random_.chance(70))
      std::ranges::partition(above, [](const auto& n) { return n == "share_0"; });
    above.resize(1 + random_.below(above.size()));
    card_.used.add(Construct::Share);
    if (std::ranges::find(above, "share_0") != above.end()) card_.used.add(Construct::ShareOfShare);
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(place),
                 draw_share(card_, fmt::format("share_{}", i), above));
  }
}

void CardWriter::add_fees(std::vector<std::string>& items) {
  for (int i = 0; i < 2; ++i) {
    const bool prorated = card_.takes(Construct::FeeProrated, 20);
    const bool once = !prorated && card_.takes(Construct::FeeOnce, 12);
    const bool longer =
        !prorated && !once && card_.period != "year" && card_.takes(Construct::FeeOfTerm, 15);
    if (!prorated && !once && !longer && !card_.takes(Construct::Fee, 20)) continue;
    const Literal amount = prorated ? draw_amount(card_) : draw_line_amount(card_);
    const std::string time = once ? "once" : "per " + (longer ? draw_longer_time() : card_.period);
    std::string text = fmt::format("  fee fee_{} at {} {}", i, amount.text, time);
    if (random_.chance(30)) text += random_.chance(50) ? ", in advance" : ", in arrears";
    const bool says_nothing = once && random_.chance(70);
    items.push_back(text + (prorated       ? ", prorated by day\n"
                            : says_nothing ? "\n"
                                           : ", not prorated\n"));
  }
}

/// REQUIRES: the period is no year.
std::string CardWriter::draw_longer_time() {
  constexpr std::array<std::string_view, 5> kTimes = {"day", "week", "month", "quarter", "year"};
  const auto period = std::ranges::find(kTimes, card_.period);
  const auto longer = random_.between(1, kTimes.end() - period - 1);
  return std::string(period[longer]);
}

void CardWriter::add_bill_lines(std::vector<std::string>& items) {
  const auto add = [&](const std::string& text) {
    items.push_back("  bill " + text + (random_.chance(50) ? " \"A bill line\"\n" : "\n"));
  };
  const auto by_day = [&] {
    return card_.takes(Construct::BillProrated, 40) ? " prorated by day" : "";
  };
  const int64_t middle = random_.between(100, 200'000);
  if (card_.takes(Construct::BillDiscountPercent, 15)) add("discount " + draw_percent(card_, 100));
  if (card_.takes(Construct::BillDiscountAmount, 15))
    add("discount " + draw_line_amount(card_).text);
  if (card_.takes(Construct::BillSurchargePercent, 15))
    add("surcharge " + draw_percent(card_, 300));
  if (card_.takes(Construct::BillSurchargeAmount, 15))
    add("surcharge " + draw_line_amount(card_).text);
  if (card_.takes(Construct::BillMinimum, 15))
    add("minimum " + amount_literal(card_, random_.between(1, middle)).text + by_day());
  if (card_.takes(Construct::BillMaximum, 15))
    add("maximum " + amount_literal(card_, middle + random_.between(0, 1'000'000)).text + by_day());
}

void CardWriter::add_limits(std::vector<std::string>& items) {
  for (const auto& meter : card_.meters) {
    if (meter.closing)
      items.push_back(fmt::format("  limit {} to {} per {} then block\n", meter.name,
                                  meter.closing->text, card_.period));
  }
}

/// The lines of a meter that sums or lists: they change no rating, but what says them must be read,
/// checked and written like any card.
std::string CardWriter::event_lines(const MeterDraft& meter) {
  const bool times = card_.takes(Construct::EventTimes, 40);
  std::string unit = meter.family.units[meter.unit].singular;
  if (times && unit.contains('-')) unit = unit.substr(0, unit.rfind('-'));  // before it multiplies
  std::vector<std::string> lines;
  if (card_.takes(Construct::EventAtLeast, 40))
    lines.push_back(fmt::format("each at least {} {}", random_.between(1, 90), unit));
  if (card_.takes(Construct::EventRounded, 40))
    lines.push_back(fmt::format("each rounded up to 0.{} {}", random_.between(1, 9), unit));
  random_.shuffle(lines);
  if (times) lines.push_back("each times machines");
  if (lines.empty()) return {};
  return fmt::format("\n  from used\n  take amount\n  {}", fmt::join(lines, "\n  "));
}

std::string CardWriter::declarations() {
  std::vector<std::string> lines;
  std::set<std::string> units;
  std::set<size_t> dimensions;
  constexpr std::array kAggregates = {"sums", "averages", "peaks", "latest"};
  for (const auto& meter : card_.meters) {
    if (meter.charges == 0 && !meter.chooses) continue;
    units.insert(meter.family.declarations.begin(), meter.family.declarations.end());
    const std::string_view aggregate = meter.grain == dsl::Grain::Item  ? "lists"
                                       : meter.grain == dsl::Grain::Day ? "sums"
                                                                        : random_.pick(kAggregates);
    std::string text = fmt::format("meter {} {} {}", meter.name, aggregate,
                                   meter.family.units[meter.unit].singular);
    std::vector<std::string> names;
    for (size_t d : meter.dimensions) names.push_back(card_.dimensions[d].name);
    dimensions.insert(meter.dimensions.begin(), meter.dimensions.end());
    if (!names.empty()) text += fmt::format(" by {}", fmt::join(names, ", "));
    if (aggregate == "sums" || aggregate == "lists") text += event_lines(meter);
    lines.push_back(text);
  }
  for (size_t d : dimensions)
    lines.push_back(fmt::format("dimension {} is {}", card_.dimensions[d].name,
                                fmt::join(card_.dimensions[d].values, ", ")));
  if (!card_.in_credits.empty()) units.insert("unit credit, credits");
  lines.insert(lines.end(), units.begin(), units.end());
  random_.shuffle(lines);
  return fmt::format("toll 1\n\n{}\n\n", fmt::join(lines, "\n"));
}

}  // namespace

CardDraft::CardDraft(uint64_t seed, const Constructs& without) : random(seed) {
  for (size_t i = 0; i < kConstructs; ++i) {
    const auto construct = static_cast<Construct>(i);
    if (random.chance(60) && !without.has(construct)) allowed.add(construct);
  }
}

GeneratedCard generate_card(uint64_t seed, const Constructs& without) {
  return CardWriter(seed, without).write();
}

}  // namespace toll::differential
