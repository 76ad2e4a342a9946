#include "runtime/csv.h"

#include <algorithm>

namespace toll::runtime {

std::expected<std::span<const std::string_view>, CsvFault> CsvRecord::split(std::string_view line) {
  fields_.clear();
  unquoted_.clear();
  for (size_t at = 0;;) {
    const auto fault = [&](const char* message) {
      return std::unexpected(CsvFault{fields_.size() + 1, message});
    };
    if (at == line.size() || line[at] != '"') {
      const size_t end = std::min(line.find(',', at), line.size());
      const std::string_view field = line.substr(at, end - at);
      if (field.contains('"')) return fault("has a quote inside, and none around it");
      fields_.push_back(field);
      at = end;
    } else {
      const size_t begin = at + 1;
      size_t end = line.find('"', begin);
      bool doubled = false;
      while (end != line.npos && end + 1 < line.size() && line[end + 1] == '"') {
        doubled = true;
        end = line.find('"', end + 2);
      }
      if (end == line.npos) return fault("opens quotes that are not closed on its line");
      at = end + 1;
      if (at != line.size() && line[at] != ',') return fault("goes on behind its quotes");
      std::string_view field = line.substr(begin, end - begin);
      if (doubled) {
        std::string& text = unquoted_.emplace_back();
        for (size_t i = 0; i < field.size(); ++i) {
          text += field[i];
          if (field[i] == '"') ++i;
        }
        field = text;
      }
      fields_.push_back(field);
    }
    if (at == line.size()) return std::span<const std::string_view>(fields_);
    ++at;
  }
}

void append_csv_field(std::string& text, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == field.npos) {
    text += field;
    return;
  }
  text += '"';
  for (const char c : field) {
    if (c == '"') text += '"';
    text += c;
  }
  text += '"';
}

}  // namespace toll::runtime
