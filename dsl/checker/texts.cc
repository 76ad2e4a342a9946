#include "dsl/checker/texts.h"

#include "base/sha256.h"
#include "dsl/format/layout.h"
#include "dsl/table_file.h"

namespace toll::dsl::checker {

Texts::Texts(std::span<const SourceFile> files) : files_(files) {
  lines_.reserve(files.size());
  for (const SourceFile& file : files) {
    lines_.emplace_back(file.text);
    if (!is_table_file(file.path)) units_.add_declared(file.text);
  }
}

uint32_t Texts::add(Flattened text) {
  SourceFile file{files_[text.head().file].path, text.text()};
  behind_.push_back({std::move(text), std::move(file)});
  return static_cast<uint32_t>(files_.size() + behind_.size() - 1);
}

const SourceFile& Texts::file(uint32_t file) const {
  return file < files_.size() ? files_[file] : behind_[file - files_.size()].file;
}

Place Texts::original(Place place) const {
  if (place.file < files_.size()) return place;
  return behind_[place.file - files_.size()].flattened.original(place.span);
}

const Flattened* Texts::made(uint32_t file) const {
  return file < files_.size() ? nullptr : &behind_[file - files_.size()].flattened;
}

const Place* Texts::head(uint32_t file) const {
  const Flattened* const flattened = made(file);
  return flattened ? &flattened->head() : nullptr;
}

const Place* Texts::named_by(Place place) const {
  if (place.file < files_.size()) return nullptr;
  return behind_[place.file - files_.size()].flattened.named_by(place.span);
}

std::optional<uint32_t> Texts::table(std::string_view name) const {
  for (uint32_t file = 0; file < files_.size(); ++file) {
    std::string_view path = files_[file].path;
    if (!path.ends_with(name)) continue;
    path.remove_suffix(name.size());
    if (path.empty() || path.back() == '/' || path.back() == ':') return file;
  }
  return std::nullopt;
}

uint32_t Texts::line(Place place) const {
  const Place written = original(place);
  return lines_[written.file].line(written.span.begin);
}

uint32_t Texts::indent(Place place) const {
  const std::string& text = file(place.file).text;
  return place.span.begin - static_cast<uint32_t>(text.rfind('\n', place.span.begin) + 1);
}

std::string_view Texts::text(Place place) const {
  return std::string_view(file(place.file).text)
      .substr(place.span.begin, place.span.end - place.span.begin);
}

namespace {

/// The statement without the blanks that align it with its neighbours. Text in quotes stays.
std::string in_one_line(std::string_view statement) {
  std::string line;
  bool in_quotes = false;
  for (const char c : statement) {
    const bool blank = !in_quotes && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
    if (c == '"') in_quotes = !in_quotes;
    if (!blank)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

SourceLine Texts::source_line(Place place) const {
  const Place written = original(place);
  std::string_view path = files_[written.file].path;
  return {.file = std::string(path.substr(path.find_last_of('/') + 1)),
          .line = line(place),
          .text = in_one_line(text(place)),
          .place = written};
}

std::string Texts::canonical(Place block) const {
  if (is_table_file(files_[block.file].path)) {
    return "rows sha256:" + sha256_hex(files_[block.file].text) + "\n";
  }
  const std::string_view text = files_[block.file].text;
  return formatting::said(text.substr(block.span.begin, block.span.end - block.span.begin), units_);
}

}  // namespace toll::dsl::checker
