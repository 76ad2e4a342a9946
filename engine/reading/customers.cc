#include "engine/customers.h"

#include <expected>
#include <string_view>
#include <utility>

#include "engine/storage/account_rows.h"
#include "engine/storage/event_rows.h"
#include "engine/storage/keys.h"
#include "engine/storage/values.h"
#include "engine/writing/writer.h"

namespace toll::engine {
namespace {

template <typename T>
using FromStore = std::expected<T, StoreError>;

/// To find the next customer costs about as much as to read so many rows that lie together.
constexpr size_t kRowsOfASeek = 10;

/// The order of names in keys.
bool is_before(std::string_view a, std::string_view b) {
  return std::pair(a.size(), a) < std::pair(b.size(), b);
}

KeyRange row_of_customer(std::string_view tenant, std::string_view customer) {
  const std::string key = customer_key(tenant, customer);
  return {key, key + '\0'};
}

/// The rows of one kind, which lie by customers.
struct RowsOfKind {
  Table table;
  KeyRange all;
  KeyRange (*of)(std::string_view tenant, std::string_view customer);
  std::optional<std::string> next = {};  ///< the customer of the first that is not behind us
  bool is_known = false;                 ///< whether `next` is
};

class CustomerList {
 public:
  CustomerList(const View& view, const CustomersRequest& request)
      : view_(view),
        request_(request),
        said_{Table::State, customers_of(request.tenant), row_of_customer},
        subscriptions_{Table::State, subscriptions_of(request.tenant), subscriptions_of},
        days_{Table::Days, days_of(request.tenant), days_of} {}

  FromStore<std::optional<std::string>> run(
      const std::function<bool(const ListedCustomer&)>& visit) {
    std::string after = request_.after;
    for (;;) {
      auto id = next(after);
      if (!id) return std::unexpected(std::move(id.error()));
      if (!*id) return std::nullopt;
      if (rows_ >= request_.rows_max && after != request_.after) return after;
      const auto customer = read(**id);
      if (!customer) return std::unexpected(customer.error());
      if (*customer && !visit(**customer)) return std::nullopt;
      after = **std::move(id);
    }
  }

 private:
  /// The first customer behind `after` that some row names. Each kind is asked only once it has
  /// been passed, so that a customer costs a seek in the kinds that name it.
  FromStore<std::optional<std::string>> next(std::string_view after) {
    std::optional<std::string> first;
    for (RowsOfKind* const kind : {&said_, &subscriptions_, &days_}) {
      if (!kind->is_known || (kind->next && !is_before(after, *kind->next)))
        if (auto found = seek(*kind, after); !found) return std::unexpected(found.error());
      if (kind->next && (!first || is_before(*kind->next, *first))) first = kind->next;
    }
    return first;
  }

  FromStore<void> seek(RowsOfKind& kind, std::string_view after) {
    rows_ += kRowsOfASeek;
    kind.is_known = true;
    kind.next.reset();
    const std::string from = after.empty() ? kind.all.from : kind.of(request_.tenant, after).until;
    bool good = true;
    auto scanned =
        view_.scan(kind.table, from, kind.all.until, [&](std::string_view key, std::string_view) {
          Parts parts(key.substr(kind.all.from.size()));
          kind.next.emplace(parts.name());
          good = parts.good();
          return false;
        });
    if (scanned && !good) return std::unexpected(damaged(kind.table, "the key of a customer"));
    return scanned;
  }

  /// Empty for one that is not asked for.
  FromStore<std::optional<ListedCustomer>> read(const std::string& id) {
    ListedCustomer listed{.customer = {.id = id}};
    const auto subscriptions = each(subscriptions_, id, [&](std::string_view value) {
      if (!is_removed(value)) ++listed.subscriptions;
      return true;
    });
    if (!subscriptions) return std::unexpected(subscriptions.error());
    if (request_.subscribed && *request_.subscribed != (listed.subscriptions > 0))
      return std::nullopt;
    const auto days = each(days_, id, [&](std::string_view value) {
      const auto events = read_day_events(value);
      listed.events += events.value_or(0);
      return events.has_value();
    });
    if (!days) return std::unexpected(days.error());
    const auto said = each(said_, id, [&](std::string_view value) {
      auto customer = read_customer(id, value);
      if (customer) listed.customer = *std::move(customer);
      return customer.has_value();
    });
    if (!said) return std::unexpected(said.error());
    // What was taken back names nobody any more.
    if (listed.subscriptions == 0 && said_.next != id && days_.next != id) return std::nullopt;
    return listed;
  }

  /// Takes each row of a kind that a customer has; `take` says whether it is one.
  FromStore<void> each(const RowsOfKind& kind, const std::string& id,
                       const std::function<bool(std::string_view value)>& take) {
    if (kind.next != id) return {};
    const KeyRange range = kind.of(request_.tenant, id);
    bool good = true;
    auto scanned = view_.scan(kind.table, range.from, range.until,
                              [&](std::string_view, std::string_view value) {
                                ++rows_;
                                good = take(value);
                                return good;
                              });
    if (scanned && !good) return std::unexpected(damaged(kind.table, "what a customer has"));
    return scanned;
  }

  const View& view_;
  const CustomersRequest& request_;
  RowsOfKind said_, subscriptions_, days_;
  size_t rows_ = 0;
};

}  // namespace

Answered<std::optional<std::string>> customers(
    const Engine& engine, const CustomersRequest& request,
    const std::function<bool(const ListedCustomer&)>& visit) {
  const auto view = engine.store().snapshot();
  auto behind = CustomerList(*view, request).run(visit);
  if (!behind) return std::unexpected(unanswered(behind.error()));
  return *std::move(behind);
}

}  // namespace toll::engine
