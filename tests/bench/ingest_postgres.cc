// The same events in PostgreSQL: one prepared statement a batch, which is a transaction. The server
// is the one that TOLL_BENCH_POSTGRES says (a connection string of libpq); without it there is no
// such row.
#include <libpq-fe.h>

#include <charconv>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tests/bench/counted_events.h"

namespace toll::bench {
namespace {

class Postgres {
 public:
  explicit Postgres(const char* where) : connection_(PQconnectdb(where)) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) give_up(PQerrorMessage(connection_.get()));
    run("set client_min_messages = warning");
    run("drop table if exists identities, sums");
    run("create table identities (identity text primary key)");
    run("create table sums (customer text primary key, quantity bigint)");
    expect(Answer(PQprepare(connection_.get(), "ingest", kIngest, 3, nullptr)), PGRES_COMMAND_OK);
  }

  size_t ingest(std::span<const CountedEvent> events) {
    std::string identities = "{", customers = "{", quantities = "{";
    for (const CountedEvent& event : events) {
      append(identities, event.identity);
      append(customers, event.customer);
      append(quantities, std::to_string(event.quantity));
    }
    identities += '}', customers += '}', quantities += '}';
    const char* const values[] = {identities.c_str(), customers.c_str(), quantities.c_str()};
    const Answer answer(
        PQexecPrepared(connection_.get(), "ingest", 3, values, nullptr, nullptr, 0));
    expect(answer, PGRES_TUPLES_OK);
    const std::string_view fresh = PQgetvalue(answer.get(), 0, 0);
    size_t count = 0;
    std::from_chars(fresh.data(), fresh.data() + fresh.size(), count);
    return count;
  }

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* answer) const { PQclear(answer); }
  };
  using Answer = std::unique_ptr<PGresult, Close>;

  static constexpr const char* kIngest =
      "with given as (select * from unnest($1::text[], $2::text[], $3::bigint[])"
      " as given (identity, customer, quantity)),"
      " fresh as (insert into identities select identity from given on conflict do nothing"
      " returning identity),"
      " added as (insert into sums select customer, sum(quantity) from given"
      " join fresh using (identity) group by customer"
      " on conflict (customer) do update set quantity = sums.quantity + excluded.quantity)"
      " select count(*) from fresh";

  void expect(const Answer& answer, ExecStatusType status) const {
    if (PQresultStatus(answer.get()) != status) give_up(PQerrorMessage(connection_.get()));
  }
  void run(const char* text) const {
    expect(Answer(PQexec(connection_.get(), text)), PGRES_COMMAND_OK);
  }
  /// Nothing in these texts needs an escape.
  static void append(std::string& array, std::string_view text) {
    if (array.size() > 1) array += ',';
    array += text;
  }

  std::unique_ptr<PGconn, Close> connection_;
};

const bool registered = [] {
  const char* const where = std::getenv("TOLL_BENCH_POSTGRES");
  if (where == nullptr) return false;
  benchmark::RegisterBenchmark("ingest/postgres",
                               [where](benchmark::State& state) {
                                 Postgres store(where);
                                 ingest_counted(state, store);
                               })
      ->MeasureProcessCPUTime()
      ->UseRealTime();
  return true;
}();

}  // namespace
}  // namespace toll::bench
