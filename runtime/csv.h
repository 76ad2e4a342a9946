// Records of a CSV table (RFC 4180), each on a line of its own.
#pragma once

#include <cstddef>
#include <deque>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toll::runtime {

/// What is wrong with a record.
struct CsvFault {
  size_t column = 0;  ///< from 1
  std::string message;
};

/// Splits records. Keeps its buffers from one to the next; not safe for use by several threads.
class CsvRecord {
 public:
  /// The fields of a line without its line break. They point into the line or into this object, and
  /// are valid until the next call.
  std::expected<std::span<const std::string_view>, CsvFault> split(std::string_view line);

 private:
  std::vector<std::string_view> fields_;
  std::deque<std::string> unquoted_;  // fields whose quotes were doubled; a deque moves none
};

/// Appends a field, in quotes where it needs them.
void append_csv_field(std::string& text, std::string_view field);

}  // namespace toll::runtime
