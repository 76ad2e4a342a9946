#include "engine/storage/billing_rows.h"

#include <chrono>
#include <utility>

#include "engine/storage/row_parts.h"

namespace toll::engine {
namespace {

constexpr uint8_t kBillingForm = 1;
constexpr uint8_t kWithdrawnForm = 2;  // of grants
constexpr uint8_t kPartCardsForm = 2;  // of closed periods that say the card of each part
constexpr uint8_t kUsageForm = 3;      // of closed periods with their usage; says how many cards
constexpr char kClosedPeriod = 'b', kGrant = 'g';

void append_period(std::string& out, const Period& period) {
  append_date(out, period.from);
  append_date(out, period.until);
}

Period read_period(Parts& parts) {
  const Date from = read_date(parts);
  return {from, read_date(parts)};
}

}  // namespace

std::string closed_period_key(std::string_view tenant, std::string_view customer,
                              std::string_view subscription, Date from) {
  std::string key = closed_periods_of(tenant, customer, subscription).from;
  append_date(key, from);
  return key;
}

KeyRange closed_periods_of(std::string_view tenant) { return all_of_kind(tenant, kClosedPeriod); }

KeyRange closed_periods_of(std::string_view tenant, std::string_view customer,
                           std::string_view subscription) {
  std::string from = of_kind(tenant, kClosedPeriod);
  append_name(from, customer);
  append_name(from, subscription);
  return {from, behind_days(from)};
}

std::optional<ClosedPlace> read_closed_period_key(std::string_view tenant, std::string_view key) {
  auto parts = parts_behind(tenant, kClosedPeriod, key);
  if (!parts) return std::nullopt;
  ClosedPlace place;
  place.customer = parts->name();
  place.subscription = parts->name();
  place.from = read_date(*parts);
  if (!parts->at_end()) return std::nullopt;
  return place;
}

std::string write_closed_period(const ClosedPeriod& period) {
  const uint8_t form = !period.usage.empty()       ? kUsageForm
                       : period.part_cards.empty() ? kBillingForm
                                                   : kPartCardsForm;
  std::string value{static_cast<char>(form)};
  append_period(value, period.period);
  append_number(value, nanoseconds_of(period.closed));
  append_name(value, period.card);
  append_name(value, period.version);
  append_number(value, period.hashes.size());
  for (const std::string& hash : period.hashes) append_name(value, hash);
  if (form == kUsageForm) append_number(value, period.part_cards.size());
  for (const std::string& card : period.part_cards) append_name(value, card);  // one for each hash
  append_name(value, period.currency);
  append_wide(value, period.total);
  append_number(value, period.corrections.size());
  for (const Correction& correction : period.corrections) {
    append_period(value, correction.period);
    append_wide(value, correction.billed);
    append_wide(value, correction.now);
  }
  if (form == kUsageForm) append_number(value, period.usage.size());
  return value + period.usage + period.bill;
}

std::optional<ClosedPeriod> read_closed_period(std::string_view value) {
  Parts parts(value);
  const uint8_t form = parts.byte();
  if (form < kBillingForm || form > kUsageForm) return std::nullopt;
  ClosedPeriod period;
  period.period = read_period(parts);
  period.closed = Instant(std::chrono::nanoseconds(parts.number()));
  period.card = parts.name();
  period.version = parts.name();
  for (uint64_t hashes = parts.number(); hashes > 0 && parts.good(); --hashes)
    period.hashes.emplace_back(parts.name());
  uint64_t cards = form == kUsageForm       ? parts.number()
                   : form == kPartCardsForm ? period.hashes.size()
                                            : 0;
  for (; cards > 0 && parts.good(); --cards) period.part_cards.emplace_back(parts.name());
  period.currency = parts.name();
  period.total = read_wide(parts);
  for (uint64_t corrections = parts.number(); corrections > 0 && parts.good(); --corrections) {
    Correction correction;
    correction.period = read_period(parts);
    correction.billed = read_wide(parts);
    correction.now = read_wide(parts);
    period.corrections.push_back(correction);
  }
  if (form == kUsageForm) period.usage = parts.bytes(parts.number());
  const bool has_cards =
      period.part_cards.empty() || period.part_cards.size() == period.hashes.size();
  if (!parts.good() || period.hashes.empty() || !has_cards) return std::nullopt;
  period.bill = parts.rest();
  return period;
}

std::string grant_key(std::string_view tenant, std::string_view customer, std::string_view id) {
  std::string key = grants_of(tenant, customer).from;
  append_name(key, id);
  return key;
}

KeyRange grants_of(std::string_view tenant) { return all_of_kind(tenant, kGrant); }

KeyRange grants_of(std::string_view tenant, std::string_view customer) {
  std::string from = of_kind(tenant, kGrant);
  append_name(from, customer);
  return {from, from + '\xff'};  // no name begins with that
}

std::string write_grant(const BoughtGrant& grant) {
  std::string value{static_cast<char>(grant.withdrawn ? kWithdrawnForm : kBillingForm)};
  if (grant.withdrawn) append_number(value, nanoseconds_of(*grant.withdrawn));
  append_number(value, grant.number);
  append_number(value, nanoseconds_of(grant.created));
  append_name(value, grant.subscription);
  append_name(value, grant.pool);
  append_ratio(value, grant.quantity);
  append_date(value, grant.from);
  append_optional_date(value, grant.expires);
  append_optional(value, grant.price);
  append_optional(value, grant.source);
  return value;
}

std::optional<BoughtGrant> read_grant(std::string_view tenant, std::string_view key,
                                      std::string_view value) {
  auto place = parts_behind(tenant, kGrant, key);
  if (!place) return std::nullopt;
  BoughtGrant grant;
  place->name();  // the customer
  grant.id = place->name();
  Parts parts(value);
  const uint8_t form = parts.byte();
  if (!place->at_end() || (form != kBillingForm && form != kWithdrawnForm)) return std::nullopt;
  if (form == kWithdrawnForm) grant.withdrawn = Instant(std::chrono::nanoseconds(parts.number()));
  grant.number = parts.number();
  grant.created = Instant(std::chrono::nanoseconds(parts.number()));
  grant.subscription = parts.name();
  grant.pool = parts.name();
  const auto quantity = read_ratio(parts);
  if (!quantity) return std::nullopt;
  grant.quantity = *quantity;
  grant.from = read_date(parts);
  grant.expires = read_optional_date(parts);
  grant.price = parts.optional_name();
  grant.source = parts.optional_name();
  if (!parts.at_end()) return std::nullopt;
  return grant;
}

}  // namespace toll::engine
