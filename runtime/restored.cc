#include "runtime/restored.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "compiler/lower.h"
#include "dsl/check.h"
#include "dsl/table_file.h"

namespace toll::runtime {
namespace {

/// Gathers files, of one card after the other.
class FilesOf {
 public:
  FilesOf(const CardSet& cards, std::span<const dsl::SourceFile> files)
      : cards_(cards), files_(files) {}

  void add(const Revision& revision) {
    const dsl::RateCard& version = revision.card();
    if (!seen_.emplace(version.name, version.from).second) return;
    for (const auto& offer : cards_.offers(revision)) {
      const dsl::RateCard& card = offer->card();
      add(card.source.place.file);
      for (const dsl::Reached& reached : card.reached) add(reached.block.file);
      for (const dsl::RateCard::Extended& below : card.stands_on) add(below.card, below.from);
      for (const dsl::Guarantee& guarantee : card.guarantees)
        if (guarantee.than_from) add(guarantee.than, *guarantee.than_from);
    }
  }

  std::vector<uint32_t> take() const { return {chosen_.begin(), chosen_.end()}; }

 private:
  void add(const std::string& card, Date from) {
    const CardSet::Versions* versions = cards_.versions(card);
    if (!versions) return;
    for (const auto& version : *versions)
      if (version->card().from == from) add(*version);
  }

  void add(uint32_t file) {
    if (file >= files_.size() || !chosen_.insert(file).second) return;
    if (dsl::is_table_file(files_[file].path)) return;
    for (const std::string& table : dsl::tables_named(files_[file].text))
      for (uint32_t i = 0; i < files_.size(); ++i)
        if (base_name(files_[i]) == table) chosen_.insert(i);
  }

  const CardSet& cards_;
  const std::span<const dsl::SourceFile> files_;
  std::set<VersionKey> seen_;
  std::set<uint32_t> chosen_;
};

bool is(const dsl::RateCard& card, const RevisionId& id) {
  return card.name == id.card && card.from == id.from && card.hash == id.hash;
}

}  // namespace

RevisionId id_of(const Revision& revision) {
  return {revision.card().name, revision.card().from, revision.card().hash};
}

std::vector<uint32_t> files_of(const CardSet& cards, const Revision& revision,
                               std::span<const dsl::SourceFile> files) {
  FilesOf chosen(cards, files);
  chosen.add(revision);
  return chosen.take();
}

bool gives(std::span<const dsl::SourceFile> files, const RevisionId& id) {
  const dsl::Checked checked = dsl::check(files);
  return std::ranges::any_of(checked.cards,
                             [&](const dsl::RateCard& card) { return is(card, id); });
}

Result<CardSet::Revisions> restore(const RevisionId& id, std::span<const dsl::SourceFile> files) {
  const auto fail = [&] {
    return std::unexpected(
        Error{fmt::format("the texts of revision `{}` of `{}` are not those "
                          "that it was made of",
                          id.hash, id.card)});
  };
  dsl::Checked checked = dsl::check(files);
  CardSet::Revisions offers;
  for (dsl::RateCard& card : checked.cards) {
    if (!is(card, id)) continue;
    auto program = compiler::lower(card);
    if (!program) return fail();
    offers.push_back(
        std::make_shared<const Revision>(std::move(card), std::move(*program), nullptr));
  }
  if (offers.empty()) return fail();
  return offers;
}

}  // namespace toll::runtime
