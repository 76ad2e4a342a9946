#include "server/routes/bills.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "engine/closing.h"
#include "server/routes/answers.h"

namespace toll::server {
namespace {

using http::Request;
using http::Response;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// A stream looks so often whether it is to end, and whether cards have changed.
constexpr milliseconds kLook{250};
/// So often it makes a bill though nothing came: levels grow with time, and periods end.
constexpr std::chrono::seconds kAnyway{5};
/// Bills are made no more often than that: a customer whose events never rest gets the latest.
constexpr milliseconds kPace{20};
/// A comment then tells proxies and the client that the stream is alive.
constexpr std::chrono::seconds kAlive{10};

constexpr std::string_view kEventStream = "text/event-stream";

std::expected<engine::BillRequest, Response> read_bill_request(std::string_view tenant,
                                                               const Request& request) {
  engine::BillRequest result{.tenant = std::string(tenant),
                             .customer = std::string(request.capture("customer")),
                             .subscription = request.parameter("subscription"),
                             .day = {},
                             .as_of = now()};
  if (const auto period = request.parameter("period")) {
    result.day = day_of_period(*period);
    if (!result.day) return std::unexpected(wrong_parameter("period", *period, kLikePeriod));
  }
  const auto as_of = moment_parameter(request, "as_of");
  if (!as_of) return std::unexpected(as_of.error());
  if (*as_of) result.as_of = **as_of;
  return result;
}

Response bill(const runtime::CardSet& cards, const engine::Engine& engine,
              const engine::BillRequest& asked, bool explained = false) {
  const auto bill = explained ? engine::explained_bill_of(cards, engine, asked)
                              : engine::bill_of(cards, engine, asked);
  return bill ? bill_answer(*bill) : refused(bill.error());
}

/// `event: bill`, or `event: refused` with a problem.
std::string event_of(const Response& bill) {
  return std::string(bill.status == 200 ? "event: bill" : "event: refused") +
         "\ndata: " + bill.body + "\n\n";
}

/// What all streams of a server share.
class Streams {
 public:
  Streams(FolderOf folder, const engine::Engine& engine, StreamOptions options)
      : folder_(folder), engine_(engine), options_(std::move(options)) {}

  std::optional<Response> answer(const Request& request, http::Duplex& duplex) {
    constexpr std::string_view kKnown[] = {"period", "subscription"};
    if (auto refusal = refuse_parameters(request, kKnown)) return refusal;
    if (auto refusal = refuse_customer(request.capture("customer"))) return refusal;
    const auto asked = read_bill_request(tenant_of(request), request);
    if (!asked) return asked.error();
    const CardFolder* const folder = folder_(request);
    if (!folder) return no_folder();
    const Place place(open_);
    if (place.number() > options_.streams_max) {
      Response full =
          http::problem(503, "as many streams as may be are open: ask for the bill itself");
      full.headers.emplace_back("Retry-After", "5");
      return full;
    }
    return run(*asked, std::string(request.caller), *folder, duplex);
  }

 private:
  /// One of the streams that may be open at once.
  class Place {
   public:
    explicit Place(std::atomic<int>& taken) : taken_(taken), number_(++taken) {}
    Place(const Place&) = delete;
    ~Place() { --taken_; }
    int number() const { return number_; }

   private:
    std::atomic<int>& taken_;
    const int number_;
  };

  std::optional<Response> run(engine::BillRequest asked, const std::string& caller,
                              const CardFolder& folder, http::Duplex& duplex) const {
    const auto watch = engine_.watch(asked.tenant, asked.customer);  // before the first bill
    auto cards = folder.cards().get();
    Response last = bill(*cards, engine_, asked);
    if (last.status != 200) return last;
    duplex.read([](std::string_view) { return true; }, [] { return false; });
    // Proxies that gather answers would hold back what is meant to come at once.
    duplex.begin({200,
                  std::string(kEventStream),
                  {},
                  {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}});
    bool sent = send("retry: 1000\n" + event_of(last), duplex);
    auto made = Clock::now(), spoken = made;
    while (sent && duplex.goes_on() && is_let_in(caller)) {
      const bool changed = watch->wait(kLook);
      auto live = folder.cards().get();
      const bool other_cards = live != cards;
      if (changed || other_cards || Clock::now() - made >= kAnyway) {
        std::this_thread::sleep_until(made + kPace);
        cards = std::move(live);
        asked.as_of = now();
        made = Clock::now();
        Response next = bill(*cards, engine_, asked);
        if (next.body == last.body) continue;
        last = std::move(next);
        sent = send(event_of(last), duplex);
        spoken = made;
      } else if (Clock::now() - spoken >= kAlive) {
        sent = send(":\n\n", duplex);
        spoken = Clock::now();
      }
    }
    return std::nullopt;
  }

  static bool send(std::string_view text, http::Duplex& duplex) {
    return duplex.write(text) && duplex.flush();
  }

  bool is_let_in(std::string_view caller) const {
    return !options_.is_let_in || options_.is_let_in(caller);
  }

  const FolderOf folder_;
  const engine::Engine& engine_;
  const StreamOptions options_;
  std::atomic<int> open_ = 0;
};

}  // namespace

std::optional<Date> day_of_period(std::string_view text) {
  const auto month = parse_month(text);
  return month ? std::optional(month->from) : parse_date(text);
}

Response bill_answer(const engine::Bill& bill) {
  Response response = json_answer(bill.json());
  response.headers.emplace_back("Toll-Card-Version", bill.version);
  response.headers.emplace_back("Toll-Card-Hash", bill.hash);
  return response;
}

Response show_bill(const CardFolder& folder, const engine::Engine& engine, std::string_view tenant,
                   const Request& request) {
  constexpr std::string_view kKnown[] = {"period", "subscription", "as_of", "explain"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  if (auto refusal = refuse_customer(request.capture("customer"))) return *std::move(refusal);
  const auto asked = read_bill_request(tenant, request);
  if (!asked) return asked.error();
  const auto explain = flag_parameter(request, "explain");
  if (!explain) return explain.error();
  return bill(*folder.cards().get(), engine, *asked, explain->value_or(false));
}

void add_stream_route(http::Server& server, FolderOf folder, const engine::Engine& engine,
                      StreamOptions options) {
  const auto streams = std::make_shared<Streams>(folder, engine, std::move(options));
  server.stream("GET", "/v1/customers/{customer}/stream",
                [streams](const Request& request, http::Duplex& duplex) {
                  return streams->answer(request, duplex);
                },
                {.scope = "usage:read"});
}

}  // namespace toll::server
