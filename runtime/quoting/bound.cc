#include "runtime/quoting/bound.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

#include "base/money.h"
#include "dsl/near_value.h"
#include "dsl/parts_of_period.h"
#include "dsl/priced_by_itself.h"
#include "runtime/quote.h"
#include "runtime/quoting/carried_grants.h"
#include "runtime/quoting/carried_state.h"
#include "runtime/quoting/choice.h"
#include "runtime/quoting/covered_days.h"
#include "runtime/quoting/grants.h"
#include "runtime/quoting/levels.h"
#include "runtime/quoting/priced_days.h"
#include "runtime/quoting/warnings.h"
#include "runtime/quoting/whole_counts.h"

namespace toll::runtime {
namespace {

/// An element of the document's `usage`. Its pointer is made where something is wrong there.
struct EntryPlace {
  size_t index;
  std::string operator+(std::string_view field) const {
    return fmt::format("/usage/{}{}", index, field);
  }
  operator std::string() const { return *this + ""; }
};

/// Collects what is wrong with a document while the rest of it is still looked at.
class Binder {
 public:
  Binder(const CardSet& cards, const UsageDocument& document, BoundUsage& bound,
         std::vector<UsageFault> faults, std::optional<CutPlace> cut = {})
      : cards_(cards),
        document_(document),
        revision_(*bound.revision),
        bound_(bound),
        faults_(std::move(faults)),
        cut_(cut) {}

  std::expected<void, Refusal> bind() {
    // Without a period to hold them against, the dates of entries mean nothing.
    if (cover()) {
      if (!cut_) bind_grants();  // else they are gathered for all parts together
      settle_fees(bound_, document_.customer_since);
      for (const size_t i : entries()) bind_entry(i);
      check_passed_over();
      add_levels();
    }
    if (!cut_) {  // else all parts together have been asked
      const Revision* const offer = &revision_;
      std::ranges::move(unfit_state(cards_, document_, {&offer, 1}, bound_.covered.from),
                        std::back_inserter(faults_));
      bound_.waiting_state = waiting_state(cards_, document_, {&offer, 1}, bound_.covered);
      if (!card().pools.empty() || !bound_.waiting.empty())
        bound_.plans = plans_of(cards_, bound_.revision);
    }
    for (const UsageDocument::ToDate& used : document_.used_to_date) bind_used_to_date(used);
    settle_commitments();
    if (faults_.empty()) finish();
    if (!faults_.empty()) return std::unexpected(Refusal{Refusal::Kind::Unfit, std::move(faults_)});
    return {};
  }

 private:
  const dsl::RateCard& card() const { return revision_.card(); }

  /// Which entries are bound, in which order: in a period that versions cut those of earlier days
  /// first, since items stand in the order of time.
  std::vector<size_t> entries() const {
    std::vector<size_t> order(document_.usage.size());
    std::iota(order.begin(), order.end(), size_t{0});
    if (!cut_) return order;
    const auto from = [&](size_t i) {
      return document_.usage[i].from.value_or(bound_.covered.from);
    };
    std::erase_if(order, [&](size_t i) {
      return from(i) >= cut_->used_until || is_passed_over(document_.usage[i]);
    });
    std::ranges::stable_sort(order, {}, from);
    return order;
  }

  /// What costs nothing on its days may not name what there is not either: it may be meant for
  /// other days. The part that prices the meter knows its values.
  void check_passed_over() {
    for (size_t i = 0; cut_ && i < document_.usage.size(); ++i) {
      const UsageEntry& entry = document_.usage[i];
      const uint32_t meter = revision_.meter(entry.meter);
      if (meter == Revision::kNone || !is_passed_over(entry)) continue;
      const EntryPlace place{i};
      check_dates(place, entry);
      if (find_values(place, entry, meter)) is_counted(place, entry, meter);
    }
  }

