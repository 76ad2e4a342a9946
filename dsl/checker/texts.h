// Texts: the source files of one check, by place.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/rate_card.h"
#include "dsl/source.h"

namespace toll::dsl::checker {

/// REQUIRES: the files outlive it. Immutable.
class Texts {
 public:
  explicit Texts(std::span<const SourceFile> files);

  std::string_view text(Place place) const;
  uint32_t line(Place place) const { return lines_[place.file].line(place.span.begin); }

  /// The place in a form that survives the files.
  SourceLine source_line(Place place) const;

  /// The canonical tokens of a block: equal for texts that differ in layout or comments only.
  std::string canonical(Place block) const;

  uint32_t size(uint32_t file) const { return static_cast<uint32_t>(files_[file].text.size()); }

 private:
  std::span<const SourceFile> files_;
  std::vector<LineIndex> lines_;  ///< one per file
};

}  // namespace toll::dsl::checker
