#include "tests/bench/ingest_by_hand.h"

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace toll::bench {
namespace {

void check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "ingest_bench: %s\n", status.ToString().c_str());
  std::exit(1);
}

}  // namespace

struct IngestByHand::Impl {
  std::unique_ptr<rocksdb::DB> db;
  std::unordered_map<std::string, uint64_t> counters;
};

IngestByHand::IngestByHand(const std::filesystem::path& folder) : impl_(std::make_unique<Impl>()) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::Options options;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  rocksdb::DB* db = nullptr;
  check(rocksdb::DB::Open(options, folder.string(), &db));
  impl_->db.reset(db);
}

IngestByHand::~IngestByHand() = default;

size_t IngestByHand::ingest(std::span<const CountedEvent> events) {
  std::vector<rocksdb::Slice> keys;
  for (const CountedEvent& event : events) keys.emplace_back(event.identity);
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> found(keys.size());
  impl_->db->MultiGet({}, impl_->db->DefaultColumnFamily(), keys.size(), keys.data(), values.data(),
                      found.data());
  rocksdb::WriteBatch batch;
  std::unordered_set<std::string_view> seen;
  std::unordered_set<std::string_view> customers;
  size_t fresh = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    if (!found[i].IsNotFound() || !seen.insert(events[i].identity).second) continue;
    ++fresh;
    batch.Put(keys[i], "");
    impl_->counters[events[i].customer] += events[i].quantity;
    customers.insert(events[i].customer);
  }
  for (const std::string_view customer : customers) {
    const uint64_t sum = impl_->counters[std::string(customer)];
    char bytes[sizeof sum];
    std::memcpy(bytes, &sum, sizeof sum);
    batch.Put("sum/" + std::string(customer), {bytes, sizeof bytes});
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  check(impl_->db->Write(options, &batch));
  return fresh;
}

}  // namespace toll::bench
