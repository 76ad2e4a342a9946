#include "runtime/bulk/bill_rater.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/bulk/cut_periods.h"
#include "runtime/quote.h"
#include "runtime/quoting/grants.h"
#include "runtime/quoting/whole_counts.h"

namespace toll::runtime {

BillRater::BillRater(const CardSet& cards, const UsageDocument& asked, const BoundUsage& bound)
    : cards_(cards),
      asked_(asked),
      bound_(bound),
      usage_(bound.revision->card(), bound.revision->program()) {}

std::string BillRater::add(const TableCell& cell, std::string_view quantity) {
  const auto value = parse_decimal(quantity);
  if (!value)
    return value.error() == DecimalFault::Empty ? "is empty: write 0 where nothing was used"
                                                : std::string(describe(value.error()));
  if (std::string why = unfit_count(bound_.revision->card().meters[cell.meter], *value);
      !why.empty())
    return why;
  // A column is there for all customers: one that used nothing of a row has no such row.
  if (value->mantissa != 0 || cell.values.empty()) add(cell, *value);
  return {};
}

void BillRater::add(const TableCell& cell, const Decimal& quantity) {
  usage_.add(cell.meter, cell.values, quantity);
  added_.emplace_back(&cell, quantity);
}

std::string BillRater::unfit_customer(std::string_view customer) const {
  if (customer.empty()) return "`customer` is empty";
  if (asked_.customer)
    return customer == *asked_.customer
               ? std::string()
               : fmt::format("the table is rated for customer `{}`", *asked_.customer);
  // Of a deal that is in error no price is known either.
  const auto is_held_back = [&](const dsl::HeldBack& held) {
    return held.deal_on == asked_.card && held.customer == customer;
  };
  if (cards_.deals(asked_.card, customer).empty() &&
      std::ranges::none_of(cards_.held_back(), is_held_back))
    return {};
  UsageDocument document = asked_;
  document.customer = std::string(customer);
  document.usage.clear();
  const auto revision = choose(cards_, document);
  if (!revision) return revision.error().faults.front().message;
  if (*revision == bound_.revision) {
    const auto other = other_version(cards_, document, bound_);
    if (!other) return {};
    return fmt::format(
        "customer `{}` has {} from {} on, which bills only a part of the {}: quote "
        "it by itself",
        customer,
        other->version ? fmt::format("`{}`", other->version->card().name) : "a version in error",
        to_string(other->from), to_string(bound_.revision->card().period));
  }
  return fmt::format("customer `{}` has a deal, `{}`: rate its rows by themselves, with --customer",
                     customer, (*revision)->card().name);
}

std::expected<Int128, std::string> BillRater::rate() {
  std::expected<Int128, std::string> result;
  compiler::RateOutput output;
  fill_pools(bound_, usage_);
  if (compiler::RateInput* const input = usage_.bind()) {
    input->covered_days = bound_.input->covered_days;
    input->period_days = bound_.input->period_days;
    input->final = bound_.input->final;
    input->fees_due = bound_.input->fees_due;
    input->commitments = bound_.input->commitments;
    output.lines = usage_.lines().data();
    bound_.revision->rate(*input, output);
    result = output.total;
    if (output.fault != compiler::FaultKind::None) result = std::unexpected(refusal());
  } else {
    result = std::unexpected(refusal());
  }
  usage_.clear();
  added_.clear();
  return result;
}

/// The reason that a quote of the same usage gives.
std::string BillRater::refusal() const {
  const dsl::RateCard& card = bound_.revision->card();
  UsageDocument document = asked_;
  document.usage.clear();
  for (const auto& [cell, quantity] : added_) {
    UsageEntry& entry = document.usage.emplace_back();
    entry.meter = card.meters[cell->meter].name;
    entry.quantity = quantity;
    for (size_t i = 0; i < cell->values.size(); ++i) {
      const dsl::Dimension& dimension = card.dimensions[card.meters[cell->meter].dimensions[i]];
      entry.at.emplace_back(dimension.name, dimension.values[cell->values[i]]);
    }
  }
  const auto answer = quote_total(cards_, document);
  return answer ? "it cannot be rated" : answer.error().faults.front().message;
}

}  // namespace toll::runtime