  /// Whether an entry says nothing about the days of the version or those before. REQUIRES: cut_.
  bool is_passed_over(const UsageEntry& entry) const {
    if (entry.given != UsageEntry::Given::Days) {
      const Date from = entry.from.value_or(bound_.covered.from);
      return !is_counted(from) || cut_->priced.costs_nothing(entry.meter, from);
    }
    const auto is_left_out = [&](const auto& day) { return !is_counted(day.first); };
    if (!entry.days.empty() && std::ranges::all_of(entry.days, is_left_out)) return true;
    const uint32_t meter = revision_.meter(entry.meter);
    const bool by_day = meter != Revision::kNone && card().meters[meter].grain == dsl::Grain::Day;
    return !by_day && cut_->priced.is_given_so(entry.meter, entry.given) &&
           std::ranges::all_of(entry.days, [&](const auto& day) {
             return day.first >= cut_->used_until ||
                    cut_->priced.costs_nothing(entry.meter, day.first);
           });
  }

  /// REQUIRES: cut_.
  bool is_counted(Date day) const {
    return !cut_->days ||
           std::ranges::any_of(*cut_->days, [&](const Period& each) { return each.contains(day); });
  }

  /// Whether all that an entry gives was used before the version began.
  bool is_before_version(const UsageEntry& entry) const {
    if (!cut_) return false;
    if (entry.given == UsageEntry::Given::Days)
      return std::ranges::all_of(entry.days,
                                 [&](const auto& day) { return day.first < cut_->version_from; });
    return entry.until && *entry.until <= cut_->version_from;
  }

  template <typename... Args>
  void fault(std::string pointer, fmt::format_string<Args...> format, Args&&... args) {
    faults_.push_back({std::move(pointer), fmt::format(format, std::forward<Args>(args)...)});
  }

  /// Settles the part of one billing period that the quote is for; false where there is none.
  bool cover() {
    const auto days = covered_days(cards_, document_, revision_, cut_.has_value(), faults_);
    if (!days) return false;
    bound_.covered = days->covered;
    whole_ = days->whole;
    period_days_ = whole_.days();
    return true;
  }

  template <typename... Args>
  bool refuse(std::string pointer, fmt::format_string<Args...> format, Args&&... args) {
    fault(std::move(pointer), format, std::forward<Args>(args)...);
    return false;
  }

  void bind_entry(size_t index) {
    const UsageEntry& entry = document_.usage[index];
    const EntryPlace place{index};
    const uint32_t meter = revision_.meter(entry.meter);
    if (meter == Revision::kNone) {
      if (!cut_ || !cut_->priced.is_priced(entry.meter)) unknown_meter(place, entry.meter);
      return;
    }
    check_dates(place, entry);
    if (!find_values(place, entry, meter) || is_for_other_version(entry, meter) ||
        !is_given_as_priced(place, entry, meter) || !is_counted(place, entry, meter))
      return;
    const uint32_t segment = segment_of(place, entry, meter);
    const auto use = [&](const Decimal& quantity, uint32_t day, uint32_t in) {
      if (dsl::adds_up(card().meters[meter].binding.aggregate))
        add(meter, values_, quantity, day, in, place);
      else
        add_level(place, entry, meter, quantity, day, in);
    };
    if (entry.given == UsageEntry::Given::Quantity)
      use(entry.quantity, 0, segment);
    else  // perhaps with no items at all
      for_each_usage(bound_, segment, [&](auto& usage) { usage.name_cells(meter, values_); });
    if (entry.pending) bind_pending(place, entry, meter);
    for (const Decimal& item : entry.items) use(item, 0, segment);
    for (const auto& [day, quantity] : entry.days)
      if (!cut_ || (day < cut_->used_until && is_counted(day) &&
                    !cut_->priced.costs_nothing(entry.meter, day)))
        use(quantity, day_of_period(place, day), segment_at(bound_, day));
  }

  void add(uint32_t meter, std::span<const uint32_t> values, const Decimal& quantity, uint32_t day,
           uint32_t segment, const EntryPlace& place) {
    const auto used = checked_add(bound_.used[meter], quantity);
    bound_.used[meter] = used.value_or(Decimal{});
    for_each_usage(bound_, segment, [&](auto& usage) { usage.add(meter, values, quantity, day); });
    const UsageEntry& entry = document_.usage[place.index];
    if (!used && std::exchange(overflowed_, place.index) != place.index)
      fault(place + field_of(entry), "the quantities of `{}` add up to too much", entry.meter);
  }

