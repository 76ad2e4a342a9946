#include "http/library/connection_queue.h"

#include <utility>

namespace toll::http {
namespace {

constexpr size_t kRefusingThreads = 2;
constexpr size_t kRefusingMax = 256;  // waiting; beyond it a connection is closed without a word

thread_local bool is_refusing = false;

}  // namespace

// All threads at once: the library's pool, told to grow, leaves a connection that arrives just
// behind another one in the queue until somebody hangs up.
ConnectionQueue::ConnectionQueue(size_t connections)
    : pool_(connections, connections, /*mqr=*/connections),
      refusing_(kRefusingThreads, kRefusingThreads, kRefusingMax) {}

bool ConnectionQueue::enqueue(std::function<void()> serve) {
  if (pool_.enqueue(serve)) return true;
  return refusing_.enqueue([serve = std::move(serve)] {
    is_refusing = true;
    serve();
  });
}

void ConnectionQueue::shutdown() {
  pool_.shutdown();
  refusing_.shutdown();
}

bool ConnectionQueue::refuses() { return is_refusing; }

}  // namespace toll::http
