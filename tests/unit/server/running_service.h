// A service over a folder of its own, on a real socket.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "http/client.h"
#include "http/server.h"
#include "server/card_folder.h"
#include "server/service.h"
#include "tests/support/scratch_folder.h"

namespace toll::server {

using nlohmann::json;

/// A card without fees, so that an amount is quantity x price.
inline std::string api_card(std::string_view price, std::string_view from = "2026-01-01") {
  return "toll 1\n\nunit call, calls\nmeter api_calls counts call\n\ncard api \"API\"\n  from " +
         std::string(from) +
         "\n  currency USD\n  period month\n  round each line half-up\n\n"
         "  charge api_calls \"API calls\"\n    at " +
         std::string(price) + " USD per call\n";
}

inline std::string storage_card() {
  return "toll 1\n\ndimension class is hot, cold\nmeter storage peaks GiB by class\n\n"
         "card storage \"Storage\"\n  from 2026-01-01\n  currency USD\n  period month\n"
         "  round each line half-up\n\n  fee base \"Base\" at 5.00 USD per month, not prorated\n\n"
         "  charge storage \"Storage\" by class\n    hot  at 0.020 USD per GiB\n"
         "    cold at 0.004 USD per GiB\n    minimum 1.00 USD shared\n\n"
         "  limit storage to 1,000 GiB per month then allow\n";
}

class RunningService : public ::testing::Test {
 protected:
  /// Further routes of `server_`.
  virtual void add_routes() {}
  virtual http::ServerOptions options() { return {}; }
  virtual void add_quotes() { QuoteService(*folder_).add_to(*server_); }

  /// Serves what was saved so far; `kept` is where what was live is kept.
  void start(const std::filesystem::path& kept = {}) {
    client_.reset();
    server_.reset();  // one that was started before
    auto opened = CardFolder::open(scratch_.path(), kept);
    ASSERT_TRUE(opened) << opened.error().message;
    folder_ = std::move(*opened);
    server_ = std::make_unique<http::Server>(options());
    add_quotes();
    add_routes();
    const auto port = server_->start();
    ASSERT_TRUE(port) << port.error().message;
    port_ = *port;
    client_ = std::make_unique<http::Client>("127.0.0.1", port_);
  }

  void save(const std::string& name, std::string_view text) { scratch_.save(name, text); }
  void remove(const std::string& name) { scratch_.remove(name); }

  http::Response request(std::string_view method, std::string_view target,
                         std::string_view body = {},
                         const std::string& content_type = "application/json") {
    std::vector<std::pair<std::string, std::string>> headers;
    if (!body.empty()) headers.emplace_back("Content-Type", content_type);
    auto response = client_->request(method, target, headers, body);
    if (response) return *std::move(response);
    ADD_FAILURE() << method << " " << target << ": " << response.error().message;
    return {.status = 0, .content_type = {}, .body = "{}", .headers = {}};
  }
  http::Response get(std::string_view target) { return request("GET", target); }
  json get_json(std::string_view target) { return json::parse(get(target).body); }
  http::Response quote(std::string_view document) {
    return request("POST", "/v1/quotes", document);
  }

  /// The total of 1,000 calls, or the status where there is no answer.
  std::string total() {
    const http::Response response = quote(
        R"({"card":"api","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":1000}]})");
    return response.status == 200 ? json::parse(response.body)["total"].get<std::string>()
                                  : std::to_string(response.status);
  }

  /// Milliseconds until `holds` does; fails the test when it takes five seconds.
  template <typename Condition>
  int64_t wait_until(Condition&& holds) {
    const auto begin = std::chrono::steady_clock::now();
    while (true) {
      const bool done = holds();
      const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::steady_clock::now() - begin);
      if (done) return waited.count();
      if (waited > std::chrono::seconds(5)) {
        ADD_FAILURE() << "waited in vain";
        return waited.count();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<CardFolder> folder_;
  std::unique_ptr<http::Server> server_;
  uint16_t port_ = 0;
  std::unique_ptr<http::Client> client_;
};

inline std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [field, value] : response.headers)
    if (field == name) return value;
  return {};
}

}  // namespace toll::server
