#include "cli/cards/opened_folder.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "cli/cards/card_files.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "compiler/native.h"
#include "dsl/diagnostic.h"
#include "runtime/quote.h"
#include "server/keys.h"
#include "wire/text.h"

namespace toll::cli {

using runtime::CardSet;
using runtime::Revision;

Result<OpenedFolder> open_folder(const std::string& path) {
  auto files = runtime::read_folder(path, path);
  if (!files) return std::unexpected(std::move(files.error()));
  for (const std::string& link : runtime::links_to_nothing(path))
    complain(fmt::format("`{}/{}` is a link to nothing, and passed over", path, link));
  runtime::CheckedFolder checked = runtime::check_folder(*files);
  std::vector<std::shared_ptr<const Revision>> revisions;
  for (runtime::CheckedCard& card : checked.cards)
    revisions.push_back(
        std::make_shared<const Revision>(std::move(card.card), std::move(card.program), nullptr));
  return OpenedFolder{path, std::move(*files), std::move(checked.diagnostics),
                      CardSet(std::move(revisions), std::move(checked.held_back))};
}

Result<OpenedFolder> open_tenants_folder(const std::string& path, const std::string& tenant) {
  if (tenant.empty()) return open_folder(path);
  if (const std::string why = server::tenant_fault(tenant); !why.empty())
    return std::unexpected(Error{fmt::format("--tenant `{}` {}", wire::shown(tenant), why)});
  return open_folder((std::filesystem::path(path) / tenant).string());
}

int complain_of_missing_card(const OpenedFolder& folder, const std::string& card) {
  const bool in_error = dsl::has_errors(folder.diagnostics);
  for (const dsl::Diagnostic& diagnostic : folder.diagnostics)
    if (diagnostic.severity == dsl::Severity::Error) print_diagnostic(diagnostic, folder.files);
  std::vector<std::string> known;
  for (const auto& [name, versions] : folder.cards.cards()) known.push_back(name);
  const std::string meant = dsl::suggest(card, known);
  const std::vector<std::string> below = folders_below(folder.path);
  std::string help;
  if (!meant.empty())
    help = fmt::format("did you mean `{}`?", meant);
  else if (!known.empty())
    help = fmt::format("its cards are {}", fmt::join(known, ", "));
  else if (!below.empty())
    help = fmt::format("--cards reads one folder; there are cards in {}", fmt::join(below, ", "));
  else if (!in_error)
    help = "a card is a file CARD@FROM.toll in that folder";
  complain(
      fmt::format("there is no card `{}` without errors in `{}`", wire::shown(card), folder.path),
      help);
  return in_error ? kFailed : kUnfit;
}

Result<CardSet> with_native_code(const CardSet& cards, const runtime::UsageDocument& document) {
  const auto chosen = runtime::choose(cards, document);
  if (!chosen) return cards;
  auto compiler = compiler::NativeCompiler::create();
  if (!compiler) return std::unexpected(std::move(compiler.error()));
  auto native = runtime::compile_verified(*compiler, (*chosen)->card(), (*chosen)->program(),
                                          compiler::Optimise::Yes);
  if (!native) return std::unexpected(std::move(native.error()));
  CardSet::Revisions revisions = cards.revisions();
  for (std::shared_ptr<const Revision>& revision : revisions)
    if (revision == *chosen)
      revision = std::make_shared<const Revision>(revision->card(), revision->program(), *native);
  return CardSet(std::move(revisions), cards.held_back(), cards.earlier());
}

Result<void> add_native_code(CardSet& cards, const runtime::UsageDocument& document) {
  const auto revision = runtime::choose(cards, document);
  if (!revision || (*revision)->native()) return {};
  const dsl::RateCard& card = (*revision)->card();
  if (!cards.find_hash(card.name, card.hash)) return {};  // an earlier one
  auto with = with_native_code(cards, document);
  if (!with) return std::unexpected(std::move(with.error()));
  cards = *std::move(with);
  return {};
}

}  // namespace toll::cli
