// Which thread a connection gets, and what becomes of those that there is no place for.
#pragma once

#include <cstddef>
#include <functional>

#include "http/library/cpp_httplib.h"

namespace toll::http {

/// As many threads as connections may be open, and as many places to wait for one. Whoever is
/// beyond that is handed to two threads that only say so.
/// Thread rule: enqueue() and shutdown() from one thread.
class ConnectionQueue final : public httplib::TaskQueue {
 public:
  explicit ConnectionQueue(size_t connections);

  bool enqueue(std::function<void()> serve) override;
  void shutdown() override;

  /// True on a thread that is to tell its connection that there is no place for it.
  static bool refuses();

 private:
  httplib::ThreadPool pool_;
  httplib::ThreadPool refusing_;
};

}  // namespace toll::http
