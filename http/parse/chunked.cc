#include "http/parse/chunked.h"

#include <algorithm>
#include <charconv>

#include "http/parse/syntax.h"

namespace toll::http {
namespace {

/// Room for sixteen digits and an extension.
constexpr size_t kSizeLineBytesMax = 256;

/// Of one body. Without a bound, a client could send 250 bytes of extension for each byte of body.
constexpr size_t kExtensionBytesMax = 4 * 1024;

constexpr size_t kSizeDigitsMax = 16;

std::unexpected<Refusal> malformed(std::string detail) {
  return std::unexpected(Refusal{400, std::move(detail)});
}

}  // namespace

size_t ChunkedDecoder::line_bytes_max() const {
  switch (state_) {
    case State::SizeLine:
      return kSizeLineBytesMax;
    case State::Trailer:
      return std::min(limits_.field_bytes_max, limits_.head_bytes_max);
    default:
      return 0;  // the line end behind a chunk's data
  }
}

std::expected<void, Refusal> ChunkedDecoder::read_size_line(std::string_view line,
                                                            size_t body_bytes) {
  const std::string_view digits = line.substr(0, line.find_first_of(" \t;"));
  uint64_t size = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, fault] = std::from_chars(digits.data(), end, size, 16);
  if (digits.empty() || digits.size() > kSizeDigitsMax || stop != end || fault != std::errc{}) {
    return malformed("the size of a chunk is not a hexadecimal number");
  }
  const std::string_view extension = trim(line.substr(digits.size()));
  if (!extension.empty() && (extension.front() != ';' || !is_field_value(extension))) {
    return malformed("there is something other than an extension behind the size of a chunk");
  }
  extension_bytes_ += line.size() - digits.size();
  if (extension_bytes_ > kExtensionBytesMax) {
    return malformed("the extensions of the chunks are too long");
  }
  if (size > body_bytes_max_ - body_bytes) {
    return std::unexpected(
        Refusal{413, "the body takes more than " + std::to_string(body_bytes_max_) + " bytes"});
  }
  chunk_left_ = size;
  state_ = size == 0 ? State::Trailer : State::Data;
  return {};
}

std::expected<void, Refusal> ChunkedDecoder::read_line(std::string_view line, size_t body_bytes) {
  if (state_ == State::SizeLine) return read_size_line(line, body_bytes);
  if (state_ == State::DataEnd) {
    if (!line.empty()) return malformed("the data of a chunk are longer than its size says");
    state_ = State::SizeLine;
    return {};
  }
  if (line.empty()) {
    state_ = State::Done;
    return {};
  }
  trailer_bytes_ += line.size();
  ++trailer_fields_;
  if (trailer_bytes_ > limits_.head_bytes_max || trailer_fields_ > limits_.fields_max) {
    return std::unexpected(Refusal{431, "the trailer behind the body is too large"});
  }
  if (!is_field_value(line)) return malformed("a trailer field holds control characters");
  return {};
}

std::expected<size_t, Refusal> ChunkedDecoder::decode(std::string_view input, std::string& body) {
  const size_t all = input.size();
  while (!done() && !input.empty()) {
    if (state_ == State::Data) {
      const size_t taken = static_cast<size_t>(std::min<uint64_t>(chunk_left_, input.size()));
      body.append(input.substr(0, taken));
      input.remove_prefix(taken);
      chunk_left_ -= taken;
      if (chunk_left_ == 0) state_ = State::DataEnd;
      continue;
    }
    const size_t feed = input.find('\n');
    const bool whole = feed != std::string_view::npos;
    if (whole && (feed == 0 || input[feed - 1] != '\r')) {
      return malformed("a line between the chunks does not end in CR LF");
    }
    const size_t length = whole ? feed - 1 : input.size() - (input.back() == '\r' ? 1 : 0);
    if (length > line_bytes_max()) {
      return malformed(
          "a line between the chunks is too long, or the data of a chunk are longer "
          "than its size says");
    }
    if (!whole) break;
    if (auto read = read_line(input.substr(0, length), body.size()); !read) {
      return std::unexpected(read.error());
    }
    input.remove_prefix(feed + 1);
  }
  return all - input.size();
}

}  // namespace toll::http
