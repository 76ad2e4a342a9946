// The example of a client against a service that answers "later", does not answer, and goes away:
// every event is there once.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "engine/store.h"
#include "http/client.h"
#include "http/server.h"
#include "server/card_folder.h"
#include "server/usage_service.h"
#include "tests/support/scratch_folder.h"

namespace toll {
namespace {

using http::Request;
using http::Response;

std::string event(int id, std::string_view data = "{}") {
  return fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/s","type":"t","subject":"acme",)"
                     R"("time":"2026-03-10T12:00:00Z","data":{}}})",
                     id, data);
}

class ExampleClient : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = *server::CardFolder::open(scratch_.path());
    engine_ = *engine::Engine::open(std::make_unique<engine::MemoryStore>());
    serve();
  }
  void TearDown() override {
    front_.reset();
    service_.reset();
  }

  /// The service itself, and in front of it what goes wrong on the way.
  void serve() {
    service_ = std::make_unique<http::Server>(http::ServerOptions{});
    server::UsageService(*folder_, *engine_).add_to(*service_);
    service_port_ = service_->start().value();
    open_front(0);
  }
  void open_front(uint16_t port) {
    front_ = std::make_unique<http::Server>(http::ServerOptions{.port = port});
    front_->route("POST", "/v1/events", [this](const Request& request) { return pass_on(request); },
                  {.body_bytes_max = size_t{8} << 20});
    port_ = front_->start().value();
  }

  Response pass_on(const Request& request) {
    const int call = calls_++;
    if (call == 0) return {429, "", "", {{"Retry-After", "1"}}};
    if (call == 1) return {503, "", "", {}};
    http::Client client("127.0.0.1", service_port_);
    auto answer = client.request("POST", "/v1/events", {{"Content-Type", "application/x-ndjson"}},
                                 request.body);
    // The events are stored, and the client is not told.
    if (call == 2) return {500, "", "", {}};
    if (!answer) return {502, "", "", {}};
    return {answer->status, std::move(answer->content_type), std::move(answer->body), {}};
  }

  /// Exit code and output of the example with these lines.
  std::pair<int, std::string> run(const std::string& lines) {
    const std::filesystem::path file = scratch_.path().parent_path() / "events.ndjson";
    std::ofstream(file) << lines;
    const std::string command =
        fmt::format("'{}' http://127.0.0.1:{} < '{}' 2>&1", TOLL_SEND_EVENTS, port_, file.string());
    FILE* const pipe = popen(command.c_str(), "r");
    std::string output;
    std::array<char, 4096> block;
    for (size_t size; (size = fread(block.data(), 1, block.size(), pipe)) > 0;)
      output.append(block.data(), size);
    const int status = pclose(pipe);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
  }

  size_t stored() const {
    size_t events = 0;
    const auto read =
        engine_->record("default", "acme", Instant{}, *parse_instant("2199-01-01T00:00:00Z"),
                        [&](const engine::RecordedEvent&) { return ++events, true; });
    EXPECT_TRUE(read);
    return events;
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<server::CardFolder> folder_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<http::Server> service_, front_;
  uint16_t service_port_ = 0, port_ = 0;
  std::atomic<int> calls_ = 0;
};

TEST_F(ExampleClient, StoresEveryEventOnce) {
  std::string lines;
  for (int i = 0; i < 3500; ++i) lines += event(i) + "\n";
  const auto [code, output] = run(lines);
  EXPECT_EQ(code, 0) << output;
  EXPECT_EQ(output, "3500 events are there, but for 0\n");
  EXPECT_EQ(stored(), 3500u);
  EXPECT_EQ(calls_, 7) << "four batches, and the first of them three times more";
}

TEST_F(ExampleClient, WaitsForAServiceThatIsAway) {
  front_.reset();
  std::jthread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds{700});
    open_front(port_);
  });
  const auto [code, output] = run(event(1) + "\n");
  EXPECT_EQ(code, 0) << output;
  EXPECT_EQ(stored(), 1u);
}

TEST_F(ExampleClient, SaysWhatIsNotTaken) {
  calls_ = 3;  // nothing goes wrong on the way
  const auto [code, output] =
      run(event(1) + "\nnonsense\n" + event(1, R"({"a":1})") + "\n" + event(2) + "\n");
  EXPECT_EQ(code, 2) << output;
  EXPECT_TRUE(output.contains(R"({"line":2,"verdict":"rejected")")) << output;
  EXPECT_TRUE(output.contains(R"({"line":3,"id":"1","verdict":"conflict")")) << output;
  EXPECT_TRUE(output.contains("4 events are there, but for 2")) << output;
  EXPECT_EQ(stored(), 2u);
}

}  // namespace
}  // namespace toll
