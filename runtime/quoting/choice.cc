#include "runtime/quoting/choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "dsl/diagnostic.h"
#include "runtime/quote.h"

namespace toll::runtime {
namespace {

Refusal not_found(std::string pointer, std::string message) {
  return {Refusal::Kind::NotFound, {{std::move(pointer), std::move(message)}}};
}

/// Where the document is pinned to a revision that is not live any more, the set to rate it on;
/// else null.
std::expected<std::shared_ptr<const CardSet>, Refusal> earlier_set(const CardSet& cards,
                                                                   const UsageDocument& document) {
  if (!document.hash || cards.find_hash(document.card, *document.hash)) return nullptr;
  auto set = cards.with_earlier(document.card, *document.hash);
  if (!set) return std::unexpected(not_found("/hash", std::move(set.error().message)));
  return *std::move(set);
}

Refusal no_such_card(const CardSet& cards, const std::string& card) {
  const bool in_error =
      std::ranges::find(cards.held_back(), card, &dsl::HeldBack::card) != cards.held_back().end();
  return not_found("/card", in_error ? fmt::format("the card `{}` is in error", card)
                                     : fmt::format("there is no card `{}`", card));
}

Refusal held_back(const dsl::HeldBack& held, std::string pointer) {
  const std::string version =
      held.from == Date{}
          ? fmt::format("a version of `{}` whose first day cannot be read", held.card)
          : fmt::format("the version {} of `{}`", to_string(held.from), held.card);
  return not_found(std::move(pointer),
                   version + " is in error, and the price of another version is not its price");
}

std::expected<std::shared_ptr<const Revision>, Refusal> find_version(
    const CardSet& cards, const UsageDocument& document) {
  const CardSet::Versions* versions = cards.versions(document.card);
  if (document.hash) {
    if (auto revision = cards.find_hash(document.card, *document.hash)) return revision;
    if (versions)
      return std::unexpected(not_found("/hash", fmt::format("no revision of `{}` has the hash `{}`",
                                                            document.card, *document.hash)));
  }
  const auto deals = document.customer ? cards.deals(document.card, *document.customer)
                                       : std::span<const std::string>();
  // Of a period that a deal alone had billed there is no version of its card.
  if (!versions && deals.empty()) return std::unexpected(no_such_card(cards, document.card));
  const bool dated = document.on || document.period;
  const Date on = document.on ? *document.on : document.period ? document.period->from : Date{};
  const auto find = [&](std::string_view card, std::optional<Date> since) {
    return dated ? cards.find(card, on, since) : cards.find_today(card, since);
  };
  for (const std::string& deal : deals)
    if (auto revision = find(deal, {})) return revision;
  if (!versions) return std::unexpected(no_such_card(cards, document.card));
  if (document.customer) {
    const Date day = dated ? on : today_in(versions->front()->card().time_zone);
    if (const auto* held = cards.deal_held_back(document.card, *document.customer, day))
      return std::unexpected(not_found("/customer", why_deal_is_missing(*held, document)));
  }
  if (auto revision = find(document.card, document.customer_since)) return revision;
  const std::optional<Date>& since = document.customer_since;
  std::string pointer = dated && !document.on ? "/period" : "/on";
  const auto* held = dated ? cards.version_held_back(document.card, on, since)
                           : cards.version_held_back_today(document.card, since);
  if (held) return std::unexpected(held_back(*held, std::move(pointer)));
  const Date first = versions->front()->card().from;
  return std::unexpected(not_found(
      std::move(pointer),
      fmt::format("no version of `{}` is in force {}; its first begins on {}", document.card,
                  dated ? "on " + to_string(on) : "today", to_string(first))));
}

/// `find_version`, but not what is another customer's.
std::expected<std::shared_ptr<const Revision>, Refusal> find_own_version(
    const CardSet& cards, const UsageDocument& document) {
  auto version = find_version(cards, document);
  if (!version || !document.customer) return version;
  const std::optional<std::string>& only = (*version)->card().customer;
  if (!only || *only == *document.customer) return version;
  return std::unexpected(
      not_found("/customer", fmt::format("card `{}` is for customer `{}` only, not for `{}`",
                                         (*version)->card().name, *only, *document.customer)));
}

std::string meant_plan(const dsl::RateCard& card, const std::string& plan) {
  const std::string meant = dsl::suggest(plan, card.plans);
  return meant.empty() ? std::string() : fmt::format(" (did you mean `{}`?)", meant);
}

/// The day on which the customer of a document began with its card: none before the card's first,
/// be that in error.
Date first_day_of_customer(const CardSet& cards, const UsageDocument& document) {
  const CardSet::Versions* const versions = cards.versions(document.card);
  if (!versions) return *document.customer_since;
  Date first = versions->front()->card().from;
  for (const dsl::HeldBack& held : cards.held_back())
    if (held.card == document.card) first = std::min(first, held.from);
  return std::max(first, *document.customer_since);
}

/// The currency of a document that names none: the first of the version with which its customer
/// began, while the card bills in it, so that no bill changes its currency because another one is
/// named first; else the first of this version. Empty, and in `faults`, where it is not known.
std::string first_currency(const CardSet& cards, const dsl::RateCard& card,
                           const UsageDocument& document, std::vector<UsageFault>& faults) {
  std::string own(card.currency.name());
  if (card.currencies.size() < 2 || !document.customer_since) return own;
  UsageDocument began;
  began.card = document.card;
  began.customer = document.customer;
  began.customer_since = document.customer_since;
  began.on = first_day_of_customer(cards, document);
  if (const auto version = find_version(cards, began)) {
    const Currency& first = (*version)->card().currency;
    const bool goes_on = std::ranges::find(card.currencies, first) != card.currencies.end();
    return goes_on ? std::string(first.name()) : own;
  }
  if (!cards.version_held_back(document.card, *began.on, document.customer_since) &&
      !(document.customer && cards.deal_held_back(document.card, *document.customer, *began.on)))
    return own;  // there was none then
  faults.push_back(
      {"/currency", fmt::format("the version of `{}` with which the customer began, on {}, is in "
                                "error, so that its first currency is not known: name one",
                                document.card, to_string(*began.on))});
  return {};
}

/// The offer of a version that a document asks for; null, and in `faults`, where there is none.
std::shared_ptr<const Revision> find_offer(const CardSet& cards, const Revision& version,
                                           const UsageDocument& document,
                                           std::vector<UsageFault>& faults) {
  const dsl::RateCard& card = version.card();
  const std::string plan = document.plan.value_or("");
  const std::string currency =
      document.currency ? *document.currency : first_currency(cards, card, document, faults);
  bool has_plan = false, has_currency = false;
  for (const std::shared_ptr<const Revision>& offer : cards.offers(version)) {
    const bool in_plan = offer->card().plan == plan;
    const bool in_currency = offer->card().currency.name() == currency;
    if (in_plan && in_currency) return offer;
    has_plan = has_plan || in_plan;
    has_currency = has_currency || in_currency;
  }
  if (!has_plan && !document.plan)
    faults.push_back({"/plan", fmt::format("card `{}` is sold in plans only: name one of {}",
                                           card.name, listed(card.plans))});
  else if (!has_plan && card.plans.empty())
    faults.push_back({"/plan", fmt::format("card `{}` has no plans, so there is no plan `{}`",
                                           card.name, plan)});
  else if (!has_plan)
    faults.push_back(
        {"/plan", fmt::format("card `{}` has no plan `{}`{}; its plans are {}", card.name, plan,
                              meant_plan(card, plan), listed(card.plans))});
  if (!has_currency && !currency.empty()) {
    std::vector<std::string> names;
    for (const Currency& known : card.currencies) names.emplace_back(known.name());
    faults.push_back({"/currency", fmt::format("card `{}` bills in {}, not in `{}`", card.name,
                                               fmt::join(names, " or "), currency)});
  }
  return nullptr;
}

constexpr std::string_view kUsage = "/usage/";

/// The meters of all offers of a document's card, and of its customer's deals.
std::set<std::string> meters_of_all_plans(const CardSet& cards, const UsageDocument& document) {
  std::set<std::string> names;
  const auto learn = [&](const std::string& card) {
    const CardSet::Versions* const versions = cards.versions(card);
    for (size_t i = 0; versions && i < versions->size(); ++i)
      for (const auto& offer : cards.offers(*(*versions)[i]))
        for (const dsl::Meter& meter : offer->card().meters) names.insert(meter.name);
  };
  learn(document.card);
  if (document.customer)
    std::ranges::for_each(cards.deals(document.card, *document.customer), learn);
  return names;
}

/// The version alone, before it is known which offer is asked for.
std::expected<Choice, Refusal> version_among(const CardSet& cards, const UsageDocument& document) {
  auto earlier = earlier_set(cards, document);
  if (!earlier) return std::unexpected(std::move(earlier.error()));
  Choice choice{.version = {}, .offer = {}, .earlier = *std::move(earlier)};
  auto version = find_own_version(choice.set(cards), document);
  if (!version) return std::unexpected(std::move(version.error()));
  choice.version = *std::move(version);
  return choice;
}

}  // namespace

std::string why_deal_is_missing(const dsl::HeldBack& held, const UsageDocument& document) {
  if (held.customer)
    return fmt::format(
        "the deal `{}` of customer `{}` is in error, and the price of `{}` is not its price",
        held.card, *document.customer, document.card);
  return fmt::format(
      "the file `{}` is in error and may hold a deal of customer `{}`, whose price that of `{}` is "
      "not then: mend the file, or move it away",
      held.file, *document.customer, document.card);
}

std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kShown = 10;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i)
    text += fmt::format("{}`{}`", i ? ", " : "", names[i]);
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

