#include "http/route/decoded_path.h"

#include <algorithm>

#include "http/text/syntax.h"

namespace toll::http {
namespace {

std::string_view fault_of(std::string_view segment) {
  if (segment == "." || segment == "..") return "the path holds a segment of dots";
  const bool has_control = std::ranges::any_of(
      segment, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (has_control) return "the path holds an encoded control character";
  if (!is_utf8(segment)) return "the path holds encoded bytes that are not UTF-8";
  return {};
}

}  // namespace

std::string_view DecodedPath::assign(std::string_view path) {
  segments_.clear();
  decoded_.clear();
  decoded_.reserve(path.size());  // decoding only shrinks: the views into it stay
  for (std::string_view rest = path.substr(1);;) {
    const size_t slash = rest.find('/');
    std::string_view segment = rest.substr(0, slash);
    if (segment.contains('%')) {
      const size_t begin = decoded_.size();
      append_decoded(segment, Plus::Literal, decoded_);
      segment = std::string_view(decoded_).substr(begin);
    }
    if (const auto fault = fault_of(segment); !fault.empty()) return fault;
    segments_.push_back(segment);
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace toll::http
