#include "tests/differential/cut_oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <type_traits>

#include "tests/differential/cut_lines.h"
#include "tests/differential/cut_steps.h"
#include "tests/differential/oracle_prices.h"
#include "tests/differential/oracle_usage.h"

namespace toll::differential {
namespace {

Integer rounded(const Fraction& amount, const dsl::RateCard& card) {
  return round_exactly(amount, card.rounding_step_minor, card.rounding);
}

bool rounds_bill(const dsl::RateCard& card) {
  return card.rounding_place == dsl::RoundingPlace::Bill;
}

/// A line with the number that tells those of one path apart.
struct Key {
  std::string path;
  int number = 0;
  auto operator<=>(const Key&) const = default;
};

struct Sum {
  Fraction exact = 0;
  Integer amount = 0;
  std::string item;
  Fraction at_cut = 0;                  ///< what the old version brought
  std::array<bool, 2> brought_by = {};  ///< whether a version brings some of it
  bool in_credits = false, takes_off = false, is_fee = false;
  std::set<size_t> versions = {};  ///< that have the line; of charges
};
using Sums = std::map<Key, Sum>;

/// How many surcharges stand above the discount with this number, of those that rows share.
int surcharges_above(const dsl::Charge& charge, int number) {
  int surcharges = 0;
  for (const dsl::MoneyStep& step : steps_on_sum(charge)) {
    if (step.kind == MoneyKind::Discount && number-- == 0) break;
    surcharges += step.kind == MoneyKind::Surcharge;
  }
  return surcharges;
}

class Expected {
 public:
  explicit Expected(const CutWorld& world)
      : world_(world),
        own_meters_(with_own_meters(next(), old())),
        new_are_free_(with_new_charges_free(own_meters_, old())) {}

  std::optional<CutExpectation> find() {
    if (!add_charges() || !add_fees()) return std::nullopt;
    for (const size_t version : {size_t{0}, size_t{1}}) add_shares(version);
    take_once_off();
    for (auto& [key, sum] : sums_) bound_row(key.path, sum, true);
    bound(&Sum::exact);
    if (!pay()) return std::nullopt;
    if (result_.blocked) return std::move(result_);
    round();
    bound(&Sum::amount);
    rounds_bill(next()) ? act_on_sums(&Sum::exact, 1) : act_on_sums(&Sum::amount, 1);
    rate_bill();
    for (const auto& [key, sum] : sums_) {
      CutAmounts& line = result_.lines[key.path];
      line.exact += sum.exact;
      line.amount += sum.amount;
    }
    return std::move(result_);
  }

 private:
  const dsl::RateCard& old() const { return *world_.cards[0]; }
  const dsl::RateCard& next() const { return *world_.cards[1]; }

  /// The meter of an entry in a card, by its name.
  std::optional<uint32_t> meter_in(const dsl::RateCard& card, const Entry& entry) const {
    const auto found =
        std::ranges::find(card.meters, world_.all->meters[entry.meter].name, &dsl::Meter::name);
    if (found == card.meters.end()) return std::nullopt;
    return static_cast<uint32_t>(found - card.meters.begin());
  }

  /// What was used in some segments, for a card: what the card of its days does not price counts
  /// for no other one, and each average counts for the days of its own.
  Document used_in(size_t first, size_t until, const dsl::RateCard& card) const {
    Document sum;
    std::vector<std::pair<Entry, Fraction>> averages;
    for (size_t s = first; s < until; ++s) {
      const Date end = s + 1 < world_.begins.size() ? world_.begins[s + 1] : kEnd;
      const Fraction part(static_cast<int>((end - world_.begins[s]).count()), kDays);
      for (Entry entry : world_.used[s].entries) {
        const auto meter = meter_in(card, entry);
        if (!meter || !meter_in(s < cut_segment() ? old() : next(), entry)) continue;
        entry.meter = *meter;
        if (card.meters[*meter].declaration->aggregate.text != "averages") {
          sum.entries.push_back(entry);
          continue;
        }
        const auto same = std::ranges::find_if(
            averages, [&](const auto& other) { return are_of_one_cell(entry, other.first); });
        if (same == averages.end())
          averages.emplace_back(entry, exact(entry.quantity) * part);
        else
          same->second += exact(entry.quantity) * part;
      }
    }
    for (auto& [entry, mean] : averages) {
      entry.quantity = as_metered(mean);
      sum.entries.push_back(entry);
    }
    return sum;
  }

