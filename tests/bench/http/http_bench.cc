// What rating costs in a quote over HTTP, what a key and a batch do, how soon a saved price
// answers, and what that costs those who ask meanwhile.
//
//   http_bench [SECONDS [SAVES [LINES]]]     seconds per measurement (1), saves to be timed (50),
//                                            lines of a batch (1,000,000)
//
// `echo` reads the same usage document with the same reader and writes a prepared answer with the
// same writer, on the same server: what is left between the two is choosing the revision, binding
// the usage, rating and making the answer's texts.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "http/client.h"
#include "http/server.h"
#include "runtime/quote.h"
#include "server/access.h"
#include "server/card_folder.h"
#include "server/keys.h"
#include "server/operations.h"
#include "server/service.h"
#include "tests/bench/give_up.h"
#include "tests/bench/http/load.h"
#include "tests/support/scratch_folder.h"
#include "wire/answer_json.h"
#include "wire/usage_json.h"

namespace toll::bench {
namespace {

namespace fs = std::filesystem;
using Seconds = std::chrono::duration<double>;

constexpr int kConnections = 16;
constexpr int kRepeats = 9;

struct Workload {
  std::string name;
  std::string document;
};

const Workload kWorkloads[] = {
    {"api_platform, 1 cell",
     R"({"card":"api_platform","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":"250000"}]})"},
    {"object_storage, 5 cells",
     R"({"card":"object_storage","on":"2026-03-15","usage":[)"
     R"({"meter":"storage","at":{"class":"standard"},"quantity":"61440"},)"
     R"({"meter":"storage","at":{"class":"archive"},"quantity":"204800"},)"
     R"({"meter":"requests","at":{"operation":"write"},"quantity":"2000000"},)"
     R"({"meter":"requests","at":{"operation":"read"},"quantity":"40000000"},)"
     R"({"meter":"egress","quantity":"11264"}]})"},
    {"ai_tokens, 4 cells",
     R"({"card":"ai_tokens","on":"2026-03-15","usage":[)"
     R"({"meter":"tokens","at":{"model":"large","kind":"input","mode":"live"},"quantity":"120000000"},)"
     R"({"meter":"tokens","at":{"model":"large","kind":"cached_input","mode":"live"},"quantity":"300000000"},)"
     R"({"meter":"tokens","at":{"model":"large","kind":"output","mode":"live"},"quantity":"25000000"},)"
     R"({"meter":"tokens","at":{"model":"nano","kind":"input","mode":"batch"},"quantity":"2000000000"}]})"},
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// A folder with the founding cards, served; with a key where `with_key` says so.
class Service {
 public:
  explicit Service(bool with_key = false) {
    const fs::path source = fs::path(TOLL_SOURCE_DIR) / "ratecards" / "founding";
    for (const fs::directory_entry& entry : fs::directory_iterator(source))
      fs::copy(entry.path(), scratch_.path());
    auto folder = server::CardFolder::open(scratch_.path());
    if (!folder) give_up(folder.error().message);
    folder_ = std::move(*folder);
    if (with_key) make_key();
    operations_ = std::make_unique<server::Operations>(*folder_, access_.get());
    server_ = std::make_unique<http::Server>(http::ServerOptions{
        // The load opens no connection twice.
        .limits = {.requests_per_connection_max = 100'000'000},
        .gate = access_ ? access_->gate() : http::Gate{},
        .observe = operations_->observer()});
    server::QuoteService(*folder_).add_to(*server_);
  }

  /// Adds a route that answers every document with the same answer.
  void add_echo(const std::string& path, const std::string& document) {
    auto answer = runtime::quote(*folder_->cards().get(), *wire::read_usage(document));
    if (!answer) give_up(answer.error().faults.front().message);
    server_->route("POST", path,
                   [prepared = *std::move(answer)](const http::Request& request) {
                     if (!wire::read_usage(request.body))
                       return http::problem(400, "no usage document");
                     http::Response response{200, "application/json", {}, {}};
                     wire::write_answer(prepared, response.body);
                     response.headers.emplace_back("Toll-Card-Version", prepared.version);
                     response.headers.emplace_back("Toll-Card-Hash", prepared.hash);
                     return response;
                   },
                   {.content_types = {"application/json"}, .scope = "quotes:read", .waits = false});
  }

  void start() {
    operations_->add_to(*server_);
    const auto port = server_->start();
    if (!port) give_up(port.error().message);
    port_ = *port;
  }

  uint16_t port() const { return port_; }
  /// What a request brings to be let in.
  const std::string& authorization() const { return authorization_; }
  const testing::ScratchFolder& scratch() const { return scratch_; }
  std::string hash_of(const std::string& card) const {
    return folder_->cards().get()->versions(card)->front()->card().hash;
  }

 private:
  void make_key() {
    const std::string file = (scratch_.path() / ".." / "keys").string();
    const auto key = server::create_key(file,
                                        {"bench",
                                         *server::Scopes::parse("quotes:read"),
                                         {},
                                         server::RateLimit{1'000'000, 1'000'000}},
                                        {});
    if (!key) give_up(key.error().message);
    auto access = server::Access::open(file);
    if (!access) give_up(access.error().message);
    access_ = std::move(*access);
    authorization_ = "Authorization: Bearer " + key->token + "\r\n";
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<server::CardFolder> folder_;
  std::unique_ptr<server::Access> access_;
  std::unique_ptr<server::Operations> operations_;
  std::unique_ptr<http::Server> server_;
  std::string authorization_;
  uint16_t port_ = 0;
};

/// What several runs gave.
struct Runs {
  std::vector<double> speeds, p99s;
  void add(const Load& load) {
    speeds.push_back(load.per_second());
    p99s.push_back(load.times.at(0.99));
  }
};

/// The median of the quotients of runs that were made in turns.
double ratio(const std::vector<double>& of, const std::vector<double>& to) {
  std::vector<double> ratios;
  for (size_t i = 0; i < of.size(); ++i) ratios.push_back(of[i] / to[i]);
  return median(std::move(ratios));
}

std::string row(const std::vector<double>& values) {
  return fmt::format("{:.0f} ({:.0f}..{:.0f})", median(values), *std::ranges::min_element(values),
                     *std::ranges::max_element(values));
}

void compare_with_echo(const Service& service, Seconds time) {
  fmt::print("{} keep-alive connections, {} repeats of {} s, medians (min..max)\n", kConnections,
             kRepeats, time.count());
  fmt::print("{:<26}{:>28}{:>28}{:>8}{:>16}{:>16}{:>8}\n", "", "quotes/s", "echo/s", "ratio",
             "quote p99", "echo p99", "ratio");
  for (size_t i = 0; i < std::size(kWorkloads); ++i) {
    const Workload& workload = kWorkloads[i];
    Runs quotes, echoes;
    const auto measure = [&](const std::string& path) {
      return post(service.port(), path, workload.document, kConnections, time);
    };
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      // In turns, so that neither always runs on the warmer machine.
      const std::string echo = fmt::format("/echo/{}", i);
      if (repeat % 2) echoes.add(measure(echo));
      quotes.add(measure("/v1/quotes"));
      if (repeat % 2 == 0) echoes.add(measure(echo));
    }
    fmt::print("{:<26}{:>28}{:>28}{:>8.2f}{:>13.2f} ms{:>13.2f} ms{:>8.2f}\n", workload.name,
               row(quotes.speeds), row(echoes.speeds), ratio(quotes.speeds, echoes.speeds),
               median(quotes.p99s), median(echoes.p99s), ratio(quotes.p99s, echoes.p99s));
  }
}

/// What a key, its limit and its scopes cost.
void compare_with_key(const Service& open, const Service& guarded, Seconds time) {
  Runs with, without;
  const auto measure = [&](const Service& service) {
    return post(service.port(), "/v1/quotes", kWorkloads[0].document, kConnections, time,
                service.authorization());
  };
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    if (repeat % 2) without.add(measure(open));
    with.add(measure(guarded));
    if (repeat % 2 == 0) without.add(measure(open));
  }
  fmt::print("with a key and a limit: {:.0f} quotes/s, without {:.0f}, ratio {:.2f}\n",
             median(with.speeds), median(without.speeds), ratio(with.speeds, without.speeds));
}

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * 4 / 1024;
}

/// One request with many lines.
void time_batch(const Service& service, uint64_t lines) {
  for (const Workload& workload : kWorkloads) {
    std::vector<double> speeds;
    const double before = resident_mib();
    for (int repeat = 0; repeat < 3; ++repeat)
      speeds.push_back(
          post_lines(service.port(), "/v1/quotes/batch", workload.document, lines).per_second());
    fmt::print("batch of {} lines, {:<24} {:.0f} quotes/s; resident memory {:.0f} -> {:.0f} MiB\n",
               lines, workload.name, median(speeds), before, resident_mib());
  }
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Milliseconds from the rename to the first answer by the new text.
double time_a_save(const Service& service, const std::string& file, const std::string& text,
                   http::Client& client) {
  const auto hash = [&] {
    const auto response = client.request(
        "POST", "/v1/quotes", {{"Content-Type", "application/json"}}, kWorkloads[0].document);
    if (!response || response->status != 200) give_up("a quote failed while a card was saved");
    for (const auto& [name, value] : response->headers)
      if (name == "Toll-Card-Hash") return value;
    give_up("an answer without its hash");
  };
  const std::string before = hash();
  service.scratch().save(file, text);
  const auto saved = std::chrono::steady_clock::now();
  while (hash() == before) {
    if (std::chrono::steady_clock::now() - saved > std::chrono::seconds(30))
      give_up("a saved card did not go live");
  }
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - saved)
      .count();
}

constexpr const char* kSwapped = "api_platform@2026-01-01.toll";

/// A text as it is, and with another label, so that its examples and invoices pass: they are run
/// before it is live.
std::pair<std::string, std::string> two_texts(const Service& service) {
  const std::string text = read_file(service.scratch().path() / kSwapped);
  const std::string one = "\"API calls above", other = "\"Calls above";
  const std::string& from = text.contains(one) ? one : other;
  std::string renamed = text;
  renamed.replace(text.find(from), from.size(), &from == &one ? other : one);
  return {text, renamed};
}

void time_saves(const Service& service, int saves) {
  const auto [text, renamed] = two_texts(service);
  http::Client client("127.0.0.1", service.port());
  std::vector<double> times;
  for (int i = 0; i < saves; ++i)
    times.push_back(time_a_save(service, kSwapped, i % 2 ? text : renamed, client));
  fmt::print("save to first new answer over HTTP, {} saves: median {:.1f} ms, max {:.1f} ms\n",
             saves, median(times), *std::ranges::max_element(times));
}

/// Saves one text and the other in turns, with a pause behind each, as long as it lives.
class Swapping {
 public:
  Swapping(const Service& service, Seconds pause)
      : texts_(two_texts(service)), thread_([this, &service, pause](const std::stop_token& stop) {
          for (int i = 0; !stop.stop_requested(); ++i) {
            const std::string before = service.hash_of("api_platform");
            service.scratch().save(kSwapped, i % 2 ? texts_.first : texts_.second);
            const auto next = std::chrono::steady_clock::now() + pause;
            while (std::chrono::steady_clock::now() < next && !stop.stop_requested())
              std::this_thread::sleep_for(std::chrono::milliseconds{1});
            if (service.hash_of("api_platform") != before) ++live_;
          }
        }) {}
  Swapping(const Swapping&) = delete;

