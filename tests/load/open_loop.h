// Open-loop load: requests are due at a fixed rate, whatever the service does, like those of users
// who know nothing of each other. A request's time counts from the moment when it was due, not from
// when it could be sent: a service that falls behind cannot slow down who measures it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "tests/support/times.h"

namespace toll::load {

struct Plan {
  uint16_t port = 0;
  std::string request;  ///< as it goes over the wire
  double per_second =
      0;  ///< 0: a closed loop, in which a connection asks again when it is answered
  int connections_max = 0;
  std::chrono::milliseconds time{};
  /// A request that found no connection for so long is given up.
  std::chrono::milliseconds patience{1000};
};

struct Outcome {
  uint64_t due = 0;
  uint64_t given_up = 0;             ///< before they were sent
  std::map<int, uint64_t> status;    ///< whole answers
  uint64_t without_retry_after = 0;  ///< answers of 429 or 503 that do not say when to come again
  uint64_t good_in_time = 0;         ///< with 200, before the time was over
  uint64_t cut = 0;                  ///< connections closed within an answer
  uint64_t unanswered = 0;           ///< closed before an answer began, or silent at the end
  uint64_t unconnected = 0;          ///< connections that were not to be had
  uint64_t connections = 0;          ///< that were opened
  testing::Times answered;           ///< with 200
  testing::Times refused;            ///< with 429 or 503
  std::chrono::duration<double> time{};

  uint64_t count(int of) const {
    const auto found = status.find(of);
    return found == status.end() ? 0 : found->second;
  }
  double goodput() const { return static_cast<double>(good_in_time) / time.count(); }
};

/// Keeps connections open between requests, and opens another one where none is free. One thread,
/// at a higher priority where the system allows that: the service has many on the same cores.
Outcome run(const Plan& plan);

}  // namespace toll::load