  /// What a version rates of what was used before a segment begins: of all charges that, and of
  /// those that only the next one has, on their own meters, what was used since the cut.
  Document used_before(size_t version, size_t segment) const {
    Document used = used_in(0, segment, *world_.cards[version]);
    if (version == 0) return used;
    for (Entry entry : used_in(cut_segment(), segment, next()).entries) {
      entry.meter += static_cast<uint32_t>(next().meters.size());
      used.entries.push_back(entry);
    }
    return used;
  }

  /// As it is where that is a decimal, else rounded to 12 places.
  static Decimal as_metered(const Fraction& mean) {
    const Fraction scaled = mean * power_of_ten(18);
    if (denominator(scaled) == 1) return {static_cast<Int128>(numerator(scaled)), 18};
    return {static_cast<Int128>(round_exactly(mean * power_of_ten(12), 1, RoundingMode::HalfEven)),
            12};
  }

  Bill rated(const dsl::RateCard& card, const Document& document, int covered_days,
             bool final) const {
    Usage usage = to_usage(together(document, card));
    usage.covered_days = covered_days;
    usage.period_days = kDays;
    usage.final = final;
    usage.commitments.resize(static_cast<size_t>(std::ranges::count_if(
        card.bill_steps, [](const auto& step) { return step.commitment.has_value(); })));
    for (const dsl::Fee& fee : card.fees) usage.fees_due.push_back(is_due(fee, world_.since));
    // Enough that nothing is beyond the pools, which are paid from below.
    for (const dsl::Pool& pool : card.pools)
      usage.available.push_back(pool.credit ? power_of_ten(18) - 1 : Fraction(0));
    return rate_exactly(card, usage);
  }

  /// Adds the lines of charges as they are without minimums and maximums, of what was used before a
  /// segment begins, or takes them away; false after a fault. Of a charge that only the next
  /// version has nothing is taken away. Shares are none of usage: see add_shares().
  bool add_lines(size_t version, size_t segment, bool final, int sign, Sums& sums) const {
    const dsl::RateCard& card = version == 0 ? old() : sign < 0 ? new_are_free_ : own_meters_;
    const Document used = used_before(version, segment);
    for (const dsl::Charge& charge : card.charges) {
      const bool is_new = version == 1 && !charge_of(old(), charge.name);
      if (charge.is_share()) {
        sums[{charge.name}].item = charge.name;
        sums[{charge.name}].versions.insert(version);
        continue;
      }
      if (sign < 0 && is_new) continue;
      dsl::RateCard without = card;
      std::erase_if(without.charges[static_cast<size_t>(&charge - card.charges.data())].money_steps,
                    [&](const dsl::MoneyStep& step) { return is_bound(charge, step); });
      if (!add_lines_of(charge.name, version, rated(without, used, kDays, final), sign, sums))
        return false;
    }
    return true;
  }

  static bool add_lines_of(const std::string& name, size_t version, const Bill& bill, int sign,
                           Sums& sums) {
    if (bill.fault != Fault::None) return false;
    std::map<std::string, int> seen;
    for (const Line& line : bill.lines) {
      if (line.path.substr(0, line.path.find('/')) != name) continue;
      Sum& sum = sums[{line.path, seen[line.path]++}];
      sum.item = name;
      sum.versions.insert(version);
      sum.in_credits = line.in_credits;
      sum.takes_off = line.path == name + "/discount" || line.path == name + "/maximum";
      sum.exact += sign * line.exact;
    }
    return true;
  }

  size_t cut_segment() const {
    return static_cast<size_t>(std::ranges::find(world_.begins, world_.cut) -
                               world_.begins.begin());
  }

