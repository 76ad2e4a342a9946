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

SourceLine Texts::source_line(Place place) const {
  std::string_view path = files_[place.file].path;
  std::string_view statement = text(place);
  const auto first = statement.find_first_not_of(" \t\r\n");
  const auto last = statement.find_last_not_of(" \t\r\n");
  if (first != statement.npos) statement = statement.substr(first, last - first + 1);
  return {.file = std::string(path.substr(path.find_last_of('/') + 1)),
          .line = line(place),
          .text = std::string(statement),
          .place = place};
}

std::string Texts::canonical(Place block) const {
  return canonical_tokens(files_[block.file].text, block.span);
}

}  // namespace toll::dsl::checker
