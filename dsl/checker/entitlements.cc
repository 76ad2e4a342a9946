#include "dsl/checker/entitlements.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "base/date.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

constexpr std::array<std::string_view, 8> kTimes = {"second", "minute", "hour",    "day",
                                                    "week",   "month",  "quarter", "year"};

/// What a limit or an alert is about: a meter of the card, or (empty) the bill.
using Subject = std::optional<uint32_t>;

/// False where the word names nothing.
bool read_subject(const syntax::Word& word, Subject& subject, CardContext& context) {
  if (word.text == "bill") return true;
  subject = context.meter(word, "a limit or an alert is on a meter, or on the `bill`");
  return subject.has_value();
}

/// A threshold in the meter's unit, or in minor units for the bill.
std::optional<Ratio> read_threshold(const syntax::Quantity& quantity, const Subject& subject,
                                    std::string_view what, CardContext& context) {
  if (subject) return context.read.quantity(quantity, *context.meters[*subject], what);
  auto minor = context.read.amount(quantity, context.currency);
  return minor ? std::optional(Ratio(*minor)) : std::nullopt;
}

/// An amount of the bill is in one currency, and so the line is for the offers in that one.
bool is_for_offer(const syntax::Word& subject, const std::optional<syntax::Quantity>& amount,
                  const CardContext& context) {
  return subject.text != "bill" || !amount || context.read.is_for(*amount, context.currency);
}

bool check_per(const syntax::Limit& limit, const Subject& subject, CardContext& context) {
  if (!limit.per) return true;
  if (std::ranges::find(kTimes, limit.per->text) == kTimes.end()) {
    context.report
        .add("E312", fmt::format("{} is no time", quoted(limit.per->text)),
             context.read.at(limit.per->span))
        .help(fmt::format("write one of {}", fmt::join(kTimes, ", ")));
    return false;
  }
  const auto period = to_string(context.card.period);
  if (!subject && context.period_known && limit.per->text != period) {
    context.report
        .add("E312", fmt::format("the bill of this card is per {}", period),
             context.read.at(limit.per->span), "there is no bill of this time")
        .help(fmt::format("write `per {}`", period));
    return false;
  }
  return true;
}

/// The quantity that a meter's charges give away in a period; the largest of several.
std::map<uint32_t, const QuantityStep*> allowances(const RateCard& card) {
  std::map<uint32_t, const QuantityStep*> largest;
  for (const Charge& charge : card.charges) {
    for (const QuantityStep& step : charge.quantity_steps) {
      if (step.kind != QuantityStep::Kind::Included || step.reach == Reach::Each) continue;
      auto& known = largest[charge.meter];
      if (!known || step.quantity > known->quantity) known = &step;
    }
  }
  return largest;
}

bool blocks_per_period(const Limit& limit, const RateCard& card) {
  return limit.to && limit.action == "block" &&
         (limit.per.empty() || limit.per == to_string(card.period));
}

/// The lowest limit that stops a subject within a period.
std::map<Subject, const Limit*> blocking_limits(const RateCard& card) {
  std::map<Subject, const Limit*> lowest;
  for (const Limit& limit : card.limits) {
    if (!blocks_per_period(limit, card)) continue;
    auto& known = lowest[limit.meter];
    if (!known || *limit.to < *known->to) known = &limit;
  }
  return lowest;
}

size_t place_in_times(const std::string& per) {
  return static_cast<size_t>(std::ranges::find(kTimes, per) - kTimes.begin());
}

/// W318: `to 2,000 calls per second` beside `to 1,000 calls per month then block`.
void warn_about_unreached_limits(const RateCard& card, CardContext& context) {
  const std::string period(to_string(card.period));
  const auto time_of = [&](const Limit& limit) {
    return place_in_times(limit.per.empty() ? period : limit.per);
  };
  std::map<Subject, std::array<const Limit*, kTimes.size()>> lowest;  // that block, by time
  for (const Limit& limit : card.limits) {
    if (!limit.to || limit.action != "block") continue;
    const Limit*& known = lowest[limit.meter][time_of(limit)];
    if (!known || *limit.to < *known->to) known = &limit;
  }
  for (const Limit& limit : card.limits) {
    const auto blocking = lowest.find(limit.meter);
    if (!limit.to || limit.per.empty() || blocking == lowest.end()) continue;
    for (size_t time = time_of(limit) + 1; time < kTimes.size(); ++time) {
      const Limit* longer = blocking->second[time];
      if (!longer || *limit.to < *longer->to) continue;
      context.report
          .add("W318", "this limit is never reached", limit.source.place,
               fmt::format("per {}", limit.per))
          .see(longer->source.place, fmt::format("stops before, per {}", kTimes[time]))
          .help("lower it, or raise the other one");
      break;
    }
  }
}

