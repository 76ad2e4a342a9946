#include "dsl/checker/texts.h"

#include "dsl/parse.h"

namespace toll::dsl::checker {

Texts::Texts(std::span<const SourceFile> files) : files_(files) {
  lines_.reserve(files.size());
  for (const SourceFile& file : files) lines_.emplace_back(file.text);
}

std::string_view Texts::text(Place place) const {
  return std::string_view(files_[place.file].text)
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
    if (!blank) line += c;
    else if (!line.empty() && line.back() != ' ') line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

SourceLine Texts::source_line(Place place) const {
  std::string_view path = files_[place.file].path;
  return {.file = std::string(path.substr(path.find_last_of('/') + 1)),
          .line = line(place),
          .text = in_one_line(text(place)),
          .place = place};
}

std::string Texts::canonical(Place block) const {
  return canonical_tokens(files_[block.file].text, block.span);
}

}  // namespace toll::dsl::checker