  /// What does not add up is added when all entries of its cell are known.
  void add_level(const EntryPlace& place, const UsageEntry& entry, uint32_t meter,
                 const Decimal& quantity, uint32_t day, uint32_t segment) {
    const Levels::Level level{.quantity = quantity,
                              .days = {entry.from.value_or(bound_.covered.from),
                                       entry.until.value_or(bound_.covered.until)},
                              .entry = place.index,
                              .segment = segment};
    const auto added =
        levels_.add(card().meters[meter].binding.aggregate,
                    {.meter = meter, .values = values_, .day = day}, level, bound_.covered);
    if (!added)
      fault(place,
            "`{}` has a quantity at these values already, and two {} do not say what both come to: "
            "give one entry, or where prices change inside the period quote the days before and "
            "after by themselves",
            entry.meter, added.error());
  }

  void add_levels() {
    for (const auto& [cell, sum] : levels_.cells()) {
      const EntryPlace place{sum.level.entry};
      if (sum.quantity)
        add(cell.meter, cell.values, *sum.quantity, cell.day, sum.level.segment, place);
      else
        fault(place, "what `{}` comes to over the days of the period does not fit",
              card().meters[cell.meter].name);
    }
  }

  void bind_pending(const EntryPlace& place, const UsageEntry& entry, uint32_t meter) {
    if (entry.given != UsageEntry::Given::Quantity || *entry.pending > entry.quantity)
      return fault(place + "/pending", "what may be taken back is a part of `quantity`");
    if (*entry.pending == Decimal{}) return;
    const auto& outcome = card().meters[meter].binding.outcome;
    if (!outcome || !outcome->unless)
      return fault(place + "/pending",
                   "nothing that `{}` counts can be taken back, since it has no `unless`: leave "
                   "`pending` out",
                   entry.meter);
    if (!bound_.pending)
      bound_.pending = std::make_unique<compiler::UsageVector>(card(), revision_.program());
    bound_.pending->add(meter, values_, *entry.pending);
  }

  /// In which segment an entry was used. It matters for what is priced in credits, and then the
  /// document has to say it: credits pay for what is used while they are there.
  uint32_t segment_of(const EntryPlace& place, const UsageEntry& entry, uint32_t meter) {
    const Period& covered = bound_.covered;
    const Date from = entry.from.value_or(covered.from);
    const Date until = entry.until.value_or(covered.until);
    const uint32_t segment = segment_at(bound_, from);
    if (!bound_.cuts.empty() && !dsl::adds_up(card().meters[meter].binding.aggregate) &&
        is_priced_in_credits(card(), meter))
      fault(place,
            "a grant of credits begins or ends on {}, and how much of `{}` was used before it does "
            "not follow: quote the days before and after by themselves",
            to_string(bound_.cuts.front()), entry.meter);
    if (entry.given == UsageEntry::Given::Days || from >= until) return segment;
    if (segment == segment_at(bound_, until - std::chrono::days(1))) return segment;
    if (is_priced_in_credits(card(), meter))
      fault(place,
            "a grant of credits begins or ends on {}, so it matters when `{}` was used: split the "
            "entry there, with `from` and `until`",
            to_string(bound_.cuts[segment]), entry.meter);
    return segment;
  }

  void bind_grants() {
    std::vector<size_t> places;  // in the document
    const Revision* const offer = &revision_;
    for (size_t i = 0; i < document_.grants.size(); ++i) {
      const Grant& given = document_.grants[i];
      if (waits(cards_, {&offer, 1}, given, i, bound_.covered, bound_.waiting, faults_)) continue;
      auto grant = bind_grant(given, i, card(), bound_.covered);
      if (!grant) {
        faults_.push_back(std::move(grant.error()));
        continue;
      }
      if (!is_countable(*grant, i)) continue;
      bound_.grants.push_back(*std::move(grant));
      places.push_back(i);
    }
    if (places.size() + bound_.waiting.size() == document_.grants.size() && !places.empty())
      refuse_impossible_grants(places);
    settle_grants(bound_, document_.customer_since, [&](const dsl::Pool& pool) {
      return granting_from(cards_, document_, bound_.covered, whole_, pool);
    });
  }

  bool is_countable(const BoundGrant& grant, size_t index) {
    const auto why_not = why_uncountable(revision_.program(), grant.grant, credit_parts_);
    return !why_not || refuse(fmt::format("/state/grants/{}/quantity", index), "{}", *why_not);
  }

