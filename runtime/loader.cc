#include "runtime/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "compiler/sample_usage.h"
#include "compiler/usage_vector.h"
#include "runtime/loading/next_set.h"

namespace toll::runtime {
namespace {

/// Length of the period that native code is compared in. Each count of covered days comes up in
/// finished and in unfinished periods.
constexpr int kVerifyPeriodDays = 31;

/// How many offers the version has that stands first.
size_t offer_count(std::span<const CheckedCard> cards) {
  const auto next = std::ranges::find(
      cards.subspan(1), 0u, [](const CheckedCard& checked) { return checked.card.offer; });
  return static_cast<size_t>(next - cards.begin());
}

}  // namespace

Result<std::shared_ptr<const compiler::NativeFunction>> compile_verified(
    const compiler::NativeCompiler& compiler, const dsl::RateCard& card,
    const compiler::RatingProgram& program, compiler::Optimise optimise, int usages) {
  auto native = compiler.compile(program, optimise);
  if (!native) return std::unexpected(native.error());
  compiler::UsageSampler sampler(card, std::hash<std::string>{}(card.hash));
  compiler::UsageVector usage(card, program);
  std::vector<compiler::LineAmount> lines;
  for (int i = 0; i < usages; ++i) {
    usage.clear();
    for (const compiler::UsageSampler::Draw& draw : sampler.draw())
      usage.add(draw.meter, draw.values, draw.quantity);
    for (uint32_t pool = 0; pool < card.pools.size(); ++pool)
      usage.add_available(pool, sampler.draw_available(pool));
    for (size_t fee = 0; fee < usage.fees_due().size(); ++fee)
      usage.fees_due()[fee] = (static_cast<size_t>(i) + fee) % 3 != 0;
    compiler::RateInput* const input = usage.bind();
    if (!input) continue;
    input->period_days = kVerifyPeriodDays;
    input->covered_days = i % kVerifyPeriodDays + 1;
    input->final = i / kVerifyPeriodDays % 2;
    lines.resize(usage.lines().size());
    compiler::RateOutput reference{.lines = usage.lines().data()}, result{.lines = lines.data()};
    compiler::interpret(program, *input, reference);
    (*native)(*input, result);
    if (!compiler::same_result(program, *input, reference, result))
      return std::unexpected(Error{"native code and interpreter differ: please report this card"});
  }
  return std::make_shared<const compiler::NativeFunction>(std::move(*native));
}

Loaded load_files(std::vector<dsl::SourceFile> files, const FilesBefore& before,
                  const compiler::NativeCompiler& compiler, MakeNative make,
                  const CardSet& previous) {
  CheckedFolder checked = check_folder(files, previous);
  Loaded loaded;
  loaded.files = std::move(files);
  loaded.diagnostics = std::move(checked.diagnostics);
  NextSet next({compiler, make, previous, before}, loaded, std::move(checked.held_back),
               std::move(checked.contradicted));
  for (std::span<CheckedCard> rest(checked.cards); !rest.empty();) {
    const auto version = rest.first(offer_count(rest));
    next.add(version);
    rest = rest.subspan(version.size());
  }
  loaded.cards = std::move(next).take();
  return loaded;
}

Result<Loaded> load_folder(const std::filesystem::path& folder,
                           const compiler::NativeCompiler& compiler, MakeNative make,
                           const CardSet& previous, const FilesBefore& before) {
  auto read = read_settled(folder, before);
  if (!read) return std::unexpected(std::move(read.error()));
  Loaded loaded = load_files(std::move(read->files), before, compiler, make, previous);
  loaded.being_written = std::move(read->being_written);
  return loaded;
}

std::shared_ptr<const CardSet> with_native(const CardSet& cards, std::span<const MadeNative> made) {
  CardSet::Revisions revisions = cards.revisions();
  using Offer = std::tuple<std::string_view, std::string_view, uint32_t>;  // card, hash, offer
  const auto offer_of = [](const Revision& revision) {
    const dsl::RateCard& card = revision.card();
    return Offer(card.name, card.hash, card.offer);
  };
  std::map<Offer, const MadeNative*> by_hash;
  for (const MadeNative& one : made) by_hash.emplace(offer_of(*one.revision), &one);
  for (std::shared_ptr<const Revision>& revision : revisions) {
    const auto found = by_hash.find(offer_of(*revision));
    if (found != by_hash.end())
      revision = std::make_shared<const Revision>(revision->card(), revision->program(),
                                                  found->second->native);
  }
  return std::make_shared<const CardSet>(std::move(revisions), cards.held_back(), cards.earlier());
}

}  // namespace toll::runtime
