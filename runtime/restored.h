// Revisions that are made again from the texts that they were made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/result.h"
#include "dsl/source.h"
#include "runtime/card_set.h"

namespace toll::runtime {

/// Which text of which version.
struct RevisionId {
  std::string card;
  Date from;
  std::string hash;
  friend auto operator<=>(const RevisionId&, const RevisionId&) = default;
};

RevisionId id_of(const Revision& revision);

/// The files that a revision was made of, as places in `files`, rising: its own, those of what it
/// extends and of the declarations that it reaches, and the table files that these name. Pure.
/// REQUIRES: `cards` were just made of `files`, and `revision` is one of them.
std::vector<uint32_t> files_of(const CardSet& cards, const Revision& revision,
                               std::span<const dsl::SourceFile> files);

/// All offers of the revision that these files give, without native code: the interpreter answers
/// the same. An Error where they do not give it. Pure.
Result<CardSet::Revisions> restore(const RevisionId& id, std::span<const dsl::SourceFile> files);

/// Whether they give it: the part of restore() that can fail.
bool gives(std::span<const dsl::SourceFile> files, const RevisionId& id);

}  // namespace toll::runtime
