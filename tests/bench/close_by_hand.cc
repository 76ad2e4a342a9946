#include "tests/bench/close_by_hand.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <cstdio>
#include <cstdlib>

namespace toll::bench {
namespace {

/// Cents for a thousand calls.
constexpr uint64_t kPrice = 40;

void check_done(const rocksdb::Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "close_bench: {}\n", status.ToString());
  std::exit(1);
}

}  // namespace

struct CloseByHand::Impl {
  std::unique_ptr<rocksdb::DB> db;
};

CloseByHand::CloseByHand(const std::filesystem::path& folder) : impl_(std::make_unique<Impl>()) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  check_done(rocksdb::DB::Open(options, folder.string(), &db));
  impl_->db.reset(db);
}

CloseByHand::~CloseByHand() = default;

uint64_t CloseByHand::close(int month, std::span<const CustomerOfMonth> customers,
                            size_t together) {
  rocksdb::WriteOptions options;
  options.sync = true;
  rocksdb::WriteBatch batch;
  uint64_t all = 0;
  for (size_t i = 0; i < customers.size(); ++i) {
    uint64_t calls = 0;
    for (const uint32_t quantity : customers[i].quantities) calls += quantity;
    const uint64_t cents = (calls * kPrice + 500) / 1000;
    all += cents;
    batch.Put(fmt::format("closed/{}/{:03}", customers[i].name, month),
              fmt::format(R"({{"calls":{},"total":"{}.{:02}"}})", calls, cents / 100, cents % 100));
    if ((i + 1) % together != 0 && i + 1 < customers.size()) continue;
    check_done(impl_->db->Write(options, &batch));
    batch.Clear();
  }
  return all;
}

}  // namespace toll::bench
