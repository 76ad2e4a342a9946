// SIGTERM under load: what was asked is answered, and nothing is cut.
//
//   drain_test [SIGTERMS]     per test (5)
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/crash/service_process.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/http/wire.h"

namespace toll {

int sigterms_wanted = 5;

namespace {

constexpr int kClients = 8;
constexpr std::string_view kDocument =
    R"({"card":"api","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":1000}]})";

struct Findings {
  std::atomic<uint64_t> answers = 0;
  std::atomic<uint64_t> wrong = 0;     ///< whole, but not the quote
  std::atomic<uint64_t> cut = 0;       ///< begun, and not ended
  std::atomic<uint64_t> without = 0;   ///< asked, and closed without a byte
  std::atomic<uint64_t> goodbyes = 0;  ///< with Connection: close
};

enum class Manner {
  Polite,    ///< goes elsewhere when it is told that the connection ends, as a proxy does
  Stubborn,  ///< comes again until nobody listens
};

std::string quote_request(std::string_view path, std::string_view type) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: a\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", path, type,
      kDocument.size(), kDocument);
}

void ask_until_the_end(uint16_t port, Manner manner, bool batch, Findings& findings) {
  const std::string request = batch ? quote_request("/v1/quotes/batch", "application/x-ndjson")
                                    : quote_request("/v1/quotes", "application/json");
  while (true) try {
      http::Wire wire(port);
      while (true) {
        if (!wire.send(request)) break;
        const auto answer = wire.receive();
        if (!answer) {
          ++(wire.unread() > 0 ? findings.cut : findings.without);
          break;
        }
        ++findings.answers;
        if (answer->status != 200 || !answer->body.contains(R"("total":"10.00")")) ++findings.wrong;
        if (answer->header("Connection") != "close") continue;
        ++findings.goodbyes;
        if (manner == Manner::Polite) return;
        break;
      }
    } catch (const std::runtime_error&) {  // nobody listens
      return;
    }
}

class Drain : public ::testing::Test {
 protected:
  void SetUp() override {
    scratch_.save("api@2026-01-01.toll",
                  "toll 1\n\nunit call, calls\nmeter api_calls counts call\n\ncard api\n"
                  "  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n\n"
                  "  charge api_calls\n    at 0.01 USD per call\n");
  }

  void drain_under_load(Manner manner, const std::string& delay) {
    for (int i = 0; i < sigterms_wanted; ++i) {
      crash::ServiceProcess service(scratch_.path(), scratch_.path() / ".." / "data",
                                    {"--drain-delay", delay});
      std::vector<std::jthread> clients;
      for (int c = 0; c < kClients; ++c)
        clients.emplace_back(
            [&, c] { ask_until_the_end(service.port(), manner, /*batch=*/c % 4 == 0, findings_); });
      std::this_thread::sleep_for(std::chrono::milliseconds{60 + 7 * (i % 20)});
      EXPECT_EQ(service.end(), 0);
    }
    fmt::print("{} SIGTERMs, {} answers, {} goodbyes, {} closed without an answer, {} cut\n",
               sigterms_wanted, findings_.answers.load(), findings_.goodbyes.load(),
               findings_.without.load(), findings_.cut.load());
    EXPECT_GT(findings_.answers, 100u * static_cast<unsigned>(sigterms_wanted));
    EXPECT_EQ(findings_.wrong, 0u);
    EXPECT_EQ(findings_.cut, 0u);
  }

  testing::ScratchFolder scratch_;
  Findings findings_;
};

TEST_F(Drain, ClientsThatGoElsewhereLoseNothing) {
  drain_under_load(Manner::Polite, "1");
  EXPECT_EQ(findings_.without, 0u);
  EXPECT_EQ(findings_.goodbyes, static_cast<uint64_t>(kClients * sigterms_wanted));
}

TEST_F(Drain, NoAnswerIsCutForThoseWhoComeAgain) { drain_under_load(Manner::Stubborn, "0"); }

}  // namespace
}  // namespace toll

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1) toll::sigterms_wanted = std::atoi(argv[1]);
  return RUN_ALL_TESTS();
}
