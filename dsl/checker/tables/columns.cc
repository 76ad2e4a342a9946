#include "dsl/checker/tables/columns.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// Whether a cell is the word, or begins with it and has more behind it.
bool begins_with(std::string_view cell, std::string_view word) {
  return cell.starts_with(word) && (cell.size() == word.size() || cell[word.size()] == ' ');
}

class ColumnNames {
 public:
  ColumnNames(const CsvLine& line, uint32_t file, const TableReader& reader, Place named,
              Report& report)
      : line_(line), file_(file), reader_(reader), named_(named), report_(report) {
    for (const syntax::Word& dimension : reader.by) wanted_.push_back(dimension.text);
    keys_.resize(wanted_.size());
  }

  std::optional<Columns> read() {
    for (size_t i = 0; i < line_.cells.size(); ++i)
      if (!take(i)) return std::nullopt;
    for (size_t i = 0; i < keys_.size(); ++i)
      if (!keys_[i]) return missing(wanted_[i]);
    if (!at_) return missing("at");
    Columns columns{
        .keys = {}, .up_to = up_to_, .at = *at_, .was = was_, .count = line_.cells.size()};
    for (const auto& key : keys_) columns.keys.push_back(*key);
    return columns;
  }

 private:
  bool take(size_t index) {
    const CsvCell& cell = line_.cells[index];
    if (const size_t comment = cell.text.find('#'); comment != cell.text.npos) {
      const uint32_t at = cell.span.begin + static_cast<uint32_t>(comment);
      fault("a cell has no comment", {at, at + 1})
          .help("put the comment on a line of its own that begins with `#`");
      return false;
    }
    if (begins_with(cell.text, "at")) return take_once(at_, column(index, "at"), cell);
    if (begins_with(cell.text, "up to")) return take_once(up_to_, column(index, "up to"), cell);
    if (reader_.kind == TableReader::Kind::Change && begins_with(cell.text, "was"))
      return take_once(was_, column(index, "was"), cell);
    const auto key = std::ranges::find(wanted_, cell.text);
    if (key != wanted_.end()) {
      return take_once(keys_[static_cast<size_t>(key - wanted_.begin())], index, cell);
    }
    const bool other_commas =
        line_.cells.size() == 1 && cell.text.find_first_of(";\t|") != cell.text.npos;
    std::vector<std::string> known = wanted_;
    if (reader_.kind != TableReader::Kind::Cost) known.emplace_back("up to");
    known.emplace_back("at");
    if (reader_.kind == TableReader::Kind::Change) known.emplace_back("was");
    const std::string nearest = suggest(cell.text, known);
    auto finding =
        fault(fmt::format("{} is no column of this {}", quoted(cell.text), what()), cell.span);
    finding.help(other_commas      ? "separate the columns by commas"
                 : nearest.empty() ? fmt::format("its columns are {}", listed(quoted_all(known)))
                                   : fmt::format("did you mean {}?", quoted(nearest)));
    return false;
  }

  template <typename T>
  bool take_once(std::optional<T>& place, T value, const CsvCell& cell) {
    if (!place) {
      place = std::move(value);
      return true;
    }
    fault(fmt::format("the column {} is there twice", quoted(cell.text)), cell.span)
        .help("keep one of the two");
    return false;
  }

  Column column(size_t index, std::string_view word) const {
    CsvCell rest = line_.cells[index];
    const size_t begin = std::min(rest.text.find_first_not_of(' ', word.size()), rest.text.size());
    rest.text.remove_prefix(begin);
    rest.span.begin += static_cast<uint32_t>(begin);
    return {index, rest};
  }

  std::nullopt_t missing(std::string_view column) {
    fault(fmt::format("there is no column {}", quoted(column)), line_.span)
        .help(column == "at"
                  ? "add a column `at` with prices such as `0.0083 USD per segment`"
                  : fmt::format("add a column {}, or leave it out behind `by`", quoted(column)));
    return std::nullopt;
  }

  Finding fault(std::string message, Span span) {
    auto finding = report_.add("E242", std::move(message), {file_, span});
    finding.see(named_, wanted_.empty()
                            ? fmt::format("this {} has no `by`", what())
                            : fmt::format("this {} is by {}", what(), fmt::join(wanted_, ", ")));
    return finding;
  }

  std::string_view what() const {
    return reader_.kind == TableReader::Kind::Cost ? "cost table" : "charge";
  }

  static std::vector<std::string> quoted_all(const std::vector<std::string>& words) {
    std::vector<std::string> all;
    for (const std::string& word : words) all.push_back(quoted(word));
    return all;
  }

  const CsvLine& line_;
  const uint32_t file_;
  const TableReader& reader_;
  const Place named_;
  Report& report_;
  std::vector<std::string> wanted_;
  std::vector<std::optional<size_t>> keys_;  ///< beside wanted_
  std::optional<Column> up_to_, at_, was_;
};

}  // namespace

std::optional<Columns> columns_of(const CsvLine& header, uint32_t file, const TableReader& reader,
                                  Place named, Report& report) {
  return ColumnNames(header, file, reader, named, report).read();
}

}  // namespace toll::dsl::checker
