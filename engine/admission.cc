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

std::expected<void, metering::EventFault> Admission::read(std::string_view text,
                                                          Candidates& candidates) {
  if (auto read = reader_.read_over(event_, text); !read)
    return std::unexpected(std::move(read.error()));
  given_count_ = 0;
  warnings_.clear();
  Judgement judgement = judge(candidates);
  candidates.add(event_, text, judgement.unmetered, std::move(judgement.refusal),
                 {given_.data(), given_count_});
  return {};
}

Admission::Judgement Admission::judge(Candidates& candidates) {
  bool covered = false, metered = false;
  for (Subscribed& subscribed : subscribed(event_.subject)) {
    const Date day = day_of(subscribed, event_.time);
    if (!subscribed.subscription.covers(day)) continue;
    Reader* const priced_by = reader(subscribed, event_.subject, day);
    if (!priced_by) continue;
    covered = true;
    const auto read = read_by(*priced_by, candidates);
    if (!read)
      return {.refusal = metering::rejection_text(read.error(), priced_by->revision->card())};
    metered = metered || *read;
  }
  if (!covered) return judge_unsubscribed();
  return {.unmetered = !metered};
}

Admission::Judgement Admission::judge_unsubscribed() {
  const Revisions& revisions =
      readers(event_.type, std::chrono::floor<std::chrono::days>(event_.time));
  std::optional<std::string> refusal;
  bool metered = false;
  for (const auto& revision : revisions) {
    const auto read = metering::is_metered(revision->card(), event_);
    metered = metered || read.value_or(false);
    if (!read && !refusal) refusal = metering::rejection_text(read.error(), revision->card());
    // Which card will be the customer's is not known: one of them speaks for all.
    if (read && warnings_.empty()) warn(revision->card());
  }
  if (!metered && refusal) return {.refusal = std::move(refusal)};
  return {.unmetered = !metered};
}

Date Admission::day_of(Subscribed& subscribed, Instant time) {
  if (subscribed.from <= time && time < subscribed.until) return subscribed.day;
  subscribed.day = local_time(time, subscribed.zone).day;
  subscribed.from = start_of(subscribed.day, subscribed.zone);
  subscribed.until = start_of(subscribed.day + std::chrono::days(1), subscribed.zone);
  return subscribed.day;
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
      at->second.push_back({std::move(subscription), versions->front()->card().time_zone});
  }
  return at->second;
}

Admission::Reader* Admission::reader(Subscribed& subscribed, const std::string& customer,
                                     Date day) {
  const auto [at, fresh] = subscribed.readers.try_emplace(day, nullptr);
  if (!fresh) return at->second;
  auto chosen = runtime::choose(*cards_, document_of(subscribed.subscription, customer, day));
  if (!chosen) return nullptr;
  std::unique_ptr<Reader>& reader = readers_of_[chosen->get()];
  if (!reader) {
    reader = std::make_unique<Reader>(Reader{*std::move(chosen), {}});
    const dsl::RateCard& card = reader->revision->card();
    if (metering::adds_up(card)) {
      reader->reading = metering::reading_of(card);
      reader->sums.emplace(card);
    }
  }
  return at->second = reader.get();
}

/// Whether a meter reads it; what it gives is put down where it adds up.
std::expected<bool, metering::Rejection> Admission::read_by(Reader& reader,
                                                            Candidates& candidates) {
  const dsl::RateCard& card = reader.revision->card();
  if (!reader.sums) {
    auto metered = metering::is_metered(card, event_);
    if (metered) warn(card);
    return metered;
  }
  if (given_count_ == given_.size()) given_.emplace_back();
  Candidates::Given& given = given_[given_count_];
  given.reading = candidates.reading(reader.reading);
  given.sums.clear();
  auto metered = reader.sums->read(event_, candidates.cells(given.reading), given.sums);
  const auto before = given_.begin() + static_cast<std::ptrdiff_t>(given_count_);
  const bool again = std::any_of(given_.begin(), before, [&](const Candidates::Given& other) {
    return other.reading == given.reading;
  });
  if (metered && !again) ++given_count_;
  if (metered && !reader.sums->named_listed_values()) warn(card);
  return metered;
}

/// Cards of several subscriptions may say the same, as offers of one card do.
void Admission::warn(const dsl::RateCard& card) {
  for (std::string& warning : metering::event_warnings(card, event_))
    if (std::ranges::find(warnings_, warning) == warnings_.end())
      warnings_.push_back(std::move(warning));
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
