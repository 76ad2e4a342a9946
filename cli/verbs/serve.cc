#include <arpa/inet.h>
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/cards/card_files.h"
#include "cli/data/backup_mark.h"
#include "cli/data/opened_engine.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "engine/engine.h"
#include "http/server.h"
#include "runtime/loader.h"
#include "server/access.h"
#include "server/card_folder.h"
#include "server/card_service.h"
#include "server/decision_log.h"
#include "server/event_log.h"
#include "server/operations.h"
#include "server/service.h"
#include "server/tenants.h"
#include "server/usage_service.h"
#include "wire/text.h"

namespace toll::cli {
namespace {

/// How long requests may take to finish once the service is asked to end.
constexpr std::chrono::seconds kGrace{5};

/// Each has a thread from the start; a system that has no more threads ends the process.
constexpr int kConnectionsMost = 4096;

/// Streams of bills: half of the connections at most, so that others find a place.
constexpr int kStreamsMost = 128;

constexpr int kDrainDelayMost = 3600;

struct Address {
  std::string host;
  uint16_t port = 0;
};

/// "HOST:PORT", "[IPV6]:PORT" or a port alone.
std::optional<Address> parse_address(std::string_view text) {
  Address address{"127.0.0.1", 0};
  std::string_view port = text;
  if (const size_t colon = text.rfind(':'); colon != text.npos) {
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) return std::nullopt;
    address.host = host;
    port = text.substr(colon + 1);
  }
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (port.empty() || error != std::errc() || end != port.data() + port.size()) return std::nullopt;
  return address;
}

bool is_loopback(const std::string& host) {
  in_addr v4;
  in6_addr v6;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return host == "localhost";
}

/// The signals that the service heeds. They stay pending for next() in every thread that is started
/// after this.
class Signals {
 public:
  Signals() {
    signal(SIGPIPE, SIG_IGN);  // a client that went away is no reason to end
    sigemptyset(&signals_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals_, number);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  int next() const {
    int number = 0;
    sigwait(&signals_, &number);
    return number;
  }

  /// Lets that time pass, or less when another signal to end comes.
  void wait(std::chrono::seconds time) const {
    const timespec most{time.count(), 0};
    while (sigtimedwait(&signals_, nullptr, &most) == SIGHUP) {
    }
  }

 private:
  sigset_t signals_;
};

int fail(const Error& error) {
  complain(error.message);
  return kFailed;
}

std::string url(const Address& address, uint16_t port) {
  const bool v6 = address.host.contains(':');
  return fmt::format("http://{}{}{}:{}", v6 ? "[" : "", address.host, v6 ? "]" : "", port);
}

/// What is said when the service listens.
void say_what_is_served(const std::string& at, const server::CardFolder& folder,
                        const server::Access* access, const ServeOptions& options) {
  if (!access)
    print(fmt::format("listening on {} (loopback only: there are no keys)\n", at));
  else if (const size_t keys = access->good_keys(); keys > 0)
    print(fmt::format("listening on {} (keys that are good now: {})\n", at, keys));
  else
    print(fmt::format(
        "listening on {} (no key is good now: `toll keys create --keys {}` makes one)\n", at,
        options.keys));
  if (folder.cards().get()->cards().empty())
    print(fmt::format("no card of `{}` is live yet: it goes live when its file is saved\n",
                      options.folder));
  if (const auto below = folders_below(options.folder); !below.empty())
    print(fmt::format("{}: {}\n",
                      access ? "served to keys of the tenants that they are named after"
                             : "not served, since each folder has names of its own",
                      fmt::join(below, ", ")));
  if (const auto links = runtime::links_to_nothing(options.folder); !links.empty())
    print(
        fmt::format("passed over, since they are links to nothing: {}\n", fmt::join(links, ", ")));
  std::fflush(stdout);
}

/// Waits for the signal to end, and rereads keys meanwhile. Then the service says that it is not
/// ready, and goes on for as long as those take who send it requests to see that.
void run_until_asked_to_end(const Signals& signals, server::Access* access,
                            server::Operations& operations, http::Server& server,
                            std::chrono::seconds drain_delay) {
  int number = signals.next();
  for (; number == SIGHUP; number = signals.next())
    if (access) access->reread();
  server::log_event(server::LogLevel::Info, "draining",
                    {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"},
                     {"connections", std::to_string(server.connections())}});
  operations.drain();
  server.drain();
  if (number == SIGTERM) signals.wait(drain_delay);
  server.stop(kGrace);
  server::log_event(server::LogLevel::Info, "stopped", {});
}

/// What a service needs before it listens, each of which may be missing but the cards.
struct Opened {
  std::unique_ptr<server::Access> access;
  std::unique_ptr<server::Tenants> tenants;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<server::DecisionLog> decisions;
};

/// False, and said why, where something cannot be opened.
template <typename Part>
bool keep(Result<Part> opened, Part& part, std::string_view help = {}) {
  if (opened)
    part = std::move(*opened);
  else
    complain(opened.error().message, help);
  return opened.has_value();
}

bool open_all(const ServeOptions& options, Opened& opened) {
  if (!options.keys.empty() &&
      !keep(server::Access::open(options.keys), opened.access,
            fmt::format("`toll keys create --keys {} --name NAME --scopes quotes:read` makes a "
                        "file with one key",
                        wire::shown(options.keys))))
    return false;
  // Before the cards, since those that are live are kept there.
  if (!options.data.empty())
    if (const auto own = check_no_backup(options.data); !own) {
      complain(own.error().message);
      return false;
    }
  return keep(server::Tenants::open(options.folder, options.data), opened.tenants) &&
         (options.data.empty() || keep(open_engine(options.data), opened.engine)) &&
         (options.decisions.empty() ||
          keep(server::DecisionLog::open(options.decisions), opened.decisions));
}

http::ServerOptions listening_at(const Address& address, const ServeOptions& options,
                                 const Opened& opened, server::Operations& operations) {
  return {.host = address.host,
          .port = address.port,
          .limits = {.connections_max = options.connections},
          .gate = opened.access ? opened.access->gate() : http::Gate{},
          .observe = operations.observer(),
          .log = [](std::string_view text) {
            server::log_event(server::LogLevel::Warning, "listener", {{"text", std::string(text)}});
          }};
}

/// REQUIRES: what is opened outlives the server.
void add_routes(http::Server& server, const ServeOptions& options, const Opened& opened,
                server::Operations& operations) {
  server::Access* const access = opened.access.get();
  server::QuoteService(*opened.tenants, {.charge =
                                             [access](std::string_view caller, uint64_t requests) {
                                               if (access) access->charge(caller, requests);
                                             },
                                         .decisions = opened.decisions.get()})
      .add_to(server);
  server::CardService(*opened.tenants).add_to(server);
  if (opened.engine)
    server::UsageService(
        *opened.tenants, *opened.engine,
        {.streams_max = std::min(kStreamsMost, (options.connections + 1) / 2),
         .is_let_in =
             [access](std::string_view caller) { return !access || access->lets_in(caller); }})
        .add_to(server);
  operations.add_to(server);
}

int serve_at(const Address& address, const ServeOptions& options) {
  const Signals signals;
  Opened opened;
  if (!open_all(options, opened)) return kFailed;
  server::CardFolder& folder = opened.tenants->main();
  server::Operations operations(folder, opened.access.get(), opened.decisions.get(),
                                opened.engine.get());
  http::Server server(listening_at(address, options, opened, operations));
  add_routes(server, options, opened, operations);
  const auto port = server.start();
  if (!port) return fail(port.error());
  say_what_is_served(url(address, *port), folder, opened.access.get(), options);
  run_until_asked_to_end(signals, opened.access.get(), operations, server,
                         std::chrono::seconds{options.drain_delay});
  return kOk;
}

}  // namespace

int serve(const ServeOptions& options) {
  const auto address = parse_address(options.listen);
  if (!address) {
    complain(fmt::format("--listen `{}` is no address", wire::shown(options.listen)),
             "write it like 127.0.0.1:8080");
    return kWrongCommand;
  }
  if (options.keys.empty() && !is_loopback(address->host)) {
    complain(fmt::format("without keys the service listens on loopback only, and `{}` is not that",
                         wire::shown(address->host)),
             "give it --keys FILE (`toll keys create` makes one), or use --listen 127.0.0.1:8080");
    return kWrongCommand;
  }
  if (options.connections < 1) {
    complain("--connections must be at least 1");
    return kWrongCommand;
  }
  if (options.connections > kConnectionsMost) {
    complain(fmt::format("--connections must be at most {}", kConnectionsMost),
             "each has a thread: let a proxy in front hold more");
    return kWrongCommand;
  }
  if (options.drain_delay > kDrainDelayMost) {
    complain(fmt::format("--drain-delay must be at most {} seconds", kDrainDelayMost));
    return kWrongCommand;
  }
  return serve_at(*address, options);
}

}  // namespace toll::cli
