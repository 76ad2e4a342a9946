// The decision log: which price was given for what, one line a quote.
//
//   {"at":"2026-03-01T12:00:00.25Z","key":"3f9a1c22","bytes":93,"request":{...},"answer":{...}}
//
// A quote for a tenant has "tenant":"..." behind its key. `bytes` is the length of the request as
// it stands there. With the cards of that time `toll replay` gives each answer again, to the byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"

namespace toll::server {

/// Views of whoever has the texts.
struct Decision {
  Instant at{};             ///< before the quote was made: where the request names no day, its day
  std::string_view caller;  ///< the id of a key; empty without keys
  std::string_view request;
  std::string_view answer;
  std::string_view tenant = {};  ///< empty: that of a service without tenants
};

/// With its line break; line breaks in the request become blanks. REQUIRES: request and answer are
/// JSON.
std::string to_line(const Decision& decision);

/// Views of the line; nothing for what is no such line.
std::optional<Decision> decision_of_line(std::string_view line);

/// How much is kept: the newest files of a folder.
struct DecisionBounds {
  uint64_t file_bytes = uint64_t{64} << 20;
  size_t files = 16;
  size_t waiting_bytes = size_t{8} << 20;  ///< in memory
};

/// Writes `decisions.ndjson` in a folder on a thread of its own. A file that is full is named after
/// the moment, and the oldest is removed. Quotes never wait for the disk: what it does not take in
/// time is counted and left out.
/// Thread rule: any thread. The destructor writes what waits.
class DecisionLog {
 public:
  /// Makes the folder where there is none. Goes on with the file that is there.
  static Result<std::unique_ptr<DecisionLog>> open(const std::filesystem::path& folder,
                                                   const DecisionBounds& bounds = {});
  DecisionLog(const DecisionLog&) = delete;
  ~DecisionLog();

  enum class Pace {
    Hasty,    ///< left out where too much waits for the disk
    Patient,  ///< waits for the disk: of batches, which nobody waits for at a checkout
  };
  void record(const Decision& decision, Pace pace);

  uint64_t recorded() const;
  uint64_t left_out() const;

 private:
  struct Impl;
  explicit DecisionLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::server
