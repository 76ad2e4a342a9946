#include "tests/differential/cut_lines.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <optional>

#include "tests/differential/cut_steps.h"
#include "tests/differential/oracle_prices.h"

namespace toll::differential {
namespace {

using MoneyKind = dsl::syntax::MoneyLine::Kind;

/// What is written of a line in one version.
struct Written {
  MoneyKind kind;
  std::string name;  ///< of a commitment, or that it is a percentage
  Fraction amount;
  bool by_day;
};
using Text = std::optional<std::vector<Written>>;  ///< none: the version has no such row or charge
using Texts = std::array<Text, 2>;

/// A line of both versions, or of one.
struct Acting {
  std::array<std::optional<size_t>, 2> place;
  size_t by() const { return place[1] ? 1 : 0; }
};

const Written& said(const Texts& texts, const Acting& line) {
  return (*texts[line.by()])[*line.place[line.by()]];
}

/// Which one of its kind a line is, in its text.
std::pair<std::pair<MoneyKind, std::string>, int> identity(const std::vector<Written>& text,
                                                           size_t place) {
  int number = 0;
  for (size_t i = 0; i < place; ++i)
    number += text[i].kind == text[place].kind && text[i].name == text[place].name;
  return {{text[place].kind, text[place].name}, number};
}

/// Of the old text, whether a line goes on that the next one does not have. The first are those
/// above it.
using Stays = std::function<bool(const std::vector<Acting>&, size_t)>;

/// Those of the next version in their order, each followed by what stood below it in the old one.
std::vector<Acting> acting(const Texts& texts, const Stays& stays) {
  std::vector<Acting> first, all;
  std::vector<std::vector<Acting>> below;
  const size_t count = texts[1] ? texts[1]->size() : 0;
  std::vector<std::optional<size_t>> in_old(count);
  below.resize(count);
  std::vector<Acting> above;  // of the old text
  std::optional<size_t> anchor;
  for (size_t place = 0; texts[0] && place < texts[0]->size(); ++place) {
    std::optional<size_t> same;
    for (size_t i = 0; i < count && !same; ++i)
      if (identity(*texts[1], i) == identity(*texts[0], place)) same = i;
    // What is due whole is not due for days.
    if (same && (*texts[1])[*same].by_day && !(*texts[0])[place].by_day) same.reset();
    const Acting line{{place, same}};
    if (same) {
      in_old[*same] = place;
      anchor = same;
    } else if (!texts[1] || stays(above, place)) {
      (anchor ? below[*anchor] : first).push_back(line);
    } else {
      continue;
    }
    above.push_back(line);
  }
  all = first;
  for (size_t i = 0; i < count; ++i) {
    all.push_back({{in_old[i], i}});
    all.insert(all.end(), below[i].begin(), below[i].end());
  }
  return all;
}

int first_days(const CutWorld& world) { return static_cast<int>((world.cut - kFirst).count()); }

/// What a line by day comes to on the days up to the cut, and up to the end of March.
std::array<Fraction, 2> by_days(const CutWorld& world, const Texts& texts, const Acting& line) {
  const Written& step = said(texts, line);
  std::array<Fraction, 2> of;
  for (const size_t version : {size_t{0}, size_t{1}}) {
    if (!texts[version]) continue;
    if (line.place[version])
      of[version] = (*texts[version])[*line.place[version]].amount;
    else if (step.kind == MoneyKind::Maximum)
      of[version] = step.amount;
  }
  const dsl::RateCard& card = *world.cards[texts[1] ? 1 : 0];
  const auto rounded = [&](const Fraction& amount) -> Fraction {
    return Fraction(round_exactly(amount, card.rounding_step_minor, card.rounding));
  };
  const Fraction before = of[0] * Fraction(first_days(world), kDays);
  const Fraction after = of[1] * Fraction(kDays - first_days(world), kDays);
  const bool is_one = texts[0] && texts[1] && of[0] == of[1];
  return {rounded(before), is_one ? step.amount : rounded(before + after)};
}

Fraction amount_of(const CutWorld& world, const Texts& texts, const Acting& line) {
  return said(texts, line).by_day ? by_days(world, texts, line)[1] : said(texts, line).amount;
}

std::vector<Written> written(const std::vector<dsl::MoneyStep>& steps) {
  std::vector<Written> text;
  for (const dsl::MoneyStep& step : steps)
    text.push_back({step.kind, step.fraction ? "%" : "", step.amount_minor, step.prorated_by_day});
  return text;
}

bool is_minimum_by_day(const Written& line) {
  return line.kind == MoneyKind::Minimum && line.by_day;
}

bool is_of_row(const dsl::Charge& charge, const dsl::MoneyStep& step) {
  return step.reach != dsl::Reach::Shared && is_bound(charge, step);
}

/// Whether rows have a minimum of this kind.
bool rows_have_minimum(const dsl::Charge* charge, bool by_day) {
  return charge && std::ranges::any_of(charge->money_steps, [&](const dsl::MoneyStep& step) {
           return is_of_row(*charge, step) && step.kind == MoneyKind::Minimum &&
                  step.prorated_by_day == by_day;
         });
}

bool rows_have_bound(const dsl::Charge& charge) {
  return std::ranges::any_of(charge.money_steps,
                             [&](const auto& step) { return is_of_row(charge, step); });
}

/// The months from one day's to another one's.
int months_between(Date from, Date to) {
  const std::chrono::year_month_day a(from), b(to);
  return (static_cast<int>(b.year()) - static_cast<int>(a.year())) * 12 +
         static_cast<int>(static_cast<unsigned>(b.month())) -
         static_cast<int>(static_cast<unsigned>(a.month()));
}

/// Whether the last day of a time that a commitment is for lies on these days of March: the day
/// before the one on which the next time begins.
bool ends_in(const dsl::Commitment& commitment, const std::optional<Date>& since,
             const Period& days) {
  const int months = commitment.per == PeriodUnit::Year      ? 12
                     : commitment.per == PeriodUnit::Quarter ? 3
                                                             : 1;
  if (!since) return months < 12 && days.until == kEnd;
  const auto begins = [&](Date next) {
    const int between = months_between(*since, next);
    return between > 0 && between % months == 0 && days.from < next && next <= days.until;
  };
  const unsigned day = static_cast<unsigned>(std::chrono::year_month_day(*since).day());
  return begins(kFirst + std::chrono::days(day - 1)) || (day == 1 && begins(kEnd));
}

}  // namespace

std::vector<RowBound> bounds_of_row(const CutWorld& world, size_t last, const std::string& name,
                                    const std::string& path) {
  const dsl::Charge& charge = *charge_of(*world.cards[last], name);
  std::array<std::vector<dsl::MoneyStep>, 2> steps;
  Texts texts;
  for (size_t version = 0; version <= last; ++version) {
    const dsl::RateCard& card = *world.cards[version];
    if (!has_row(card, charge, path)) continue;
    steps[version] = steps_of_row(card, *charge_of(card, name), path);
    texts[version] = written(steps[version]);
  }
  const auto made_of = [&](size_t version, const Acting& line, Fraction amount) {
    for (size_t i = *line.place[version] + 1; i < steps[version].size(); ++i) {
      const dsl::MoneyStep& below = steps[version][i];
      if (is_bound(charge, below)) continue;
      amount = below.fraction ? Fraction(amount * factor_of(below))
                              : after_money_line(below.kind, amount, below.amount_minor, true);
    }
    return amount;
  };
  std::vector<RowBound> bounds;
  const auto stays = [&](const auto&, size_t place) {
    return is_bound(charge, steps[0][place]) && is_minimum_by_day((*texts[0])[place]);
  };
  for (const Acting& line : acting(texts, stays)) {
    const Written& step = said(texts, line);
    if (!is_bound(charge, steps[line.by()][*line.place[line.by()]])) continue;
    if (!step.by_day) {
      bounds.push_back({step.kind, made_of(line.by(), line, step.amount)});
      continue;
    }
    // As usage would be billed that comes to these amounts.
    const auto [at_cut, at_end] = by_days(world, texts, line);
    Fraction amount = line.place[0] ? made_of(0, line, at_cut) : Fraction(0);
    if (line.place[1]) amount += made_of(1, line, at_end);
    if (line.place[0] && line.place[1]) amount -= made_of(1, line, at_cut);
    bounds.push_back({step.kind, amount});
  }
  return bounds;
}

std::vector<SumLine> lines_on_sum(const CutWorld& world, size_t last, const std::string& name) {
  std::array<const dsl::Charge*, 2> charges{};
  Texts texts;
  for (size_t version = 0; version <= last; ++version)
    if ((charges[version] = charge_of(*world.cards[version], name)))
      texts[version] = written(steps_on_sum(*charges[version]));
  const bool of_rows = rows_have_bound(*charges[last]) || rows_have_minimum(charges[0], true);
  const bool below_rows =
      rows_have_minimum(charges[0], true) && !rows_have_minimum(charges[1], false);
  const auto stays = [&](const std::vector<Acting>& above, size_t place) {
    const Written& line = (*texts[0])[place];
    if (line.kind == MoneyKind::Minimum || line.kind == MoneyKind::Maximum)
      return is_minimum_by_day(line);
    return below_rows || std::ranges::any_of(above, [&](const Acting& each) {
             return is_minimum_by_day((*texts[0])[*each.place[0]]) && said(texts, each).by_day;
           });
  };
  std::vector<SumLine> lines;
  bool once = of_rows;
  for (const Acting& line : acting(texts, stays)) {
    const Written& step = said(texts, line);
    once = once || step.kind == MoneyKind::Minimum || step.kind == MoneyKind::Maximum ||
           line.by() != last;
    if (!once) continue;
    const size_t by = line.by();
    lines.push_back({path_of(*charges[by], step.kind), identity(*texts[by], *line.place[by]).second,
                     step.kind, amount_of(world, texts, line)});
  }
  return lines;
}

std::vector<BillLine> lines_of_bill(const CutWorld& world) {
  Texts texts;
  for (const size_t version : {size_t{0}, size_t{1}}) {
    texts[version].emplace();
    for (const dsl::BillStep& step : world.cards[version]->bill_steps)
      texts[version]->push_back({step.kind,
                                 step.commitment ? step.commitment->name
                                 : step.fraction ? "%"
                                                 : "",
                                 step.amount_minor, step.prorated_by_day});
  }
  const std::array<Period, 2> days{Period{kFirst, world.cut}, Period{world.cut, kEnd}};
  const auto is_settled = [&](size_t version, size_t place) {
    const auto& commitment = world.cards[version]->bill_steps[place].commitment;
    return commitment && ends_in(*commitment, world.since, days[version]);
  };
  const auto stays = [&](const auto&, size_t place) {
    return is_minimum_by_day((*texts[0])[place]) || is_settled(0, place);
  };
  std::vector<BillLine> lines;
  for (const Acting& line : acting(texts, stays)) {
    // A commitment is settled by the card of the day on which its time ends.
    size_t by = line.by();
    if (line.place[0] && is_settled(0, *line.place[0])) by = 0;
    const dsl::BillStep& step = world.cards[by]->bill_steps[*line.place[by]];
    lines.push_back({world.cards[by], &step,
                     step.commitment ? Fraction(step.amount_minor) : amount_of(world, texts, line),
                     !step.commitment || is_settled(by, *line.place[by])});
  }
  return lines;
}

}  // namespace toll::differential
