// A request's path, cut at its slashes and then decoded, in this order: an encoded slash is part of
// a segment and never cuts one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toll::http {

class DecodedPath {
 public:
  /// Gives back why a path is refused, or nothing. Refused are segments that would mean something
  /// else to whoever takes them for a file name or a text: "." and "..", control characters, what
  /// is not UTF-8. Empty segments are kept.
  /// Views of an earlier path end here. REQUIRES: `path` begins with '/' and is_percent_encoded.
  std::string_view assign(std::string_view path);

  /// "/v1/cards" has two; "/" has one, which is empty. Views into this object and into `path`.
  std::span<const std::string_view> segments() const { return segments_; }

 private:
  std::string decoded_;
  std::vector<std::string_view> segments_;
};

}  // namespace toll::http
