#include "runtime/quoting/covered_days.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "runtime/quote.h"
#include "runtime/quoting/choice.h"

namespace toll::runtime {
namespace {

class DaysOfDocument {
 public:
  DaysOfDocument(const CardSet& cards, const UsageDocument& document, const Revision& revision,
                 bool cut, std::vector<UsageFault>& faults)
      : cards_(cards), document_(document), revision_(revision), cut_(cut), faults_(faults) {}

  std::optional<CoveredDays> find() {
    const Date on = day();
    const CardSet::Days days = cards_.days_of(revision_, on, document_.customer_since);
    const auto in_force = [&] {
      return fmt::format("version {} of `{}` is in force from {}{}", revision_.version(),
                         card().name, to_string(days.from),
                         days.until ? " until " + to_string(*days.until) : "");
    };
    if (document_.on && (on < days.from || (days.until && on >= *days.until)))
      return none("/on", "{} lies outside the days of the card: {}", to_string(on), in_force());
    covered_ = document_.period ? *document_.period
                                : billing_period(cards_, revision_, on, document_.customer_since);
    if (!document_.period) leave_out_deals(on);
    if (!ends_with_customer()) return std::nullopt;
    const Period& covered = covered_;
    const Period whole = period_containing(card().period, covered.from);
    if (covered.from >= covered.until)
      return none("/period", "the period has no days: its `until`, {}, is not after its `from`",
                  to_string(covered.until));
    if (covered.until > whole.until)
      return none("/period", "the period {} the card's billing period, a {}: {} to {}",
                  covered.days() > whole.days() ? "is longer than" : "goes beyond",
                  to_string(card().period), to_string(whole.from), to_string(whole.until));
    if (!cut_ && (covered.from < days.from || (days.until && covered.until > *days.until)))
      return none("/period", "{}{}", in_force(), next_in_error(days.until));
    if (!cut_ && has_other_deal()) return std::nullopt;
    if (document_.on && document_.period && !covered.contains(*document_.on))
      fault("/on", "{} lies outside the period", to_string(*document_.on));
    if (document_.customer_since && *document_.customer_since >= covered.until)
      fault("/customer_since", "it was no customer before {}, and the period ends with {}",
            to_string(*document_.customer_since), to_string(covered.until - std::chrono::days(1)));
    return CoveredDays{covered, whole};
  }

 private:
  const dsl::RateCard& card() const { return revision_.card(); }

  /// Whether days are left before the customer goes; those behind are nobody's.
  bool ends_with_customer() {
    const std::optional<Date>& gone = document_.customer_until;
    if (!gone) return true;
    if (*gone <= covered_.from)
      fault("/customer_until",
            "it was no customer any more from {} on, and the period begins on {}", to_string(*gone),
            to_string(covered_.from));
    else if (document_.period && *gone < covered_.until)
      fault(
          "/customer_until",
          "it is no customer any more from {} on, and the period goes on until {}: let it end with "
          "the customer",
          to_string(*gone), to_string(covered_.until));
    else
      covered_.until = std::min(covered_.until, *gone);
    return *gone >= covered_.until;
  }

  /// What ends the days of the version, where that is another one in error.
  std::string next_in_error(std::optional<Date> day) const {
    const auto* held = day && covered_.contains(*day)
                           ? cards_.version_held_back(card().name, *day, document_.customer_since)
                           : nullptr;
    if (!held) return {};
    return fmt::format(
        ", and the one that begins then is in error ({}): the price of another version is not its "
        "price",
        held->file);
  }

  /// The version that the customer of the document has on a day; null where none is in force.
  std::shared_ptr<const Revision> version_on(Date day) const {
    for (const std::string& deal : cards_.deals(document_.card, *document_.customer))
      if (auto found = cards_.find(deal, day)) return found;
    return cards_.find(document_.card, day, document_.customer_since);
  }

  bool has_this_version(Date day) const {
    if (cards_.deal_held_back(document_.card, *document_.customer, day)) return false;
    const std::shared_ptr<const Revision> there = version_on(day);
    return there && version_key(there->card()) == version_key(card());
  }

  bool may_have_deals() const {
    return document_.customer && !document_.hash &&
           (!cards_.deals(document_.card, *document_.customer).empty() ||
            !cards_.held_back().empty());
  }

  /// Of the days of this version those around `on` on which the customer has no other one.
  void leave_out_deals(Date on) {
    Period& covered = covered_;
    const std::chrono::days day(1);
    Date from = std::clamp(on, covered.from, covered.until - day), until = from + day;
    if (!may_have_deals() || !has_this_version(from)) return;
    while (from > covered.from && has_this_version(from - day)) from -= day;
    while (until < covered.until && has_this_version(until)) until += day;
    covered = {from, until};
  }

  /// Whether the customer has another version on some of the days that the document names, and it
  /// is said: one price for all of them would be nobody's. A period that says when things were used
  /// is cut there instead.
  bool has_other_deal() {
    if (!document_.period || document_.on || !may_have_deals()) return false;
    for (Date day = covered_.from; day < covered_.until; day += std::chrono::days(1)) {
      if (has_this_version(day)) continue;
      if (const auto* held = cards_.deal_held_back(document_.card, *document_.customer, day)) {
        fault("/customer", "{}", why_deal_is_missing(*held, document_));
        return true;
      }
      const std::shared_ptr<const Revision> there = version_on(day);
      if (!there) continue;
      fault("/period", "from {} on customer `{}` has version {} of `{}`", to_string(day),
            *document_.customer, there->version(), there->card().name);
      return true;
    }
    return false;
  }

  /// The day that is asked for, or today.
  Date day() const {
    if (document_.on) return *document_.on;
    return document_.period ? document_.period->from : today_in(card().time_zone);
  }

  template <typename... Args>
  void fault(std::string pointer, fmt::format_string<Args...> format, Args&&... args) {
    faults_.push_back({std::move(pointer), fmt::format(format, std::forward<Args>(args)...)});
  }
  template <typename... Args>
  std::nullopt_t none(std::string pointer, fmt::format_string<Args...> format, Args&&... args) {
    fault(std::move(pointer), format, std::forward<Args>(args)...);
    return std::nullopt;
  }

  const CardSet& cards_;
  const UsageDocument& document_;
  const Revision& revision_;
  const bool cut_;
  std::vector<UsageFault>& faults_;
  Period covered_;
};

}  // namespace

std::optional<CoveredDays> covered_days(const CardSet& cards, const UsageDocument& document,
                                        const Revision& revision, bool cut,
                                        std::vector<UsageFault>& faults) {
  return DaysOfDocument(cards, document, revision, cut, faults).find();
}

}  // namespace toll::runtime
