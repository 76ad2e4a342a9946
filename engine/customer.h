// A customer: what holds for all of its subscriptions.
#pragma once

#include <optional>
#include <string>

namespace toll::engine {

struct Customer {
  std::string id;
  std::optional<std::string> name = {};       ///< for people
  std::optional<std::string> currency = {};   ///< of subscriptions that do not say one
  std::optional<std::string> tax = {};        ///< how it is taxed, in the words of who invoices it
  std::optional<std::string> time_zone = {};  ///< in which times are shown to it, and nothing else

  friend bool operator==(const Customer&, const Customer&) = default;
};

}  // namespace toll::engine
