// The founding cards written by hand, as a careful engineer would ship them in application code:
// scaled integers, half-up rounding per line, nothing general.
#pragma once

#include <cstdint>

namespace toll::by_hand {

struct ApiPlatform {
  int64_t base;
  int64_t api_calls;
  int64_t total;
};

/// The API platform card: quantities in calls, amounts in cents.
void rate_api_platform(int64_t api_calls, ApiPlatform* out);

struct ObjectStorage {
  int64_t storage[3];
  int64_t requests[2];
  int64_t egress;
  int64_t total;
};

/// The object storage card: GiB-months by class (standard, infrequent, archive), requests (write,
/// read) and GiB, all whole; amounts in cents.
void rate_object_storage(const int64_t storage[3], const int64_t requests[2], int64_t egress,
                         ObjectStorage* out);

/// A domestic card payment of each item of the payments card, in cents; the sum of their fees in
/// cents.
int64_t rate_payments(const int64_t* cents, int count);

/// What more API calls cost, in cents: the line at two quantities, and the difference.
int64_t change_of_api_calls(int64_t before, int64_t after);

/// The same of GiB-months in the standard class.
int64_t change_of_standard_storage(int64_t before, int64_t after);

}  // namespace toll::by_hand