  bool add_charges() {
    if (!add_lines(0, cut_segment(), true, 1, sums_)) return false;
    for (auto& [key, sum] : sums_) sum.at_cut = sum.exact;
    return add_lines(1, world_.used.size(), true, 1, sums_) &&
           add_lines(1, cut_segment(), true, -1, sums_);
  }

  bool add_fees() {
    const int first_days = static_cast<int>((world_.cut - kFirst).count());
    for (const bool is_next : {false, true}) {
      const dsl::RateCard& card = is_next ? next() : old();
      const Bill bill = rated(card, {}, is_next ? kDays - first_days : first_days, true);
      if (bill.fault != Fault::None) return false;
      for (const Line& line : bill.lines) {
        const auto fee = std::ranges::find(card.fees, line.path, &dsl::Fee::name);
        if (fee == card.fees.end()) continue;
        // A term is billed by the card of the day on which it begins, what else is whole by the
        // first.
        const bool by_term = fee->term || (fee->once && world_.since);
        const Period days = is_next ? Period{world_.cut, kEnd} : Period{kFirst, world_.cut};
        if (by_term ? !is_due(*fee, world_.since, days) : is_next && !fee->prorated_by_day)
          continue;
        Sum& sum = sums_[{line.path, 0}];
        sum.item = line.path;
        sum.is_fee = true;
        sum.exact += line.exact;
        if (!is_next) sum.at_cut += line.exact;
      }
    }
    return true;
  }

  // ---- Shares of what stands on the bill

  /// What each fee and charge comes to on a bill of the lines up to the cut, or of all: minimums
  /// and maximums are on it with the last version that has them.
  std::map<std::string, Integer> on_bill_after(size_t version) {
    const Sums all = sums_;
    for (auto& [key, sum] : sums_)
      if (version == 0) sum.exact = sum.at_cut;
    take_once_off();
    for (auto& [key, sum] : sums_)
      if (!sum.versions.empty() && *sum.versions.rbegin() <= version)
        bound_row(key.path, sum, true);
    bound(&Sum::exact);
    round();
    bound(&Sum::amount);
    const bool exact_lines = rounds_bill(next());
    exact_lines ? act_on_sums(&Sum::exact, version) : act_on_sums(&Sum::amount, version);
    std::map<std::string, Integer> items;
    for (const auto& [key, sum] : sums_)
      if (!sum.in_credits) items[sum.item] += exact_lines ? rounded(sum.exact, next()) : sum.amount;
    sums_ = all;
    return items;
  }

  /// By the text of a version, of what is there when its days end, less what is there when they
  /// begin: that is what a share which only the next version has is no share of at all.
  void add_shares(size_t version) {
    const dsl::RateCard& card = *world_.cards[version];
    for (const dsl::Charge& share : card.charges) {
      if (!share.is_share()) continue;
      Fraction now = 0, before = 0;
      auto at_end = on_bill_after(version), at_cut = on_bill_after(0);
      for (const dsl::ItemRef& item : share.share_of) {
        now += Fraction(at_end[name_of(card, item)]);
        before += Fraction(at_cut[name_of(card, item)]);
      }
      Sum& sum = sums_[{share.name}];
      if (version == 0) {
        sum.exact = sum.at_cut = share_of(card, share, now);
      } else if (charge_of(old(), share.name)) {
        sum.exact += share_of(card, share, now) - share_of(card, share, before);
      } else {
        sum.exact = share_of(card, share, std::max<Fraction>(0, now - before));
      }
    }
  }

  /// No version brings anything to lines that act once.
  void take_once_off() {
    for_each_once_on_sum([](const Key&, Sum& sum) { sum.exact = sum.at_cut = 0; });
    for (auto& [key, sum] : sums_) sum.brought_by = {sum.at_cut != 0, sum.exact != sum.at_cut};
  }

