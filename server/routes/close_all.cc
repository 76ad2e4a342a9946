// POST /v1/periods/close/all: a line for each subscription, as it is closed.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/money.h"
#include "engine/closing_all.h"
#include "server/routes/answers.h"
#include "server/routes/batch.h"
#include "server/routes/bills.h"
#include "server/routes/periods.h"
#include "wire/flat_json.h"
#include "wire/json_writer.h"

namespace toll::server {
namespace {

using http::Request;
using http::Response;
using runtime::UsageFault;

/// Of a body that names a period and nothing else.
constexpr size_t kBodyBytesMax = 4096;

/// Customers that are closed at once: most of a closing is waiting for the disk, which those that
/// wait together share.
size_t threads() { return std::max(16u, 2 * std::thread::hardware_concurrency()); }

/// What the last line says.
struct Counts {
  int64_t closed = 0, already_closed = 0, goes_on = 0, refused = 0;
};

void write_bill(const engine::Bill& bill, wire::JsonWriter& json) {
  const Currency currency = find_currency(bill.currency).value_or(Currency{});
  json.key("period").begin_object().text("from", to_string(bill.period.from));
  json.text("until", to_string(bill.period.until)).end_object();
  json.text("hash", bill.hash).text("currency", bill.currency);
  json.text("total", format_minor(bill.total, currency));
  json.text("to_pay", format_minor(bill.to_pay(), currency));
}

std::string line_of(const engine::Closing& closing, Counts& counts) {
  std::string line;
  wire::JsonWriter json(line);
  json.begin_object().text("customer", closing.customer);
  json.text("subscription", closing.subscription);
  if (closing.bill) {
    ++(closing.was_closed ? counts.already_closed : counts.closed);
    json.text("verdict", closing.was_closed ? "already_closed" : "closed");
    write_bill(*closing.bill, json);
  } else if (closing.bill.error().kind == engine::NoBill::Kind::GoesOn) {
    ++counts.goes_on;
    json.text("verdict", "goes_on").text("reason", closing.bill.error().message);
  } else {
    ++counts.refused;
    json.text("verdict", "refused").key("error").json(refused(closing.bill.error()).body);
  }
  json.end_object();
  return line + "\n";
}

std::string line_of(const Counts& counts) {
  std::string line;
  wire::JsonWriter(line)
      .begin_object()
      .number("closed", counts.closed)
      .number("already_closed", counts.already_closed)
      .number("goes_on", counts.goes_on)
      .number("refused", counts.refused)
      .end_object();
  return line + "\n";
}

std::expected<Date, Response> read_period(std::string_view body) {
  constexpr wire::TextField kFields[] = {{"period", true}};
  const auto fields = wire::read_text_fields(body, kFields);
  if (!fields)
    return std::unexpected(problem(400, "the body does not say which period", fields.error()));
  if (const auto day = day_of_period(fields->find("period")->second)) return *day;
  const UsageFault fault{"/period", std::string("is written like ").append(kLikePeriod)};
  return std::unexpected(problem(400, "the body does not say which period", {&fault, 1}));
}

/// What all requests of a server share.
class CloseAll {
 public:
  CloseAll(FolderOf folder, engine::Engine& engine) : folder_(folder), engine_(engine) {}

  std::optional<Response> answer(const Request& request, http::Duplex& duplex) {
    if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
    std::string body;
    const auto take = [&](std::string_view piece) {
      body += piece;
      return true;
    };
    if (!duplex.read(take, [] { return false; })) return std::nullopt;
    const auto day = read_period(body);
    if (!day) return day.error();
    const CardFolder* const folder = folder_(request);
    if (!folder) return no_folder();
    if (busy_.exchange(true)) {
      Response again = http::problem(503, "all customers are closed now: ask again later");
      again.headers.emplace_back("Retry-After", "10");
      return again;
    }
    const std::unique_ptr<std::atomic<bool>, void (*)(std::atomic<bool>*)> place(
        &busy_, [](std::atomic<bool>* busy) { *busy = false; });
    run({.tenant = std::string(tenant_of(request)),
         .day = *day,
         .as_of = now(),
         .threads = threads()},
        *folder->cards().get(), duplex);
    return std::nullopt;
  }

 private:
  void run(const engine::CloseAllRequest& asked, const runtime::CardSet& cards,
           http::Duplex& duplex) const {
    duplex.begin({200, std::string(kLines), {}, {}});
    Counts counts;
    bool whole = true;
    const auto done = engine::close_all(cards, engine_, asked, [&](const engine::Closing& closing) {
      // Written at once: whoever waits behind a proxy is not to be taken for gone.
      whole = duplex.write(line_of(closing, counts)) && duplex.flush() && duplex.goes_on();
      return whole;
    });
    // Without the last line the answer is not whole, and whoever asked asks again.
    if (!done)
      duplex.write("{\"error\":" + unanswered(done.error()).body + "}\n");
    else if (whole)
      duplex.write(line_of(counts));
  }

  const FolderOf folder_;
  engine::Engine& engine_;
  std::atomic<bool> busy_ = false;
};

}  // namespace

void add_close_all_route(http::Server& server, FolderOf folder, engine::Engine& engine) {
  const auto all = std::make_shared<CloseAll>(folder, engine);
  server.stream(
      "POST", "/v1/periods/close/all",
      [all](const Request& request, http::Duplex& duplex) { return all->answer(request, duplex); },
      {.body_bytes_max = kBodyBytesMax,
       .content_types = {std::string(kJson)},
       .scope = "billing:write"});
}

}  // namespace toll::server
