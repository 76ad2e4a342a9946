// The versions of all cards of a folder, by card and date: which one a customer has on a day.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dsl/checker/version_context.h"

namespace toll::dsl::checker {

/// Days on which a customer has one version.
struct VersionDays {
  Period days;
  VersionContext* version = nullptr;
};

class VersionIndex {
 public:
  /// Takes the versions whose first day is known; they must outlive this.
  void gather(const std::vector<std::unique_ptr<VersionContext>>& versions);

  /// In order of time; null where the card has none.
  const std::vector<VersionContext*>* of_card(const std::string& card) const;

  /// The version that a customer has on a day, as a usage document would be billed: that of a deal
  /// or, of the card itself, the latest that applies to customers since then; without `since` it is
  /// new on the day. `customer` may be null: somebody without a deal. Null where none is in force.
  VersionContext* on_day(const std::string& card, const syntax::OfCustomer* customer,
                         Date day) const;

  /// The same for each day of a period, in order; days on which none is in force are in none.
  std::vector<VersionDays> in_period(const std::string& card, const syntax::OfCustomer* customer,
                                     const Period& period) const;

  bool has_deals(const std::string& card) const;

  /// The version that a guarantee compares with: one that the card extends, the one before it, or
  /// the one in force on the day that is named, or on the card's first.
  std::optional<RateCard::Extended> compared_with(const RateCard& card,
                                                  const Guarantee& guarantee) const;

 private:
  using Versions = std::vector<VersionContext*>;

  /// The versions of a customer's deals on a card; null where there are none.
  const Versions* deals_of(const std::string& card, const syntax::OfCustomer* customer) const;

  std::map<std::string, Versions> versions_;
  std::map<std::pair<std::string, std::string>, Versions> deals_;  ///< by card and customer
};

}  // namespace toll::dsl::checker