  /// No line is below 0; what takes off takes at most what the lines of its charge come to.
  template <typename Number>
  void bound(Number Sum::* of) {
    std::map<std::string, Number> rows;
    for (auto& [key, sum] : sums_) {
      Number& of_charge = rows[sum.item];
      if (sum.takes_off) continue;
      sum.*of = std::max<Number>(sum.*of, 0);
      if (key.path != sum.item + "/surcharge") of_charge += sum.*of;
    }
    for (const auto& [charge, of_charge] : rows) bound_discounts(charge, of_charge, of);
  }

  /// At most what is there of rounded lines, or where the bill is rounded, of exact ones.
  template <typename Number>
  void take_off(Sum& sum, const Number& most, Number Sum::* of) {
    constexpr bool is_rounded = std::is_same_v<Number, Integer>;
    if (sum.*of < -most && is_rounded != rounds_bill(next())) {
      sum.*of = Number(-most);
      sum.exact = Fraction(Number(-most));
    }
    sum.*of = std::min<Number>(0, sum.*of);
  }

  /// One after the other. A surcharge is there once a discount acts below which it stands in a
  /// version that brings some of this discount.
  template <typename Number>
  void bound_discounts(const std::string& name, Number so_far, Number Sum::* of) {
    int surcharges = 0;
    for (int number = 0; sums_.contains({name + "/discount", number}); ++number) {
      Sum& discount = sums_[{name + "/discount", number}];
      for (const size_t version : {size_t{0}, size_t{1}}) {
        if (!discount.brought_by[version]) continue;
        const int above = surcharges_above(*charge_of(*world_.cards[version], name), number);
        for (; surcharges < above; ++surcharges)
          so_far += sums_[{name + "/surcharge", surcharges}].*of;
      }
      take_off<Number>(discount, so_far, of);
      so_far += discount.*of;
    }
  }

  // ---- Minimums and maximums of charges, which act once, at what the lines below make of them

  void bound_row(const std::string& path, Sum& sum, bool final) const {
    if (sum.versions.empty()) return;
    const size_t last = *sum.versions.rbegin();
    for (const size_t version : sum.versions) {
      const dsl::Charge& charge = *charge_of(*world_.cards[version], sum.item);
      for (const dsl::MoneyStep& step : steps_on_sum(charge))
        if (path == path_of(charge, step.kind)) return;
    }
    for (const RowBound& bound : bounds_of_row(world_, last, sum.item, path)) {
      sum.exact = std::max<Fraction>(sum.exact, 0);
      if (bound.kind == MoneyKind::Maximum)
        sum.exact = std::min(sum.exact, bound.amount);
      else if (final)
        sum.exact = std::max(sum.exact, bound.amount);
    }
  }

  /// Calls visit(version, charge) for each charge, by the last version that has it.
  template <typename Visit>
  void for_each_charge(Visit&& visit) const {
    std::set<std::string> known;
    for (const size_t version : {size_t{1}, size_t{0}})
      for (const dsl::Charge& charge : world_.cards[version]->charges)
        if (known.insert(charge.name).second) visit(version, charge);
  }

  template <typename Visit>
  void for_each_once_on_sum(Visit&& visit) {
    for_each_charge([&](size_t version, const dsl::Charge& charge) {
      for (const SumLine& line : lines_on_sum(world_, version, charge.name)) {
        const Key key{line.path, line.number};
        visit(key, sums_[key]);
      }
    });
  }

  /// What acts once on the sum of the lines of charges that no later version has.
  template <typename Number>
  void act_on_sums(Number Sum::* of, size_t upto) {
    for_each_charge([&](size_t version, const dsl::Charge& charge) {
      if (version <= upto) act_on_sum(version, charge, of);
    });
  }

  template <typename Number>
  void act_on_sum(size_t last, const dsl::Charge& charge, Number Sum::* of) {
    Fraction so_far = 0;
    for (const auto& [key, sum] : sums_)
      if (sum.item == charge.name) so_far += Fraction(sum.*of);
    for (const SumLine& line : lines_on_sum(world_, last, charge.name)) {
      Fraction amount = line.amount;
      if (!rounds_bill(next())) amount = rounded(amount, next());
      const Fraction change = after_money_line(line.kind, so_far, amount, true) - so_far;
      so_far += change;
      Sum& sum = sums_[{line.path, line.number}];
      sum.item = charge.name;
      sum.exact = change;
      sum.amount = rounds_bill(next()) ? Integer(0) : numerator(change);
    }
  }

