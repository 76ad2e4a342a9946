// The strict reader of bodies in `chunked` transfer coding (RFC 9112, section 7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "http/parse/refusal.h"
#include "http/server.h"

namespace toll::http {

/// Decodes one body that arrives piece by piece. Extensions and trailer fields are read over,
/// within the limits of a head.
class ChunkedDecoder {
 public:
  ChunkedDecoder(size_t body_bytes_max, const Limits& limits)
      : body_bytes_max_(body_bytes_max), limits_(limits) {}

  /// Appends what `input` holds of the body and gives back how much of `input` it has used; the
  /// rest belongs to the next request, or begins a line that has not arrived whole and wants to be
  /// there again with more behind it. `body` is empty at first and only this function's to change.
  /// REQUIRES: not done(), no refusal before.
  std::expected<size_t, Refusal> decode(std::string_view input, std::string& body);

  bool done() const { return state_ == State::Done; }

 private:
  enum class State { SizeLine, Data, DataEnd, Trailer, Done };

  std::expected<void, Refusal> read_size_line(std::string_view line, size_t body_bytes);
  std::expected<void, Refusal> read_line(std::string_view line, size_t body_bytes);
  size_t line_bytes_max() const;

  size_t body_bytes_max_;
  const Limits& limits_;
  State state_ = State::SizeLine;
  uint64_t chunk_left_ = 0;
  size_t extension_bytes_ = 0;
  size_t trailer_bytes_ = 0;
  size_t trailer_fields_ = 0;
};

}  // namespace toll::http