std::expected<Choice, Refusal> choose_among(const CardSet& cards, const UsageDocument& document) {
  auto choice = version_among(cards, document);
  if (choice)
    choice->offer = find_offer(choice->set(cards), *choice->version, document, choice->faults);
  return choice;
}

void add_unknown_meters(const CardSet& cards, const UsageDocument& document,
                        std::vector<UsageFault>& faults) {
  const std::set<std::string> known = meters_of_all_plans(cards, document);
  if (known.empty() || document.hash) return;
  std::set<std::string> told;  // entries, as far as the name of a field
  for (const UsageFault& fault : faults)
    told.insert(fault.pointer.substr(0, fault.pointer.find('/', kUsage.size())));
  const std::vector<std::string> names(known.begin(), known.end());
  for (size_t i = 0; i < document.usage.size(); ++i) {
    const std::string& name = document.usage[i].meter;
    const std::string place = fmt::format("{}{}", kUsage, i);
    if (name.empty() || known.contains(name) || told.contains(place)) continue;
    const std::string meant = dsl::suggest(name, names);
    faults.push_back(
        {place + "/meter",
         fmt::format("card `{}` has no meter `{}`{}; its meters are {}", document.card, name,
                     meant.empty() ? "" : fmt::format(" (did you mean `{}`?)", meant),
                     listed(names))});
  }
}