  /// REQUIRES: the grants are those of the document.
  void refuse_impossible_grants(std::span<const size_t> places) {
    auto faults = impossible_grants({revision_, bound_.covered, bound_.grants, places},
                                    grantors_of(cards_, document_, revision_, bound_.covered),
                                    document_.customer_since);
    std::ranges::move(faults, std::back_inserter(faults_));
  }

  static std::string_view field_of(const UsageEntry& entry) {
    switch (entry.given) {
      case UsageEntry::Given::Items:
        return "/items";
      case UsageEntry::Given::Days:
        return "/days";
      case UsageEntry::Given::Quantity:
        break;
    }
    return "/quantity";
  }

  /// Whether an entry of the time before the version is given as the one of its days prices it, and
  /// what this one makes of items or days of its own does not depend on it.
  bool is_for_other_version(const UsageEntry& entry, uint32_t meter) const {
    const dsl::Grain grain = card().meters[meter].grain;
    if (grain == dsl::Grain::Cell || !is_before_version(entry)) return false;
    const Date day = entry.given == UsageEntry::Given::Days && !entry.days.empty()
                         ? entry.days.front().first
                         : entry.from.value_or(bound_.covered.from);
    using Given = UsageEntry::Given;
    return entry.given != (grain == dsl::Grain::Item ? Given::Items : Given::Days) &&
           cut_->priced.is_given_so_on(entry.meter, entry.given, day) &&
           dsl::prices_by_itself(card(), meter);
  }

  /// Whether an entry gives what the charges on its meter price: a quantity, items, or days. What
  /// one version of a cut period prices one by one, another one adds up.
  bool is_given_as_priced(const EntryPlace& place, const UsageEntry& entry, uint32_t meter) {
    using Given = UsageEntry::Given;
    const auto pointer = [&] { return place + field_of(entry); };
    switch (card().meters[meter].grain) {
      case dsl::Grain::Item:
        return entry.given == Given::Items ||
               refuse(pointer(),
                      "{} prices each item of `{}`: give them one by one, as in "
                      "\"items\": [\"100.00\", \"9.99\"]",
                      offer_name(), entry.meter);
      case dsl::Grain::Day:
        return entry.given == Given::Days ||
               refuse(pointer(),
                      "{} prices each day of `{}`: give a quantity for each, as in "
                      "\"days\": {{\"{}\": \"{}\"}}",
                      offer_name(), entry.meter, to_string(bound_.covered.from),
                      counts_whole(card().meters[meter]) ? "3" : "3.5");
      case dsl::Grain::Cell:
        break;
    }
    if (entry.given == Given::Quantity ||
        (cut_ && cut_->priced.is_given_so(entry.meter, entry.given)))
      return true;
    return refuse(pointer(), "{} prices the sum of `{}`: give it as `quantity`", offer_name(),
                  entry.meter);
  }

  /// Whether a meter that counts can have come to what an entry gives. Of days before the version
  /// another one says what it does.
  bool is_counted(const EntryPlace& place, const UsageEntry& entry, uint32_t meter) {
    if (!counts_whole(card().meters[meter]) || is_before_version(entry)) return true;
    const size_t faults_before = faults_.size();
    const auto check = [&](std::string pointer, const Decimal& quantity) {
      if (const std::string why = unfit_count(card().meters[meter], quantity); !why.empty())
        fault(std::move(pointer), "`{}` {}", entry.meter, why);
    };
    if (entry.given == UsageEntry::Given::Quantity) check(place + "/quantity", entry.quantity);
    for (const auto& [day, quantity] : entry.days)
      check(place + "/days/" + to_string(day), quantity);
    for (const Decimal& item : entry.items) check(place + "/items", item);
    if (entry.pending) check(place + "/pending", *entry.pending);
    return faults_.size() == faults_before;
  }

  /// Counted from the first day of the period.
  uint32_t day_of_period(const EntryPlace& place, Date day) {
    const Period& covered = bound_.covered;
    if (covered.contains(day)) return static_cast<uint32_t>((day - covered.from).count());
    fault(place + "/days/" + to_string(day), "{} lies outside the period, {} to {}", to_string(day),
          to_string(covered.from), to_string(covered.until));
    return 0;
  }

