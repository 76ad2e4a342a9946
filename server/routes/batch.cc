#include "server/routes/batch.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "server/batch/batch.h"
#include "server/batch/workers.h"
#include "server/routes/answers.h"

namespace toll::server {
namespace {

using http::Request;
using http::Response;

/// What all batches of a server share.
class Batches {
 public:
  using Charge = std::function<void(std::string_view caller, uint64_t requests)>;
  Batches(FolderOf folder, Charge charge, DecisionLog* decisions)
      : folder_(folder), charge_(std::move(charge)), decisions_(decisions) {}

  std::optional<Response> answer(const Request& request, http::Duplex& duplex) {
    if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
    const CardFolder* const folder = folder_(request);
    if (!folder) return no_folder();
    const Place place(open_);
    if (!place.is_free()) {
      Response full = http::problem(503, "as many batches as may be are answered now");
      full.headers.emplace_back("Retry-After", "1");
      return full;
    }
    bool begun = false;
    const auto begin = [&] {
      if (!std::exchange(begun, true)) duplex.begin({200, std::string(kLines), {}, {}});
    };
    Batch batch({folder->cards().get(), decisions_, std::string(request.caller),
                 std::string(named_tenant(request))},
                workers_, [&](std::string_view answers) {
                  begin();
                  return duplex.write(answers);
                });
    const bool whole = duplex.read([&](std::string_view piece) { return batch.take(piece); },
                                   [&] { return batch.idle(); });
    if (whole && batch.end()) begin();
    if (batch.failed()) throw std::bad_alloc();
    if (charge_ && batch.lines() > kLinesOfARequest)
      charge_(request.caller, (batch.lines() - 1) / kLinesOfARequest);
    return std::nullopt;
  }

 private:
  /// One of the batches that may be answered at once.
  class Place {
   public:
    explicit Place(std::atomic<int>& taken) : taken_(taken), free_(++taken <= kBatchesMax) {}
    Place(const Place&) = delete;
    ~Place() { --taken_; }
    bool is_free() const { return free_; }

   private:
    std::atomic<int>& taken_;
    const bool free_;
  };

  const FolderOf folder_;
  const Charge charge_;
  DecisionLog* const decisions_;
  std::atomic<int> open_ = 0;
  Workers workers_{std::max(1u, std::thread::hardware_concurrency())};
};

}  // namespace

void add_batch_route(http::Server& server, FolderOf folder,
                     std::function<void(std::string_view caller, uint64_t requests)> charge,
                     DecisionLog* decisions) {
  const auto batches = std::make_shared<Batches>(folder, std::move(charge), decisions);
  server.stream("POST", "/v1/quotes/batch",
                [batches](const Request& request, http::Duplex& duplex) {
                  return batches->answer(request, duplex);
                },
                {.body_bytes_max = kBatchBytesMax,
                 .content_types = {std::string(kLines)},
                 .scope = "quotes:read"});
}

}  // namespace toll::server
