#include "engine/admission.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/reading/offer.h"
#include "metering/meter_usage.h"
#include "metering/sums.h"
#include "runtime/quote.h"

namespace toll::engine {
namespace {

bool names_type(const dsl::RateCard& card, const metering::UsageEvent& event) {
  const auto metered = metering::is_metered(card, event);
  return !metered || *metered;
}

}  // namespace

Admission::Admission(std::shared_ptr<const runtime::CardSet> cards, const Engine& engine,
                     std::string tenant)
    : cards_(std::move(cards)), engine_(engine), tenant_(std::move(tenant)) {}

std::expected<Candidate, metering::EventFault> Admission::read(std::string_view text) {
  auto event = reader_.read(text);
  if (!event) return std::unexpected(std::move(event.error()));
  Candidate candidate{.event = *std::move(event), .text = std::string(text)};
  judge(candidate);
  return candidate;
}

void Admission::judge(Candidate& candidate) {
  const metering::UsageEvent& event = candidate.event;
  bool covered = false, metered = false;
  for (Subscribed& subscribed : subscribed(event.subject)) {
    const Date day = local_time(event.time, subscribed.zone).day;
    if (!subscribed.subscription.covers(day)) continue;
    const Offer& priced_by = offer(subscribed, event.subject, day);
    if (!priced_by.revision) continue;
    covered = true;
    const auto read = read_by(priced_by, candidate);
    if (!read) {
      candidate.refusal = metering::rejection_text(read.error(), priced_by.revision->card());
      return;
    }
    metered = metered || *read;
  }
  if (!covered) {
    const Revisions& revisions =
        readers(event.type, std::chrono::floor<std::chrono::days>(event.time));
    std::optional<std::string> refusal;
    for (const auto& revision : revisions) {
      const auto read = metering::is_metered(revision->card(), event);
      metered = metered || read.value_or(false);
      if (!read && !refusal) refusal = metering::rejection_text(read.error(), revision->card());
    }
    if (!metered) candidate.refusal = std::move(refusal);
  }
  candidate.unmetered = !metered && !candidate.refusal;
}

std::vector<Admission::Subscribed>& Admission::subscribed(const std::string& customer) {
  const auto [at, fresh] = subscribed_.try_emplace(customer);
  if (!fresh) return at->second;
  auto found = engine_.subscriptions(tenant_, customer);
  if (!found) {
    failure_ = std::move(found.error());
    return at->second;
  }
  for (Subscription& subscription : *found) {
    const runtime::CardSet::Versions* const versions = cards_->versions(subscription.card);
    if (versions)  // a card that is not live now can read nothing
      at->second.push_back({std::move(subscription), versions->front()->card().time_zone, {}});
  }
  return at->second;
}

const Admission::Offer& Admission::offer(Subscribed& subscribed, const std::string& customer,
                                         Date day) {
  const auto [at, fresh] = subscribed.offers.try_emplace(day);
  if (!fresh) return at->second;
  auto chosen = runtime::choose(*cards_, document_of(subscribed.subscription, customer, day));
  if (!chosen) return at->second;
  at->second.revision = *std::move(chosen);
  const dsl::RateCard& card = at->second.revision->card();
  if (metering::adds_up(card)) at->second.reading = metering::reading_of(card);
  return at->second;
}

/// Whether a meter reads it; what it gives goes into the candidate where it adds up.
std::expected<bool, metering::Rejection> Admission::read_by(const Offer& offer,
                                                            Candidate& candidate) {
  const dsl::RateCard& card = offer.revision->card();
  if (offer.reading.empty()) return metering::is_metered(card, candidate.event);
  auto cells = metering::sums_of(card, candidate.event);
  if (!cells) return std::unexpected(std::move(cells.error()));
  const bool metered = !cells->empty();
  if (std::ranges::find(candidate.counted, offer.reading, &Counted::reading) ==
      candidate.counted.end())
    candidate.counted.push_back({offer.reading, *std::move(cells)});
  return metered;
}

/// The offers with a meter for events of this type.
const Admission::Revisions& Admission::readers(const std::string& type, Date day) {
  const auto [at, fresh] = readers_.try_emplace({type, day});
  if (!fresh) return at->second;
  metering::UsageEvent event;
  event.type = type;
  for (const auto& [name, versions] : cards_->cards()) {
    const auto version = cards_->find(name, day);
    if (!version) continue;
    for (const auto& offer : cards_->offers(*version))
      if (names_type(offer->card(), event)) at->second.push_back(offer);
  }
  return at->second;
}

}  // namespace toll::engine
