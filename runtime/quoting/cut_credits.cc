#include "runtime/quoting/cut_credits.h"

#include <algorithm>
#include <optional>
#include <set>

#include "compiler/credit_draws.h"
#include "runtime/quoting/answer_writer.h"

namespace toll::runtime {
namespace {

using compiler::CreditStep;
using UsedByCharge = std::map<std::string, Ratio>;

class Payments {
 public:
  Payments(const CutPeriod& period, const std::vector<CreditSegment>& segments)
      : period_(period), segments_(segments) {
    for (const CutGrant& grant : period.grants) payments_.left.push_back(grant.quantity);
    for (size_t part = 0; part < period.parts.size(); ++part) {
      for (const CreditStep& step : steps(part)) charges_[unit_of(part, step)];  // perhaps of none
      for (const dsl::Charge& charge : card(part).charges)
        if (charge.credit) charges_[card(part).credits[*charge.credit].name].insert(charge.name);
    }
  }

  std::expected<CreditPayments, Refusal> run() {
    for (const CreditSegment& segment : segments_) {
      pay(segment);
      before_ = segment.used;
      note_beyond(segment);
    }
    for (size_t part = 0; part < period_.parts.size(); ++part)
      for (const CreditStep& step : steps(part))
        if (auto fine = price(part, step); !fine) return std::unexpected(std::move(fine.error()));
    if (!too_large_.empty()) return std::unexpected(line_too_large(too_large_));
    return std::move(payments_);
  }

 private:
  /// What does not fit makes the whole a refusal, at the end.
  Ratio fitting(const std::optional<Ratio>& value, const std::string& line) {
    if (!value && too_large_.empty()) too_large_ = line;
    return value.value_or(Ratio());
  }
  Ratio add(const Ratio& a, const Ratio& b, const std::string& line) {
    return fitting(checked_add(a, b), line);
  }
  Ratio take(const Ratio& a, const Ratio& b, const std::string& line) {
    return fitting(checked_sub(a, b), line);
  }

  const dsl::RateCard& card(size_t part) const { return period_.parts[part].revision->card(); }
  const std::vector<CreditStep>& steps(size_t part) const {
    return period_.parts[part].revision->program().credit_steps;
  }
  std::string unit_of(size_t part, const CreditStep& step) const {
    return card(part).credits[*card(part).pools[step.billed_by()].credit].name;
  }

  /// The charges that a draw pays for, in their order: the last pool pays for all in its unit, also
  /// for those that only another version has.
  std::vector<std::string> charges_of(size_t part, const CreditStep& step,
                                      const CreditStep::Draw& draw) const {
    std::vector<std::string> names;
    for (const uint32_t place : draw.charges)
      names.push_back(card(part).charges[step.charges[place]].name);
    if (&draw != &step.draws.back()) return names;
    for (const std::string& name : charges_.at(unit_of(part, step)))
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    return names;
  }

  void pay(const CreditSegment& segment) {
    const std::vector<size_t> order = spent_in_order(card(segment.part), period_.grants);
    for (const CreditStep& step : steps(segment.part)) {
      Ratio& paid_of_unit = paid_[unit_of(segment.part, step)];
      UsedByCharge open;
      for (const auto& [charge, used] : segment.used)
        open[charge] = std::max(Ratio(), take(used, before_[charge], charge));
      for (const CreditStep::Draw& draw : step.draws) {
        const std::string& pool = card(segment.part).pools[draw.pool].name;
        for (const std::string& charge : charges_of(segment.part, step, draw)) {
          for (const size_t g : order) {
            const CutGrant& grant = period_.grants[g];
            if (grant.pool != pool || !grant.is_there(segment.from)) continue;
            const Ratio paid = std::min(open[charge], payments_.left[g]);
            open[charge] = take(open[charge], paid, pool);
            payments_.left[g] = take(payments_.left[g], paid, pool);
            paid_of_unit = add(paid_of_unit, paid, pool);
          }
        }
      }
    }
  }

  /// What no grant has paid when the segment ends, by unit.
  void note_beyond(const CreditSegment& segment) {
    std::map<std::string, Ratio>& beyond = beyond_.emplace_back();
    for (const auto& [unit, charges] : charges_) {
      Ratio used;
      for (const std::string& charge : charges) {
        const auto found = segment.used.find(charge);
        if (found != segment.used.end()) used = add(used, found->second, charge);
      }
      beyond[unit] = std::max(Ratio(), take(used, paid_[unit], unit));
    }
  }

  /// The last segment of which a part answers for what is beyond: up to the next part that has
  /// pools of the unit.
  size_t last_segment_of(size_t part, const std::string& unit) const {
    const auto answers = [&](size_t other) {
      return std::ranges::any_of(
          steps(other), [&](const CreditStep& step) { return unit_of(other, step) == unit; });
    };
    size_t next = part + 1;
    while (next < period_.parts.size() && !answers(next)) ++next;
    size_t last = 0;
    for (size_t s = 0; s < segments_.size(); ++s)
      if (segments_[s].part < next) last = s;
    return last;
  }

  std::expected<void, Refusal> price(size_t part, const CreditStep& step) {
    const dsl::Pool& pool = card(part).pools[step.billed_by()];
    const std::string unit = unit_of(part, step);
    BeyondShare share{.part = part,
                      .pool = &pool,
                      .credits = beyond_[last_segment_of(part, unit)][unit],
                      .credits_before = answered_[unit],
                      .all = {},
                      .before = {}};
    answered_[unit] = share.credits;
    if (step.blocked && share.credits > share.credits_before)
      return std::unexpected(Refusal{Refusal::Kind::Unfit, {{"/usage", why_pool_is_empty(pool)}}});
    const std::string line = pool.name + "/beyond";
    share.all = fitting(compiler::price_beyond(step, share.credits), line);
    share.before = fitting(compiler::price_beyond(step, share.credits_before), line);
    payments_.beyond.push_back(share);
    return {};
  }

  const CutPeriod& period_;
  const std::vector<CreditSegment>& segments_;
  CreditPayments payments_;
  std::map<std::string, std::set<std::string>> charges_;  // by unit, of all parts
  UsedByCharge before_;                                   // when the segment begins
  std::map<std::string, Ratio> paid_;                     // by unit, up to now
  std::vector<std::map<std::string, Ratio>> beyond_;      // by segment, then by unit
  std::map<std::string, Ratio> answered_;                 // by unit, what earlier parts bill
  std::string too_large_;                                 // the first line that does not fit
};

}  // namespace

std::expected<CreditPayments, Refusal> pay_credits(const CutPeriod& period,
                                                   const std::vector<CreditSegment>& segments) {
  return Payments(period, segments).run();
}

}  // namespace toll::runtime