std::vector<std::string> plans_left_out(const CardSet& cards, const Revision& offer) {
  const dsl::RateCard& common = offer.card();
  std::vector<std::string> plans;
  if (!common.plan.empty()) return plans;
  // A plan has all that is common, in the same order, and what is its own.
  const auto bills_more = [&](const dsl::RateCard& plan) {
    return plan.fees.size() > common.fees.size() || plan.charges.size() > common.charges.size() ||
           plan.pools.size() > common.pools.size() ||
           plan.bill_steps.size() > common.bill_steps.size();
  };
  for (const auto& other : cards.offers(offer))
    if (other->card().currency.name() == common.currency.name() && bills_more(other->card()))
      plans.push_back(other->card().plan);
  return plans;
}

std::expected<std::shared_ptr<const Revision>, Refusal> choose_version(
    const CardSet& cards, const UsageDocument& document) {
  auto choice = version_among(cards, document);
  if (!choice) return std::unexpected(std::move(choice.error()));
  return std::move(choice->version);
}

std::expected<std::shared_ptr<const Revision>, Refusal> choose(const CardSet& cards,
                                                               const UsageDocument& document) {
  auto choice = choose_among(cards, document);
  if (!choice) return std::unexpected(std::move(choice.error()));
  if (choice->offer) return std::move(choice->offer);
  return std::unexpected(Refusal{Refusal::Kind::Unfit, std::move(choice->faults)});
}

}  // namespace toll::runtime