  // ---- Credits

  /// Whether all of a charge is due when a segment ends: only the earlier card has it, and its days
  /// end.
  bool is_settled_at(const Sum& sum, size_t segment) const {
    return segment + 1 >= cut_segment() && !charge_of(next(), sum.item);
  }

  /// What each charge in credits has come to when a segment ends.
  std::optional<std::map<std::string, Fraction>> credits_at_end(size_t segment) const {
    Sums sums;
    if (segment + 1 == world_.used.size()) {
      sums = sums_;
    } else {
      const size_t cut = cut_segment();
      const bool late = segment >= cut;
      if (!add_lines(0, late ? cut : segment + 1, false, 1, sums)) return std::nullopt;
      if (late &&
          (!add_lines(1, segment + 1, false, 1, sums) || !add_lines(1, cut, false, -1, sums)))
        return std::nullopt;
      for (auto& [key, sum] : sums) bound_row(key.path, sum, false);
    }
    std::map<std::string, Fraction> credits;
    for (const auto& [key, sum] : sums)
      if (sum.in_credits && !is_settled_at(sum, segment))
        credits[sum.item] += std::max<Fraction>(0, sum.exact);
    for (const auto& [key, sum] : sums_)
      if (sum.in_credits && is_settled_at(sum, segment))
        credits[sum.item] += std::max<Fraction>(0, sum.exact);
    return credits;
  }

  /// The grants of a pool that are there on a day, in the order in which it spends them.
  std::vector<size_t> spent(const dsl::Pool& pool, Date day) const {
    std::vector<size_t> order;
    for (size_t g = 0; g < grants_.size(); ++g)
      if (grants_[g].pool == pool.name && grants_[g].from <= day &&
          (!grants_[g].expires || *grants_[g].expires > day))
        order.push_back(g);
    if (!pool.oldest_first)
      std::ranges::stable_sort(order, {},
                               [&](size_t g) { return grants_[g].expires.value_or(Date::max()); });
    return order;
  }

  /// False after a fault of a part of the usage.
  bool pay() {
    grants_ = world_.grants;
    for (const CutWorldGrant& grant : own_grants(world_)) grants_.push_back(grant);
    // The older one comes first, whichever of them the card gives by itself.
    std::ranges::stable_sort(grants_, {}, &CutWorldGrant::from);
    for (const CutWorldGrant& grant : grants_) left_.push_back(grant.quantity);
    const bool in_credits =
        std::ranges::any_of(sums_, [](const auto& each) { return each.second.in_credits; });
    Fraction paid = 0, beyond_before = 0, beyond = 0;
    std::map<std::string, Fraction> before;
    for (size_t s = 0; in_credits && s < world_.used.size(); ++s) {
      const auto now = credits_at_end(s);
      if (!now) return false;
      Fraction all = 0;
      std::map<std::string, Fraction> open;
      for (const auto& [charge, sum] : *now) {
        all += sum;
        open[charge] = std::max<Fraction>(0, sum - before[charge]);
      }
      before = *now;
      const bool late = s >= cut_segment();
      for (const dsl::Pool& pool : (late ? next() : old()).pools) {
        if (!pool.credit) continue;
        for (const uint32_t charge : pool.charges) {
          for (const size_t g : spent(pool, world_.begins[s])) {
            Fraction& due = open[(late ? next() : old()).charges[charge].name];
            const Fraction part = std::min(due, left_[g]);
            due -= part;
            left_[g] -= part;
            paid += part;
          }
        }
      }
      beyond = std::max<Fraction>(0, all - paid);
      if (s + 1 == cut_segment()) {
        if (!bill_beyond(old(), 0, beyond)) return true;
        beyond_before = beyond;
      }
    }
    if (in_credits) bill_beyond(next(), beyond_before, beyond);
    return true;
  }

