#include "http/library/stream_answer.h"

#include <fmt/format.h>

#include <iterator>

namespace toll::http {

bool StreamAnswer::read(const std::function<bool(std::string_view)>& take,
                        const std::function<bool()>& idle) {
  touched_ = true;
  stream_.set_idle(&idle);
  size_t left = body_bytes_max_;
  ended_ = read_body_([&](const char* bytes, size_t size) {
    too_large_ = size > left;
    if (too_large_) return false;
    left -= size;
    return take({bytes, size});
  });
  stream_.set_idle(nullptr);
  return ended_;
}

void StreamAnswer::begin(const Response& head) {
  status_ = head.status;
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", head.status, reason_phrase(head.status));
  const auto field = [&](std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
  };
  field("Content-Type", head.content_type);
  field("Transfer-Encoding", "chunked");
  if (stream_.is_last()) field("Connection", "close");
  for (const auto& [name, value] : head.headers) field(name, value);
  for (const auto& [name, value] : headers_) field(name, value);
  text += "\r\n";
  gone_ = !stream_.write_behind(text);
}

bool StreamAnswer::write(std::string_view piece) {
  if (piece.empty() || gone_) return !gone_;
  chunk_.clear();
  fmt::format_to(std::back_inserter(chunk_), "{:x}\r\n", piece.size());
  chunk_ += piece;
  chunk_ += "\r\n";
  gone_ = !stream_.write_behind(chunk_);
  return !gone_;
}

bool StreamAnswer::flush() {
  if (!gone_) gone_ = !stream_.flush();
  return !gone_;
}

bool StreamAnswer::goes_on() const { return !gone_ && !server_ends_() && stream_.is_peer_alive(); }

bool StreamAnswer::finish(bool cut_off) {
  const bool whole = ended_ && !cut_off;
  if (whole && !gone_) gone_ = !stream_.write_behind("0\r\n\r\n");
  if (!gone_) gone_ = !stream_.flush();
  stream_.end_answer();
  return whole && !gone_;
}

}  // namespace toll::http
