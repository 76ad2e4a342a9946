#include "metering/event_texts.h"

#include <algorithm>

namespace toll::metering {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// Finds the commas and the end of an array. Brackets inside strings are text.
class ArrayScan {
 public:
  explicit ArrayScan(std::string_view text) : text_(text) {}

  std::expected<std::vector<EventText>, EventFault> run() {
    at_ = text_.find_first_not_of(kBlanks);
    if (at_ == text_.npos || text_[at_] != '[') return fault("is not a JSON array");
    ++at_;
    while (true) {
      const size_t begin = at_;
      if (!skip_element()) return fault("is a JSON array that does not end");
      const std::string_view element = trimmed(text_.substr(begin, at_ - begin));
      const bool last = text_[at_++] == ']';
      if (last && element.empty() && events_.empty()) break;  // []
      if (element.empty()) return fault("is a JSON array in which an element is missing");
      events_.push_back({events_.size(), element});
      if (last) break;
    }
    if (text_.find_first_not_of(kBlanks, at_) != text_.npos)
      return fault("has more text behind the array");
    return std::move(events_);
  }

 private:
  static std::unexpected<EventFault> fault(const char* message) {
    return std::unexpected(EventFault{"", message});
  }

  /// Moves to the comma or bracket that ends the element.
  bool skip_element() {
    for (size_t depth = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) return false;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (depth == 0 && (c == ',' || c == ']')) {
        return true;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return false;
        --depth;
      }
    }
    return false;
  }

  /// Moves to the quote that ends the string.
  bool skip_string() {
    while (true) {
      at_ = text_.find_first_of("\"\\", at_ + 1);
      if (at_ == text_.npos) return false;
      if (text_[at_] == '"') return true;
      ++at_;  // what a backslash stands before
    }
  }

  const std::string_view text_;
  size_t at_ = 0;
  std::vector<EventText> events_;
};

}  // namespace

std::vector<EventText> texts_of_lines(std::string_view text) {
  std::vector<EventText> lines;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") != line.npos) lines.push_back({number, line});
  }
  return lines;
}

std::expected<std::vector<EventText>, EventFault> texts_of_array(std::string_view text) {
  return ArrayScan(text).run();
}

}  // namespace toll::metering
