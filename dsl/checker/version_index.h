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

class VersionIndex {
 public:
  /// Takes the versions whose first day is known; they must outlive this.
  void gather(const std::vector<std::unique_ptr<VersionContext>>& versions);

  /// In order of time; null where the card has none.
  const std::vector<VersionContext*>* of_card(const std::string& card) const;

  /// The version that a customer has on the first of `days`: that of a deal, which may begin later
  /// in them, or, of the card itself, the one that applies to customers since then. Null if none.
  VersionContext* of_customer(const std::string& card, const syntax::OfCustomer& customer,
                              const Period& days) const;

  bool has_deals(const std::string& card) const;

  /// The version that a guarantee compares with: one that the card extends, the one before it, or
  /// the one in force on the day that is named, or on the card's first.
  std::optional<RateCard::Extended> compared_with(const RateCard& card,
                                                  const Guarantee& guarantee) const;

 private:
  VersionContext* deal_of(const std::string& card, const std::string& customer,
                          const Period& days) const;

  std::map<std::string, std::vector<VersionContext*>> versions_;
  std::map<std::pair<std::string, std::string>, std::vector<VersionContext*>>
      deals_;  ///< by card and customer
};

}  // namespace toll::dsl::checker