class Alerts {
 public:
  explicit Alerts(CardContext& context)
      : context_(context),
        allowances_(allowances(context.card)),
        blocking_(blocking_limits(context.card)) {
    for (const Limit& limit : context.card.limits) {
      if (limit.to) limited_.emplace(limit.meter, &limit);
    }
  }

  void take(const syntax::Alert& syntax) {
    Alert alert;
    alert.declaration = syntax;
    alert.source = context_.read.source(syntax.span);
    if (take_pool(syntax, alert)) return;
    if (syntax.falls) return report_falls(syntax);
    if (!is_for_offer(syntax.subject, syntax.quantity, context_)) return;
    if (!read_subject(syntax.subject, alert.meter, context_)) return;
    if (syntax.quantity) {
      alert.at = read_threshold(*syntax.quantity, alert.meter, "this alert is at", context_);
      if (!alert.at) return;
      warn_if_never(syntax, *alert.at, alert.meter, syntax.quantity->span);
    } else if (syntax.percent && !take_share(syntax, alert)) {
      return;
    }
    context_.card.alerts.push_back(std::move(alert));
  }

 private:
  bool take_pool(const syntax::Alert& syntax, Alert& alert);
  void report_falls(const syntax::Alert& syntax) {
    if (context_.incomplete) return context_.report.hold_back();
    context_.report
        .add("E315", "usage only rises, it never falls to anything", context_.read.at(syntax.span))
        .help("write `reaches`, or name a pool");
  }
  bool take_share(const syntax::Alert& syntax, Alert& alert);
  void warn_if_never(const syntax::Alert& syntax, const Ratio& at, const Subject& subject,
                     Span place);

  CardContext& context_;
  std::map<uint32_t, const QuantityStep*> allowances_;
  std::map<Subject, const Limit*> blocking_;
  std::map<Subject, const Limit*> limited_;  ///< the first limit of each
};

/// `alert when compute falls to 20%`; false where the subject is no pool.
bool Alerts::take_pool(const syntax::Alert& syntax, Alert& alert) {
  const auto& pools = context_.card.pools;
  const auto pool = std::ranges::find(pools, syntax.subject.text, &Pool::name);
  if (pool == pools.end()) return false;
  if (!syntax.falls) {
    context_.report
        .add("E315", "a pool is drawn on, it never reaches anything", context_.read.at(syntax.span))
        .see(pool->source.place, "the pool")
        .help(fmt::format("write `alert when {} falls to 20%`", pool->name));
    return true;
  }
  alert.pool = static_cast<uint32_t>(pool - pools.begin());
  alert.at = context_.read.fraction(*syntax.percent);
  if (alert.at) context_.card.alerts.push_back(std::move(alert));
  return true;
}

/// `80% of included`, `100% of limit`.
bool Alerts::take_share(const syntax::Alert& syntax, Alert& alert) {
  auto fraction = context_.read.fraction(*syntax.percent);
  if (!fraction || !syntax.of) return false;
  const Subject& subject = alert.meter;
  std::optional<Ratio> whole;
  if (syntax.of->text == "limit") {
    if (auto known = limited_.find(subject); known != limited_.end()) whole = known->second->to;
  } else if (subject) {
    if (auto known = allowances_.find(*subject); known != allowances_.end()) {
      whole = known->second->quantity;
    }
  }
  if (!whole) {
    if (context_.incomplete || context_.offer.beside_plans) return false;
    const bool of_limit = syntax.of->text == "limit";
    context_.report
        .add("E315",
             of_limit ? fmt::format("{} has no limit in this card", quoted(syntax.subject.text))
                      : fmt::format("nothing of {} is included in this card",
                                    quoted(syntax.subject.text)),
             context_.read.at(syntax.of->span))
        .help(of_limit ? "add a `limit` line, or name a quantity: `reaches 1,000 ...`"
                       : "add an `included` line to its charge, or name a quantity: `reaches "
                         "1,000 ...`");
    return false;
  }
  if (auto at = checked_mul(*whole, *fraction)) {
    alert.at = *at;
    warn_if_never(syntax, *at, subject, {syntax.percent->span.begin, syntax.of->span.end});
    return true;
  }
  context_.report.add("E129", "this share has too many digits",
                      context_.read.at(syntax.percent->span));
  return false;
}