  /// What is for another part of a cut period, whose plan has such an allowance, is passed over.
  void bind_used_to_date(const UsageDocument::ToDate& used) {
    const uint32_t meter = revision_.meter(used.name);
    if (meter == Revision::kNone || !is_in_allowance(card(), meter, bound_.covered.from)) return;
    bound_.used_to_date[meter] = used.value;
    for_each_usage(bound_, 0, [&](auto& usage) { usage.add_used_to_date(meter, used.value); });
  }

  /// What was billed toward each commitment, and whether it is due in the covered days.
  void settle_commitments() {
    const std::span<compiler::CommitmentState> states = bound_.usage.commitments();
    std::vector<const dsl::Commitment*> commitments;
    bound_.customer_goes = document_.customer_until == bound_.covered.until;
    for (const dsl::BillStep& step : card().bill_steps) {
      if (!step.commitment) continue;
      // Whoever goes owes what was promised for the time that has begun: nothing prorates it.
      states[commitments.size()].due =
          bound_.customer_goes ||
          ends_commitment(bound_.covered, step.commitment->per, document_.customer_since);
      commitments.push_back(&*step.commitment);
    }
    for (const UsageDocument::ToDate& billed : document_.billed_to_date)
      bind_billed_to_date(billed, commitments, states);
  }

  void bind_billed_to_date(const UsageDocument::ToDate& billed,
                           const std::vector<const dsl::Commitment*>& commitments,
                           std::span<compiler::CommitmentState> states) {
    const auto found = std::ranges::find(commitments, billed.name, &dsl::Commitment::name);
    if (found == commitments.end()) return;
    const auto minor = to_minor(billed.value, card().currency);
    if (!minor)
      return fault("/state/billed_to_date/" + pointer_token(billed.name), "`{}` is no amount of {}",
                   billed.value.to_string(), card().currency.name());
    if (may_be_in_commitment(**found, bound_.covered.from, document_.customer_since))
      states[static_cast<size_t>(found - commitments.begin())].billed = *minor;
  }

  /// "plan `pro` of card `api`"; plans of one card may price a meter in several ways.
  std::string offer_name() const {
    const bool in_no_plan = card().plan.empty() && !card().plans.empty();
    return fmt::format("{}card `{}`",
                       in_no_plan            ? "what is common to all plans of "
                       : card().plan.empty() ? std::string()
                                             : fmt::format("plan `{}` of ", card().plan),
                       card().name);
  }

  void unknown_meter(const EntryPlace& place, const std::string& name) {
    std::vector<std::string> known;
    for (const dsl::Meter& meter : card().meters) known.push_back(meter.name);
    const bool in_no_plan = card().plan.empty() && !card().plans.empty();
    fault(place + "/meter", "{} has no meter `{}`{}{}{}", offer_name(), name,
          known.empty() ? ": usage costs nothing there" : "; its meters are ", listed(known),
          in_no_plan ? fmt::format("; name the plan, one of {}", listed(card().plans)) : "");
  }

  void check_dates(const EntryPlace& place, const UsageEntry& entry) {
    const Period& covered = bound_.covered;
    const Date from = entry.from.value_or(covered.from),
               until = entry.until.value_or(covered.until);
    if (from < covered.from || until > covered.until || from >= until)
      fault(place + (entry.from ? "/from" : "/until"), "{} to {} is no part of the period {} to {}",
            to_string(from), to_string(until), to_string(covered.from), to_string(covered.until));
    for (const auto& [day, quantity] : entry.days)
      if ((entry.from && day < *entry.from) || (entry.until && day >= *entry.until))
        fault(place + "/days/" + to_string(day), "{} lies outside the entry's own days, {} to {}",
              to_string(day), to_string(from), to_string(until));
  }

