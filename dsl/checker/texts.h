// Texts: the source files of one check, by place.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/checker/extends/flattened.h"
#include "dsl/format/unit_forms.h"
#include "dsl/rate_card.h"
#include "dsl/source.h"

namespace toll::dsl::checker {

/// Behind the files stand the texts of cards that extend others, with those worked in. A place in
/// one of them has an original in the files. REQUIRES: the files outlive it.
class Texts {
 public:
  explicit Texts(std::span<const SourceFile> files);

  /// Adds a text and returns its place behind the files.
  uint32_t add(Flattened text);
  const SourceFile& file(uint32_t file) const;

  /// Where the user wrote it.
  Place original(Place place) const;
  /// How a text behind the files was made; null for a file.
  const Flattened* made(uint32_t file) const;
  /// The first line of the card whose text it is; null for a file.
  const Place* head(uint32_t file) const;

  /// The line of a card that names the table file whose row the place is in; null where it is in
  /// none.
  const Place* named_by(Place place) const;

  /// The table file of that name, among the files.
  std::optional<uint32_t> table(std::string_view name) const;

  std::string_view text(Place place) const;
  uint32_t line(Place place) const;
  /// How far its first byte stands from the beginning of its line.
  uint32_t indent(Place place) const;

  /// The place in a form that survives the files.
  SourceLine source_line(Place place) const;

  /// What a block says, in the words of the canonical form: equal for texts that formatting makes
  /// one, and for other comments. Of a table file its hash, since its bytes count.
  std::string canonical(Place block) const;

  /// The units that any of the files declares.
  const formatting::UnitForms& units() const { return units_; }

  uint32_t size(uint32_t file) const { return static_cast<uint32_t>(files_[file].text.size()); }

 private:
  std::span<const SourceFile> files_;
  formatting::UnitForms units_;   ///< that any of the files declares
  std::vector<LineIndex> lines_;  ///< one per file
  struct Behind {
    Flattened flattened;
    SourceFile file;
  };
  std::deque<Behind> behind_;
};

}  // namespace toll::dsl::checker