void Alerts::warn_if_never(const syntax::Alert& syntax, const Ratio& at, const Subject& subject,
                           Span place) {
  auto limit = blocking_.find(subject);
  if (limit == blocking_.end() || at <= *limit->second->to) return;
  context_.report
      .add("W314", "this alert never fires", context_.read.at(place),
           fmt::format("{} stops before this", syntax.subject.text))
      .see(limit->second->source.place, "the limit that blocks")
      .help("put the alert at or below the limit");
}

}  // namespace

void check_feature(const syntax::Feature& syntax, CardContext& context) {
  for (const syntax::Word& name : syntax.names) {
    const auto [known, fresh] =
        context.feature_names.emplace(name.text, context.read.at(name.span));
    if (fresh) {
      context.card.features.push_back({name.text, context.read.source(name.span)});
      continue;
    }
    context.report
        .add("E120", fmt::format("the feature {} stands twice", quoted(name.text)),
             context.read.at(name.span))
        .see(known->second, "the first time")
        .help("leave one of them out");
  }
}

void check_limit(const syntax::Limit& syntax, CardContext& context) {
  if (!is_for_offer(syntax.subject, syntax.to, context)) return;
  Limit limit;
  limit.source = context.read.source(syntax.span);
  bool known = read_subject(syntax.subject, limit.meter, context);
  known = known && check_per(syntax, limit.meter, context);
  if (syntax.per) limit.per = syntax.per->text;
  if (syntax.action) limit.action = syntax.action->text;
  if (known && syntax.to) {
    limit.to = read_threshold(*syntax.to, limit.meter, "this limit is", context);
    known = limit.to.has_value();
  }
  if (known) {
    context.card.limits.push_back(std::move(limit));
  } else {
    context.incomplete = context.limits_incomplete = true;
  }
}

void check_limits_together(CardContext& context) {
  const RateCard& card = context.card;
  std::map<std::tuple<Subject, std::string, std::string>, const Limit*> known;
  std::map<Subject, const Limit*> unlimited, bounded;
  for (const Limit& limit : card.limits) {
    auto& others = limit.to ? bounded : unlimited;
    others.emplace(limit.meter, &limit);
    auto [found, fresh] = known.try_emplace({limit.meter, limit.per, limit.action}, &limit);
    if (fresh) continue;
    context.report.add("E120", "this limit is declared twice", limit.source.place)
        .see(found->second->source.place, "declared here first")
        .help("keep one of them");
  }
  for (const auto& [subject, limit] : unlimited) {
    auto other = bounded.find(subject);
    if (other == bounded.end()) continue;
    context.report.add("E120", "what is unlimited has no other limit", limit->source.place)
        .see(other->second->source.place, "the other one")
        .help("keep one of them");
  }
  warn_about_unreached_limits(card, context);
  const auto blocking = blocking_limits(card);
  for (const auto& [meter, allowance] : allowances(card)) {
    auto limit = blocking.find(meter);
    if (limit == blocking.end() || allowance->per || *limit->second->to >= allowance->quantity)
      continue;
    context.report
        .add("W313", "this limit ends before what is included is used up",
             limit->second->source.place)
        .see(allowance->source.place, "included")
        .help("raise the limit, or include less");
  }
}

void check_alerts(std::span<const syntax::Alert* const> syntaxes, CardContext& context) {
  Alerts alerts(context);
  for (const syntax::Alert* syntax : syntaxes) alerts.take(*syntax);
}

}  // namespace toll::dsl::checker
