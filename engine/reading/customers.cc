#include "engine/customers.h"

#include <expected>
#include <map>
#include <optional>
#include <string>
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

KeyRange row_of_customer(std::string_view tenant, std::string_view customer) {
  const std::string key = customer_key(tenant, customer);
  return {key, key + '\0'};
}

/// The rows of one kind, which lie by customers: by the length of their ids, and those of one
/// length by the bytes of the id.
struct RowsOfKind {
  Table table;
  KeyRange all;
  KeyRange (*of)(std::string_view tenant, std::string_view customer);
  /// By the length of ids the first customer that is not behind us, where there is one.
  std::map<size_t, std::string> next = {};
  bool is_known = false;  ///< whether `next` is

  bool is_next(const std::string& id) const {
    const auto same_length = next.find(id.size());
    return same_length != next.end() && same_length->second == id;
  }
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
  /// The first customer behind `after` that some row names: of those that come next among the ids
  /// of each length. Only a length whose customer has been passed is asked again, so that a
  /// customer costs a seek in the kinds that name it.
  FromStore<std::optional<std::string>> next(const std::string& after) {
    std::optional<std::string> first;
    for (RowsOfKind* const kind : {&said_, &subscriptions_, &days_}) {
      if (auto done = kind->is_known ? pass(*kind, after) : begin(*kind, after); !done)
        return std::unexpected(std::move(done.error()));
      for (const auto& [length, id] : kind->next)
        if (!first || id < *first) first = id;
    }
    return first;
  }

  /// Finds the lengths that ids have, and in each the first one behind `after`.
  FromStore<void> begin(RowsOfKind& kind, const std::string& after) {
    kind.is_known = true;
    std::string from = kind.all.from;
    for (;;) {
      auto found = seek(kind, from);
      if (!found) return std::unexpected(std::move(found.error()));
      if (!*found) return {};
      const size_t length = (*found)->size();
      kind.next[length] = **std::move(found);
      if (kind.next[length] <= after)
        if (auto passed = seek_behind(kind, length, after); !passed) return passed;
      // Behind all ids of that length.
      from = kind.of(request_.tenant, std::string(length, '\xff')).from;
    }
  }

  FromStore<void> pass(RowsOfKind& kind, const std::string& after) {
    return kind.is_next(after) ? seek_behind(kind, after.size(), after) : FromStore<void>();
  }

  /// The first id of that length behind `after`, which may have another length.
  FromStore<void> seek_behind(RowsOfKind& kind, size_t length, const std::string& after) {
    std::string same_length = after.substr(0, length);
    const bool is_before = after.size() < length;  // then what goes on from it is behind it
    same_length.resize(length, '\0');
    const KeyRange rows = kind.of(request_.tenant, same_length);
    auto found = seek(kind, is_before ? rows.from : rows.until);
    if (!found) return std::unexpected(std::move(found.error()));
    kind.next.erase(length);
    if (*found && (*found)->size() == length) kind.next[length] = **std::move(found);
    return {};
  }

  /// The customer of the first row from a key on.
  FromStore<std::optional<std::string>> seek(const RowsOfKind& kind, const std::string& from) {
    rows_ += kRowsOfASeek;
    std::optional<std::string> id;
    bool good = true;
    auto scanned =
        view_.scan(kind.table, from, kind.all.until, [&](std::string_view key, std::string_view) {
          Parts parts(key.substr(kind.all.from.size()));
          id.emplace(parts.name());
          good = parts.good();
          return false;
        });
    if (scanned && !good) return std::unexpected(damaged(kind.table, "the key of a customer"));
    if (!scanned) return std::unexpected(std::move(scanned.error()));
    return id;
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
    if (request_.with_events)
      if (auto days = count_events(listed); !days) return std::unexpected(std::move(days.error()));
    const auto said = each(said_, id, [&](std::string_view value) {
      auto customer = read_customer(id, value);
      if (customer) listed.customer = *std::move(customer);
      return customer.has_value();
    });
    if (!said) return std::unexpected(said.error());
    // What was taken back names nobody any more.
    if (listed.subscriptions == 0 && !said_.is_next(id) && !days_.is_next(id)) return std::nullopt;
    return listed;
  }

  FromStore<void> count_events(ListedCustomer& listed) {
    return each(days_, listed.customer.id, [&](std::string_view value) {
      const auto events = read_day_events(value);
      listed.events += events.value_or(0);
      return events.has_value();
    });
  }

  /// Takes each row of a kind that a customer has; `take` says whether it is one.
  FromStore<void> each(const RowsOfKind& kind, const std::string& id,
                       const std::function<bool(std::string_view value)>& take) {
    if (!kind.is_next(id)) return {};
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
