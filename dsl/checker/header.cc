#include "dsl/checker/header.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/date.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

class Header {
 public:
  explicit Header(CardContext& context) : context_(context), card_(context.card) {}

  void check() {
    take_lines();
    check_complete();
    // The rounding step is money, so it is read once the currency is known.
    if (currencies_) read(*currencies_);
    if (from_) read(*from_);
    if (zone_) read(*zone_);
    if (period_) read(*period_);
    if (round_) read(*round_);
  }

 private:
  void take_lines();
  void check_complete();
  void read(const syntax::From& line);
  void read(const syntax::Currencies& line);
  void read(const syntax::TimeZone& line);
  void read(const syntax::PeriodLine& line);
  void read(const syntax::RoundLine& line);
  void read_step(const syntax::Quantity& step);

  CardContext& context_;
  RateCard& card_;
  const syntax::From* from_ = nullptr;
  const syntax::Currencies* currencies_ = nullptr;
  const syntax::TimeZone* zone_ = nullptr;
  const syntax::PeriodLine* period_ = nullptr;
  const syntax::RoundLine* round_ = nullptr;
  const syntax::ForCustomer* customer_ = nullptr;
  const syntax::Switch* switch_ = nullptr;
};

void Header::take_lines() {
  const auto take = [this](auto*& known, const auto& line) {
    if (known) {
      const Place place = context_.read.at(line.span);
      const auto text = context_.read.text(line.span);
      context_.report
          .add("E120",
               fmt::format("the card says {} twice", quoted(text.substr(0, text.find(' ')))), place)
          .see(context_.read.at(known->span), "the first time")
          .help("keep one of the two");
      return;
    }
    known = &line;
  };
  for (const auto& header : context_.syntax.headers) {
    std::visit(
        [&](const auto& line) {
          using Line = std::decay_t<decltype(line)>;
          if constexpr (std::is_same_v<Line, syntax::From>) take(from_, line);
          if constexpr (std::is_same_v<Line, syntax::Currencies>) take(currencies_, line);
          if constexpr (std::is_same_v<Line, syntax::TimeZone>) take(zone_, line);
          if constexpr (std::is_same_v<Line, syntax::PeriodLine>) take(period_, line);
          if constexpr (std::is_same_v<Line, syntax::RoundLine>) take(round_, line);
          if constexpr (std::is_same_v<Line, syntax::ForCustomer>) take(customer_, line);
          if constexpr (std::is_same_v<Line, syntax::Switch>) take(switch_, line);
        },
        header);
  }
}

void Header::check_complete() {
  if (context_.syntax.damaged) return;  // the line may be one of those that could not be read
  std::vector<std::string> missing;
  if (!from_) missing.push_back("`from`");
  if (!currencies_) missing.push_back("`currency`");
  if (!period_) missing.push_back("`period`");
  if (!round_) missing.push_back("`round each line`");
  if (missing.empty()) return;

  const Place keyword =
      context_.read.at({context_.syntax.span.begin, context_.syntax.span.begin + 4});
  if (missing.size() == 1 && !round_) {
    context_.report
        .add("E110", "card has no rounding rule", keyword, "missing `round each line ...`")
        .why("0.5 of a cent must go somewhere, and your auditors will ask where")
        .help("the usual choice is `round each line half-up`");
    return;
  }
  auto finding = context_.report.add(
      "E110", fmt::format("card has no {} line", listed(missing, "and no")), keyword);
  std::string help = "add below the line of the card:";
  if (!from_) help += "\n  from 2026-01-01";
  if (!currencies_) help += "\n  currency USD";
  if (!period_) help += "\n  period month";
  if (!round_) help += "\n  round each line half-up";
  finding.help(std::move(help));
}

void Header::read(const syntax::From& line) {
  card_.from = line.from.value;
  context_.from_known = true;
  if (!line.until) return;
  card_.until = line.until->value;
  if (line.until->value > line.from.value) return;
  context_.from_known = false;
  context_.report
      .add("E115", "the card ends before it begins", context_.read.at(line.until->span),
           "the first day that is not covered")
      .see(context_.read.at(line.from.span), "the first day that is covered")
      .help("write a later date after `until`, or leave it out");
}

void Header::read(const syntax::Currencies& line) {
  std::vector<Currency> known;
  for (const syntax::Word& name : line.names) {
    const auto currency = find_currency(name.text);
    const Place place = context_.read.at(name.span);
    if (!currency) {
      context_.report.add("E113", fmt::format("{} is not a currency", quoted(name.text)), place)
          .help("write its three letters, such as `USD` or `EUR`");
    } else if (std::ranges::find(known, *currency) != known.end()) {
      context_.report.add("E120", fmt::format("{} stands twice", quoted(name.text)), place)
          .help("leave one of them out");
    } else {
      known.push_back(*currency);
    }
  }
  if (known.size() != line.names.size()) return;
  context_.currency.place =
      context_.read.at({line.names.front().span.begin, line.names.back().span.end});
  context_.currency.currency = card_.currency = known[context_.offer.currency];
  context_.currency.all = card_.currencies = known;
}

void Header::read(const syntax::TimeZone& line) {
  if (is_time_zone(line.name.text)) {
    card_.time_zone = line.name.text;
    return;
  }
  context_.report
      .add("E114", fmt::format("{} is not a time zone", quoted(line.name.text)),
           context_.read.at(line.name.span))
      .help("write a name such as `Europe/Berlin` or `UTC`");
}

void Header::read(const syntax::PeriodLine& line) {
  if (auto unit = parse_period_unit(line.unit.text)) {
    card_.period = *unit;
    context_.period_known = true;
    return;
  }
}

void Header::read(const syntax::RoundLine& line) {
  card_.rounding = line.mode;
  if (line.place.text == "tier") {
    card_.rounding_place = RoundingPlace::Tier;
  } else if (line.place.text == "bill") {
    card_.rounding_place = RoundingPlace::Bill;
  } else if (line.place.text == "item") {
    card_.rounding_place = RoundingPlace::Item;
  }
  if (line.step && context_.read.is_for(*line.step, context_.currency)) read_step(*line.step);
}

void Header::read_step(const syntax::Quantity& step) {
  auto minor = context_.read.amount(step, context_.currency);
  if (!minor) return;
  card_.rounding_step_minor = *minor;
  if (*minor > 0) return;
  card_.rounding_step_minor = 1;
  context_.report
      .add("E128", "amounts cannot be rounded to zero", context_.read.at(step.number.span))
      .help("leave `to` and the amount out to round to the currency's smallest");
}

}  // namespace

void check_header(CardContext& context) { Header(context).check(); }

}  // namespace toll::dsl::checker