  /// Fills values_ with one index per dimension of the meter.
  bool find_values(const EntryPlace& place, const UsageEntry& entry, uint32_t meter) {
    const size_t faults_before = faults_.size();
    values_.clear();
    for (uint32_t dimension : card().meters[meter].dimensions) {
      const dsl::Dimension& declared = card().dimensions[dimension];
      const auto given =
          std::ranges::find(entry.at, declared.name, &std::pair<std::string, std::string>::first);
      if (given == entry.at.end()) {
        fault(place + "/at", "meter `{}` counts by `{}`, and no value is given for it", entry.meter,
              declared.name);
        continue;
      }
      values_.push_back(revision_.value(dimension, given->second));
      if (values_.back() == Revision::kNone)
        fault(place + "/at/" + declared.name, "`{}` is not a value of `{}`{}; its values are {}",
              given->second, declared.name, dsl::but_is(declared, given->second),
              listed(declared.values));
      else
        add_warning(bound_.warnings, dsl::warning_of_other(declared, given->second));
    }
    for (const auto& [name, value] : entry.at) {
      const auto named = [&](uint32_t dimension) {
        return card().dimensions[dimension].name == name;
      };
      if (std::ranges::none_of(card().meters[meter].dimensions, named))
        fault(place + "/at/" + pointer_token(name), "meter `{}` does not count by `{}`",
              entry.meter, name);
    }
    return faults_.size() == faults_before;
  }

  void finish() {
    const auto bind_days = [&](compiler::UsageVector& usage) {
      compiler::RateInput* input = usage.bind();
      if (!input) return input;
      input->covered_days = bound_.covered.days();
      input->period_days = period_days_;
      input->final = document_.final;
      return input;
    };
    bound_.input = bind_days(bound_.usage);
    if (!bound_.input)
      return fault("/usage", "the quantities of a meter{} add up to {} or more",
                   card().pools.empty() ? "" : ", or the grants of a pool,", "10^18");
    for (auto& part : bound_.parts) part->input = bind_days(part->usage);
    if (bound_.pending) bound_.pending_input = bound_.pending->bind();  // less than what was used
  }

  const CardSet& cards_;
  const UsageDocument& document_;
  const Revision& revision_;
  BoundUsage& bound_;
  Period whole_;  // the billing period
  int period_days_ = 0;
  std::vector<uint32_t> values_;
  Levels levels_{card().time_zone};
  size_t overflowed_ = SIZE_MAX;        // the entry that was said to make a meter come to too much
  compiler::CreditParts credit_parts_;  // of the grants so far
  std::vector<UsageFault> faults_;
  const std::optional<CutPlace> cut_;
};

}  // namespace

BoundUsage::BoundUsage(std::shared_ptr<const Revision> bound_to)
    : revision(std::move(bound_to)),
      usage(revision->card(), revision->program(), &arena.memory),
      used(revision->card().meters.size(), &arena.memory),
      used_to_date(revision->card().meters.size(), &arena.memory) {}

Period billing_period(const CardSet& cards, const Revision& revision, Date on,
                      std::optional<Date> since) {
  const CardSet::Days days = cards.days_of(revision, on, since);
  Date day = std::max(on, days.from);
  if (days.until && on >= *days.until) day = *days.until - std::chrono::days(1);
  Period period = period_containing(revision.card().period, day);
  period.from = std::max(period.from, days.from);
  if (days.until) period.until = std::min(period.until, *days.until);
  return period;
}

std::expected<void, Refusal> bind_document(const CardSet& cards, const UsageDocument& document,
                                           std::optional<BoundUsage>& bound) {
  if (!document.plan_changes.empty())
    return std::unexpected(Refusal{
        Refusal::Kind::Unfit,
        {{"/plan_changes", "the plan changes inside the period, and one plan is asked for"}}});
  auto choice = choose_among(cards, document);
  if (!choice) return std::unexpected(std::move(choice.error()));
  // What a card without plans meters is known all the same.
  if (!choice->offer && choice->version->card().plans.empty()) choice->offer = choice->version;
  if (!choice->offer)
    return std::unexpected(Refusal{Refusal::Kind::Unfit, std::move(choice->faults)});
  bound.emplace(std::move(choice->offer));
  return Binder(choice->set(cards), document, *bound, std::move(choice->faults)).bind();
}

std::expected<std::unique_ptr<BoundUsage>, Refusal> bind_to(const CardSet& cards,
                                                            const UsageDocument& document,
                                                            std::shared_ptr<const Revision> offer,
                                                            const CutPlace& cut) {
  auto bound = std::make_unique<BoundUsage>(std::move(offer));
  bound->of_cut_period = true;
  if (auto fits = Binder(cards, document, *bound, {}, cut).bind(); !fits)
    return std::unexpected(std::move(fits.error()));
  return bound;
}

}  // namespace toll::runtime