  int live() const { return live_; }

 private:
  std::atomic<int> live_ = 0;
  std::pair<std::string, std::string> texts_;
  std::jthread thread_;
};

/// What a card that is saved once a second costs those who ask meanwhile.
void compare_with_swaps(const Service& service, Seconds pause) {
  constexpr int kSwaps = 4;
  Runs quiet, swapping;
  int live = 0;
  const auto measure = [&] {
    return post(service.port(), "/v1/quotes", kWorkloads[0].document, kConnections, pause * kSwaps);
  };
  for (int repeat = 0; repeat < 5; ++repeat) {
    if (repeat % 2) quiet.add(measure());
    {
      const Swapping swaps(service, pause);
      swapping.add(measure());
      live += swaps.live();
    }
    if (repeat % 2 == 0) quiet.add(measure());
  }
  fmt::print(
      "a card saved every {} s, {} of which went live: {:.0f} quotes/s, p99 {:.2f} ms; quiet "
      "{:.0f} quotes/s, p99 {:.2f} ms; ratio of p99s {:.2f}\n",
      pause.count(), live, median(swapping.speeds), median(swapping.p99s), median(quiet.speeds),
      median(quiet.p99s), ratio(swapping.p99s, quiet.p99s));
}

}  // namespace
}  // namespace toll::bench

int main(int argc, char** argv) {
  using namespace toll::bench;
  const Seconds time(argc > 1 ? std::atof(argv[1]) : 1.0);
  const int saves = argc > 2 ? std::atoi(argv[2]) : 50;
  const uint64_t lines = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1'000'000;
  Service service;
  for (size_t i = 0; i < std::size(kWorkloads); ++i)
    service.add_echo(fmt::format("/echo/{}", i), kWorkloads[i].document);
  service.start();
  Service guarded(/*with_key=*/true);
  guarded.start();
  compare_with_echo(service, time);
  compare_with_key(service, guarded, time);
  time_batch(service, lines);
  time_saves(service, saves);
  compare_with_swaps(service, time);
}