  /// False where the pool blocks.
  bool bill_beyond(const dsl::RateCard& card, const Fraction& before, const Fraction& now) {
    for (const dsl::Pool& pool : card.pools) {
      if (pool.beyond == dsl::Pool::Beyond::Unsaid) continue;
      result_.blocked = pool.beyond == dsl::Pool::Beyond::Blocked && now > before;
      if (result_.blocked) return false;
      const auto price = [&](const Fraction& credits) {
        return credits > 0 ? price_of(pool.price, credits) : Fraction(0);
      };
      Sum& sum = sums_[{pool.name + "/beyond", 0}];
      sum.item = pool.name + "/beyond";
      sum.exact = std::max<Fraction>(0, sum.exact + price(now) - price(before));
    }
    return true;
  }

  // ---- The bill

  /// A line once, whatever the card rounds: items and tiers are rounded where they arise, so that
  /// what the oracle gives of them is exact.
  void round() {
    for (auto& [key, sum] : sums_)
      if (!sum.in_credits && !rounds_bill(next())) sum.amount = rounded(sum.exact, next());
  }

  void rate_bill() {
    for (const dsl::Pool& pool : next().pools) {
      Fraction& left = result_.left[pool.name];
      for (const size_t g : spent(pool, kEnd - std::chrono::days(1))) left += left_[g];
    }
    const bool whole = rounds_bill(next());
    Fraction total = 0;
    for (const auto& [key, sum] : sums_)
      if (!sum.in_credits) total += whole ? sum.exact : Fraction(sum.amount);
    std::vector<std::pair<std::string, Fraction>> lines;
    const auto add = [&](const std::string& path, const Fraction& exact) {
      lines.emplace_back(path, exact);
      total += whole ? exact : Fraction(rounded(exact, next()));
    };
    for (const BillLine& line : lines_of_bill(world_)) {
      const dsl::BillStep& step = *line.step;
      Fraction by = whole ? line.amount : Fraction(rounded(line.amount, next()));
      if (step.commitment) {
        const Fraction toward = step.commitment->counts.empty() ? total : counted(line);
        add(step.commitment->name, line.due ? std::max<Fraction>(0, by - toward) : Fraction(0));
        continue;
      }
      if (step.fraction)
        by = Fraction(Integer(step.fraction->numerator()), Integer(step.fraction->denominator())) *
             total;
      add("bill/" + std::string(name_of(step.kind)),
          after_money_line(step.kind, total, by, true) - total);
    }
    for (const dsl::Pool& pool : next().pools) {
      if (pool.credit) continue;
      Fraction& left = result_.left[pool.name];
      const Fraction most = round_exactly(left, next().rounding_step_minor, RoundingMode::Down);
      const Fraction paid = std::min(total, most);
      add(pool.name, -paid);
      left -= Fraction(rounded(paid, next()));
      // Its line gets a step more or less with the bill, which only lines tell.
      if (whole) result_.left.erase(pool.name);
    }
    for (const auto& [path, exact] : lines) {
      CutAmounts& line = result_.on_bill[path];
      line.exact += exact;
      line.amount += whole ? Integer(0) : rounded(exact, next());
    }
    result_.total = whole ? rounded(total, next()) : numerator(total);
  }

  /// What the items that a commitment names have come to.
  Fraction counted(const BillLine& line) const {
    Fraction toward = 0;
    for (const dsl::ItemRef& item : line.step->commitment->counts)
      for (const auto& [key, sum] : sums_)
        if (sum.item == name_of(*line.card, item) && !sum.in_credits)
          toward += rounds_bill(next()) ? sum.exact : Fraction(sum.amount);
    return toward;
  }

  const CutWorld& world_;
  dsl::RateCard own_meters_, new_are_free_;  // the next one
  Sums sums_;
  std::vector<CutWorldGrant> grants_;
  std::vector<Fraction> left_;
  CutExpectation result_;
};

}  // namespace

std::optional<CutExpectation> expected(const CutWorld& world) { return Expected(world).find(); }

}  // namespace toll::differential
