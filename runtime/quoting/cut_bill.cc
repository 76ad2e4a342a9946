#include "runtime/quoting/cut_bill.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/interpreter.h"
#include "runtime/quoting/amounts.h"
#include "runtime/quoting/answer_writer.h"
#include "runtime/quoting/cut_charges.h"

namespace toll::runtime {
namespace {

using compiler::LineAmount;
using compiler::LineOrigin;
using compiler::RateInput;
using compiler::RateOutput;
using Kind = LineOrigin::Kind;

/// What each fee of a part comes to for its days. It is rated without usage, which would be held
/// against allowances for these days alone.
std::expected<std::map<uint32_t, LineAmount>, Refusal> rated_fees(const CutPart& part) {
  const Revision& revision = *part.revision;
  compiler::UsageVector nothing(revision.card(), revision.program());
  RateInput input = *nothing.bind();
  input.covered_days = part.days.days();
  input.period_days = part.upto->input->period_days;
  input.fees_due = part.upto->input->fees_due;
  const auto lines = rated(revision, input);
  if (!lines) return std::unexpected(lines.error());
  std::map<uint32_t, LineAmount> fees;
  compiler::for_each_line(revision.program(), input, [&](uint32_t line, const LineOrigin& origin) {
    if (origin.kind == Kind::Fee) fees[origin.item] = (*lines)[line];
  });
  return fees;
}

Ratio exact_of(const LineAmount& line) { return Ratio::of(line.numerator, line.denominator); }

bool takes_off(const Revision& revision, const LineOrigin& origin) {
  using MoneyKind = dsl::syntax::MoneyLine::Kind;
  if (origin.kind != Kind::SharedStep) return false;
  const MoneyKind kind = revision.program().charges[origin.item].shared_steps[origin.step].kind;
  return kind == MoneyKind::Discount || kind == MoneyKind::Maximum;
}

bool is_row_of_share(const Revision& revision, const LineOrigin& origin) {
  return is_of_charge(origin) && revision.card().charges[origin.item].is_share();
}

/// A charge that later parts do not have falls due with the last part that has it, minimum and all:
/// it is settled with what the pools of that part hold then.
void settle_gone_charges(const std::vector<CutPart>& parts, std::vector<CreditSegment>& segments) {
  for (const auto& [charge, due] : segments.back().used) {
    size_t last = parts.size();
    while (last > 0 && !has_charge(parts[last - 1], charge)) --last;
    for (size_t s = 0; s < segments.size(); ++s)
      if (s + 1 == segments.size() || segments[s + 1].part >= last) segments[s].used[charge] = due;
  }
}

/// Of the key of a line in credits, which is a row of a charge.
std::string charge_of(const std::string& key) { return key.substr(0, key.find('/')); }

}  // namespace

const std::string& name_of_item(const dsl::RateCard& card, const dsl::ItemRef& item) {
  return item.kind == dsl::ItemRef::Kind::Fee ? card.fees[item.index].name
                                              : card.charges[item.index].name;
}

std::vector<std::string> keys_of(const Revision& revision, const RateInput& input) {
  std::vector<std::string> keys;
  std::map<std::string, int> seen;
  compiler::for_each_line(revision.program(), input, [&](uint32_t, const LineOrigin& origin) {
    std::string path = path_of(revision, origin);
    const int before = seen[path]++;
    keys.push_back(before == 0 ? std::move(path) : fmt::format("{} {}", path, before + 1));
  });
  return keys;
}

bool acts_on_bill(const Revision& revision, const LineOrigin& origin) {
  if (origin.kind == Kind::Pool) return !revision.card().pools[origin.item].credit;
  return origin.kind == Kind::BillStep;
}

std::expected<CutBill, Refusal> CutBill::of(const CutPeriod& period, bool final) {
  CutBill bill(period);
  for (size_t part = 0; part < period.parts.size(); ++part)
    if (auto fine = bill.add_part(part, final); !fine) return std::unexpected(fine.error());
  bill.set_order();
  bill.take_off_parts();
  if (auto fine = bill.add_shares(final); !fine) return std::unexpected(fine.error());
  if (auto fine = bill.bound_rows(final); !fine) return std::unexpected(fine.error());
  bill.bound_exact();
  if (auto fine = bill.pay(); !fine) return std::unexpected(fine.error());
  if (auto fine = bill.round(); !fine) return std::unexpected(fine.error());
  bill.bound_amounts();
  if (auto fine = bill.act_on_sums(final); !fine) return std::unexpected(fine.error());
  if (auto fine = bill.rate_bill(final); !fine) return std::unexpected(fine.error());
  bill.put_outputs();
  return bill;
}

/// What a version makes of all usage up to the end of its days, less what it makes of the usage
/// before them, without minimums and maximums; and its fees.
std::expected<void, Refusal> CutBill::add_part(size_t part, bool final) {
  const CutPart& cut = parts()[part];
  const Revision& revision = *cut.revision;
  RateInput input = *cut.upto->input;
  input.final = final;
  auto lines = rated_without_bounds(revision, input);
  if (!lines) return std::unexpected(lines.error());
  const auto fees = rated_fees(cut);
  if (!fees) return std::unexpected(fees.error());

  const auto before = taken_off(parts(), part, final);
  if (!before) return std::unexpected(before.error());

  keys_.push_back(keys_of(revision, input));
  std::map<std::string, LineOrigin>& origins = origins_.emplace_back();
  std::expected<void, Refusal> fine;
  compiler::for_each_line(revision.program(), input, [&](uint32_t line, const LineOrigin& origin) {
    if (!fine) return;
    if (origin.kind == Kind::Fee) {
      if (!is_due_in(part, revision.card().fees[origin.item])) return;
      const LineAmount& fee = fees->at(origin.item);
      fine = add(part, line, origin, exact_of(fee), Ratio());
    } else if (is_of_charge(origin)) {
      origins[keys_.back()[line]] = origin;
      if (is_row_of_share(revision, origin)) {
        line_of(part, line, origin);  // which comes to something when all that it names does
        return;
      }
      const auto known = before->find(keys_.back()[line]);
      fine = add(part, line, origin, exact_of((*lines)[line]),
                 known == before->end() ? Ratio() : known->second);
    }
  });
  outputs_.push_back(*std::move(lines));
  return fine;
}

/// A whole fee is due once: by the version that begins the period, or where it has a term, by that
/// of the day on which the term begins.
bool CutBill::is_due_in(size_t part, const dsl::Fee& fee) const {
  if (fee.prorated_by_day) return true;
  if (!fee.has_term()) return part == 0;
  const std::optional<Date>& since = parts()[part].upto->since;
  const Period& days = parts()[part].days;
  if (fee.once) return since ? days.contains(*since) : part == 0;
  return begins_term(days, *fee.term, since).has_value();
}

CutBill::Line& CutBill::line_of(size_t part, size_t at, const LineOrigin& origin) {
  const CutPart& cut = parts()[part];
  const dsl::RateCard& card = cut.revision->card();
  Line& line = lines_[keys_[part][at]];
  const bool fee = origin.kind == Kind::Fee;
  line.item = fee ? card.fees[origin.item].name : card.charges[origin.item].name;
  line.is_shared = origin.kind == Kind::SharedStep;
  line.takes_off = takes_off(*cut.revision, origin);
  line.credit = credit_of(*cut.revision, origin);
  return line;
}

std::expected<void, Refusal> CutBill::add(size_t part, size_t at, const LineOrigin& origin,
                                          const Ratio& all, const Ratio& before) {
  const CutPart& cut = parts()[part];
  const dsl::RateCard& card = cut.revision->card();
  Line& line = line_of(part, at, origin);
  const bool fee = origin.kind == Kind::Fee;
  if (fee) add_days_of_fee(cut, card.fees[origin.item], line);
  const auto here = checked_sub(all, before);
  const auto sum = here ? checked_add(line.exact, *here) : std::nullopt;
  if (!sum) return std::unexpected(line_too_large(path_of(*cut.revision, origin)));
  line.exact = *sum;
  if (is_shared_bound(*cut.revision, origin)) return {};  // no part has its share of it
  line.shares.push_back(
      {.part = part,
       .all = all,
       .before = before,
       .source = fee ? &card.fees[origin.item].source : &card.charges[origin.item].source});
  return {};
}

/// A fee of days and one of a term, or of two terms, have no quantity together.
void CutBill::add_days_of_fee(const CutPart& cut, const dsl::Fee& fee, Line& line) {
  const std::string unit = unit_of(cut.revision->card(), fee);
  line.unit_differs = line.unit_differs || (!line.unit.empty() && line.unit != unit);
  if (line.unit.empty()) line.unit = unit;
  if (fee.prorated_by_day) line.fee_days += cut.days.days();
}

void CutBill::set_order() {
  order_.clear();
  for (size_t part = parts().size(); part-- > 0;)
    for (const std::string& key : keys_[part])
      if (lines_.contains(key) && std::ranges::find(order_, key) == order_.end())
        order_.push_back(key);
}

/// Whether a line stands above a discount that rows share, in a version that brings some of it.
bool CutBill::is_above(const std::string& key, const std::string& discount) const {
  return std::ranges::any_of(lines_.at(discount).shares, [&](const Line::Share& share) {
    if (share.part > upto_ || share.all == share.before) return false;
    const std::map<std::string, LineOrigin>& origins = origins_[share.part];
    const LineOrigin& own = origins.at(discount);
    const auto there = origins.find(key);
    return there != origins.end() && there->second.kind == Kind::SharedStep &&
           there->second.item == own.item && there->second.step < own.step;
  });
}

/// Of keys: rows and fees, then what rows share. Versions may have that in different orders, and
/// what the last one does not have would come behind all discounts of it: before a discount acts
/// what is above it where its amount comes from. The discounts of a charge have one order, by which
/// they are matched.
std::vector<std::string> CutBill::acting_order() const {
  std::vector<std::string> order, shared;
  const auto put = [&](const std::string& key) {
    if (std::ranges::find(shared, key) == shared.end()) shared.push_back(key);
  };
  for (const std::string& discount : order_) {
    if (!lines_.at(discount).takes_off) continue;
    for (const std::string& key : order_)
      if (is_above(key, discount)) put(key);
    put(discount);
  }
  for (const std::string& key : order_) lines_.at(key).is_shared ? put(key) : order.push_back(key);
  order.insert(order.end(), shared.begin(), shared.end());
  return order;
}

/// Where the new version takes back more than the old one asked for, a line is 0; what takes off
/// the lines of its charge takes at most what is there: of rounded lines, where lines are rounded.
void CutBill::bound_exact() {
  const bool whole = last_program().rounding_place == dsl::RoundingPlace::Bill;
  std::map<std::string, Ratio> sums;  // by charge, of its lines so far
  for (const std::string& key : acting_order()) {
    Line& line = lines_.at(key);
    Ratio& sum = sums[line.item];
    const Ratio most = line.takes_off ? checked_sub(Ratio(), sum).value_or(Ratio()) : Ratio();
    if (whole || !line.takes_off) line.exact = std::max(line.exact, most);
    if (line.takes_off) line.exact = std::min(line.exact, Ratio());
    sum = checked_add(sum, line.exact).value_or(sum);
  }
}

/// The same of what takes off rounded amounts; others are not below 0 since the exact ones are not.
void CutBill::bound_amounts() {
  const bool whole = last_program().rounding_place == dsl::RoundingPlace::Bill;
  std::map<std::string, Int128> sums;
  for (const std::string& key : acting_order()) {
    Line& line = lines_.at(key);
    Int128& sum = sums[line.item];
    if (line.takes_off && line.amount < -sum && !whole) {
      line.amount = -sum;
      line.exact = Ratio(-sum);
    }
    sum += line.amount;
  }
}

/// What the charges in credits have come to when a segment ends; what is due at the end of the
/// period, or with the last part that has its charge, is not yet.
std::expected<CreditSegment, Refusal> CutBill::segment(size_t part, Date from,
                                                       const BoundUsage& used,
                                                       const LineByKey& before,
                                                       const LineByKey& earlier,
                                                       LineByKey& now) const {
  const Revision& revision = *parts()[part].revision;
  RateInput input = *used.input;
  input.final = false;
  const auto amounts = rated_without_bounds(revision, input);
  if (!amounts) return std::unexpected(amounts.error());
  now = earlier;
  const std::vector<std::string> keys = keys_of(revision, input);
  std::expected<void, Refusal> fine;
  compiler::for_each_line(revision.program(), input, [&](uint32_t at, const LineOrigin& origin) {
    if (!fine || !credit_of(revision, origin)) return;
    const auto known = before.find(keys[at]);
    const auto here =
        checked_sub(exact_of((*amounts)[at]), known == before.end() ? Ratio() : known->second);
    const auto sum = here ? checked_add(now[keys[at]], *here) : std::nullopt;
    if (!sum) fine = std::unexpected(line_too_large(keys[at]));
    now[keys[at]] = sum.value_or(Ratio());
  });
  if (!fine) return std::unexpected(std::move(fine.error()));
  CreditSegment segment{.part = part, .from = from, .used = {}};
  for (const auto& [key, sum] : now) {
    Ratio& of_charge = segment.used[charge_of(key)];
    const auto comes_to = bounded_row(key, part, std::max(Ratio(), sum));
    const auto more = comes_to ? checked_add(of_charge, *comes_to) : std::nullopt;
    if (!more) return std::unexpected(line_too_large(key));
    of_charge = *more;
  }
  return segment;
}

/// By the lines of the bill itself.
std::expected<CreditSegment, Refusal> CutBill::last_segment(Date from) const {
  CreditSegment segment{.part = parts().size() - 1, .from = from, .used = {}};
  for (const auto& [key, line] : lines_) {
    if (!line.credit) continue;
    Ratio& of_charge = segment.used[line.item];
    const auto more = checked_add(of_charge, line.exact);
    if (!more) return std::unexpected(line_too_large(key));
    of_charge = *more;
  }
  return segment;
}

std::expected<std::vector<CreditSegment>, Refusal> CutBill::credit_segments() const {
  std::vector<CreditSegment> segments;
  LineByKey earlier;
  for (size_t part = 0; part < parts().size(); ++part) {
    const CutPart& cut = parts()[part];
    const auto taken = taken_off(parts(), part, false);
    if (!taken) return std::unexpected(taken.error());
    const LineByKey& before = *taken;
    LineByKey now;
    Date from = cut.days.from;
    const auto add =
        [&](std::expected<CreditSegment, Refusal> next) -> std::expected<void, Refusal> {
      if (!next) return std::unexpected(std::move(next.error()));
      segments.push_back(*std::move(next));
      return {};
    };
    for (const CutPart::Segment& each : cut.segments) {
      if (auto fine = add(segment(part, from, *each.used, before, earlier, now)); !fine)
        return std::unexpected(std::move(fine.error()));
      from = each.until;
    }
    const bool last = part + 1 == parts().size();
    if (auto fine =
            add(last ? last_segment(from) : segment(part, from, *cut.upto, before, earlier, now));
        !fine)
      return std::unexpected(std::move(fine.error()));
    earlier = std::move(now);
  }
  settle_gone_charges(parts(), segments);
  return segments;
}

/// Lets grants pay for what is priced in credits, and adds what is beyond them.
std::expected<void, Refusal> CutBill::pay() {
  const auto in_credits = [](const CutPart& part) {
    return !part.revision->program().credit_steps.empty();
  };
  if (std::ranges::none_of(parts(), in_credits)) {
    for (const CutGrant& grant : period_->grants) left_.push_back(grant.quantity);
    return {};
  }
  const auto segments = credit_segments();
  if (!segments) return std::unexpected(segments.error());
  auto payments = pay_credits(*period_, *segments);
  if (!payments) return std::unexpected(std::move(payments.error()));
  left_ = std::move(payments->left);
  for (const BeyondShare& share : payments->beyond)
    if (auto fine = add_beyond(share); !fine) return fine;
  set_order();  // now with these
  return {};
}

std::expected<void, Refusal> CutBill::add_beyond(const BeyondShare& share) {
  const Revision& revision = *parts()[share.part].revision;
  const std::string key = share.pool->name + "/beyond";
  Line& line = lines_[key];
  line.item = key;
  const auto here = checked_sub(share.all, share.before);
  const auto exact = here ? checked_add(line.exact, *here) : std::nullopt;
  if (!exact) return std::unexpected(line_too_large(key));
  line.exact = std::max(Ratio(), *exact);
  line.beyond = share.credits;
  line.unit = revision.card().credits[*share.pool->credit].name;
  const std::string& plural = revision.card().credits[*share.pool->credit].plural;
  line.shares.push_back(
      {.part = share.part,
       .all = share.all,
       .before = share.before,
       .source = &share.pool->beyond_source,
       .of_all = fmt::format(" for {} {} that no grant pays", grouped(share.credits), plural)});
  return {};
}

/// A line is rounded once, as the last version does it, and where that rounds the bill as a whole,
/// with the bill. Items and tiers that are rounded were so where they arose: the exact amount of a
/// line is one of what they came to.
std::expected<void, Refusal> CutBill::round() {
  const compiler::RatingProgram& last = last_program();
  const bool whole = last.rounding_place == dsl::RoundingPlace::Bill;
  for (auto& [key, line] : lines_) {
    if (whole || line.credit) continue;
    const auto amount = rounded(line.exact, last);
    if (!amount || !fits_int64(*amount)) return std::unexpected(line_too_large(key));
    line.amount = *amount;
  }
  return {};
}

}  // namespace toll::runtime
