// Twice as many requests as the service can answer: what it answers, what it refuses, and whether
// that costs the others.
//
//   overload_test [SECONDS]     under overload (2)
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>

#include "server/keys.h"
#include "tests/crash/service_process.h"
#include "tests/load/open_loop.h"
#include "tests/support/scratch_folder.h"

namespace toll {

std::chrono::milliseconds overload_time{2000};

namespace {

using std::chrono::milliseconds;

/// More than the service has places and places to wait.
constexpr int kClients = 400;

constexpr std::string_view kDocument =
    R"({"card":"api","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":1000}]})";

/// On a busy machine two seconds say little about a rate; what it is to be is asked at length.
double goodput_least() { return overload_time >= std::chrono::seconds{10} ? 0.8 : 0.5; }

double resident_mib(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/statm", process));
  double pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * 4 / 1024;
}

void print(std::string_view what, const load::Outcome& seen) {
  fmt::print(
      "{}: {} due, {} answered with 200 ({:.0f} a second), {} with 429, {} with 503; {} given up "
      "before they were sent, {} closed without an answer, {} cut; {} connections\n"
      "  200 after {:.1f} ms (median), {:.1f} ms (p99), {:.1f} ms (most); 429 or 503 after {:.1f}, "
      "{:.1f}, {:.1f} ms\n",
      what, seen.due, seen.count(200), seen.goodput(), seen.count(429), seen.count(503),
      seen.given_up, seen.unanswered, seen.cut, seen.connections, seen.answered.at(0.5),
      seen.answered.at(0.99), seen.answered.at(1), seen.refused.at(0.5), seen.refused.at(0.99),
      seen.refused.at(1));
}

void expect_only_answers(const load::Outcome& seen) {
  uint64_t expected = 0, all = 0;
  for (const auto& [status, count] : seen.status) {
    all += count;
    if (status == 200 || status == 429 || status == 503) expected += count;
  }
  EXPECT_EQ(all, expected) << "an answer that is none of 200, 429 and 503";
  EXPECT_EQ(seen.without_retry_after, 0u);
  EXPECT_EQ(seen.cut, 0u);
  EXPECT_EQ(seen.unanswered, 0u);
  EXPECT_EQ(seen.unconnected, 0u);
}

class Overload : public ::testing::Test {
 protected:
  void SetUp() override {
    scratch_.save("api@2026-01-01.toll",
                  "toll 1\n\nunit call, calls\nmeter api_calls counts call\n\ncard api\n"
                  "  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n\n"
                  "  charge api_calls\n    at 0.01 USD per call\n");
  }

  /// `fields` are further header lines, each with its CR LF.
  load::Plan plan(const crash::ServiceProcess& service, const std::string& fields = {}) const {
    return {.port = service.port(),
            .request = fmt::format(
                "POST /v1/quotes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{}"
                "Content-Length: {}\r\n\r\n{}",
                fields, kDocument.size(), kDocument),
            .connections_max = kClients,
            .time = overload_time};
  }

  /// Quotes a second where each connection asks again when it is answered, with the number of
  /// connections that gives most.
  double capacity(load::Plan plan) {
    plan.per_second = 0;
    plan.time = std::clamp<milliseconds>(overload_time / 10, milliseconds{500}, milliseconds{3000});
    double most = 0;
    for (const int connections : {8, 16, 64, 128}) {
      plan.connections_max = connections;
      const load::Outcome seen = load::run(plan);
      expect_only_answers(seen);
      most = std::max(most, seen.goodput());
    }
    fmt::print("capacity: {:.0f} quotes a second\n", most);
    return most;
  }

  std::filesystem::path data() const { return scratch_.path() / ".." / "data"; }

  testing::ScratchFolder scratch_;
};

TEST_F(Overload, WhatIsTooMuchIsRefusedAndCostsTheOthersLittle) {
  crash::ServiceProcess service(scratch_.path(), data());
  load::Plan twice = plan(service);
  const double peak = capacity(twice);
  const double before = resident_mib(service.process());
  twice.per_second = 2 * peak;
  const load::Outcome seen = load::run(twice);
  const double after = resident_mib(service.process());
  print("twice the capacity", seen);
  fmt::print("  goodput {:.2f} of the capacity; resident memory {:.1f} -> {:.1f} MiB\n",
             seen.goodput() / peak, before, after);
  expect_only_answers(seen);
  EXPECT_GE(seen.goodput(), goodput_least() * peak);
  EXPECT_LT(after - before, 64);
}

TEST_F(Overload, AKeyBeyondItsLimitKeepsItsConnections) {
  const std::string file = (scratch_.path() / ".." / "keys").string();
  const uint32_t limit = 5000;
  const auto key = server::create_key(
      file, {"load", *server::Scopes::parse("quotes:read"), {}, server::RateLimit{limit, 500}}, {});
  ASSERT_TRUE(key) << key.error().message;
  crash::ServiceProcess service(scratch_.path(), data(), {"--keys", file});
  load::Plan beyond = plan(service, "Authorization: Bearer " + key->token + "\r\n");
  beyond.connections_max = 64;
  beyond.per_second = 2.0 * limit;
  const load::Outcome seen = load::run(beyond);
  print("a key at twice its limit", seen);
  expect_only_answers(seen);
  EXPECT_GE(seen.goodput(), 0.8 * limit);
  EXPECT_LE(seen.goodput(), 1.1 * limit + 500);
  EXPECT_GT(seen.count(429), seen.due / 4);
  // And one more after each ten thousand requests of a connection.
  EXPECT_LE(seen.connections, 64 + seen.due / 10'000) << "a refusal ended its connection";
}

}  // namespace
}  // namespace toll

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1) toll::overload_time = std::chrono::seconds{std::atoi(argv[1])};
  return RUN_ALL_TESTS();
}
