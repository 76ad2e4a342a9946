// Events that are sent to an engine whose disk fails, what was said of them, and whether what is
// there afterwards agrees.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/store.h"

namespace toll::faults {

class Told {
 public:
  /// Hands in so many new events, and again some that are there or may be: whether it was
  /// acknowledged.
  bool send(engine::Engine& engine, int count);

  /// Every acknowledged event is there exactly once and as it was sent, none that nobody sent, and
  /// everything that is kept beside the events follows from them. Fails the test otherwise.
  void check(const engine::Store& store) const;
  void check(const engine::Engine& engine) const;

  /// Why the last send() was not acknowledged.
  const std::string& why() const { return why_; }

  size_t acknowledged() const { return acknowledged_.size(); }

 private:
  int sent_ = 0;
  std::vector<int> unknown_;  // sent, and nobody said what became of them
  std::set<int> acknowledged_;
  std::string why_;
};

/// What Told sends as event `id`.
std::string event_text(int id);

}  // namespace toll::faults
