// The same events in SQLite: a log ahead of the tables that is synced at each commit, prepared
// statements, one transaction a batch.
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "tests/bench/counted_events.h"
#include "tests/support/scratch_folder.h"

namespace toll::bench {
namespace {

class Sqlite {
 public:
  explicit Sqlite(const std::filesystem::path& file) {
    check(sqlite3_open(file.c_str(), &database_));
    run("pragma journal_mode = wal");
    run("pragma synchronous = full");
    run("pragma cache_size = -65536");
    run("create table identities (identity text primary key) without rowid");
    run("create table sums (customer text primary key, quantity integer) without rowid");
    identity_ = prepare("insert into identities values (?) on conflict do nothing");
    sum_ = prepare(
        "insert into sums values (?, ?) on conflict (customer) do update set "
        "quantity = quantity + excluded.quantity");
  }
  Sqlite(const Sqlite&) = delete;
  ~Sqlite() {
    sqlite3_finalize(identity_);
    sqlite3_finalize(sum_);
    sqlite3_close(database_);
  }

  size_t ingest(std::span<const CountedEvent> events) {
    std::map<std::string_view, uint64_t> sums;
    size_t fresh = 0;
    run("begin immediate");
    for (const CountedEvent& event : events) {
      bind(identity_, event.identity);
      step(identity_);
      if (sqlite3_changes(database_) == 0) continue;
      ++fresh;
      sums[event.customer] += event.quantity;
    }
    for (const auto& [customer, quantity] : sums) {
      bind(sum_, customer);
      check(sqlite3_bind_int64(sum_, 2, static_cast<sqlite3_int64>(quantity)));
      step(sum_);
    }
    run("commit");
    return fresh;
  }

 private:
  void check(int code) const {
    if (code != SQLITE_OK) give_up(sqlite3_errmsg(database_));
  }
  void run(const char* text) const {
    check(sqlite3_exec(database_, text, nullptr, nullptr, nullptr));
  }
  sqlite3_stmt* prepare(const char* text) const {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(database_, text, -1, &statement, nullptr));
    return statement;
  }
  void bind(sqlite3_stmt* statement, std::string_view text) const {
    check(
        sqlite3_bind_text(statement, 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC));
  }
  void step(sqlite3_stmt* statement) const {
    if (sqlite3_step(statement) != SQLITE_DONE) give_up(sqlite3_errmsg(database_));
    check(sqlite3_reset(statement));
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt *identity_ = nullptr, *sum_ = nullptr;
};

void sqlite(benchmark::State& state) {
  const testing::ScratchFolder scratch;
  Sqlite store(scratch.path() / "events.sqlite");
  ingest_counted(state, store);
}

BENCHMARK(sqlite)->Name("ingest/sqlite")->MeasureProcessCPUTime()->UseRealTime();

}  // namespace
}  // namespace toll::bench
