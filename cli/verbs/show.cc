#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/cards/card_text.h"
#include "cli/cards/opened_folder.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "compiler/native.h"
#include "runtime/quote.h"
#include "wire/text.h"

namespace toll::cli {
namespace {

using runtime::Revision;

std::string currencies(const dsl::RateCard& card) {
  std::vector<std::string> names;
  for (const Currency& currency : card.currencies) names.emplace_back(currency.name());
  return fmt::format("{}", fmt::join(names, " or "));
}

std::string head(const dsl::RateCard& card, const std::string& version) {
  return fmt::format(
      "# card {}, version {}, in force from {} {}\n"
      "# {}, bills in {} by the {}, days of {}\n"
      "# {}\n",
      card.name, version, to_string(card.from),
      card.until ? "until " + to_string(*card.until) : std::string("on"), card.source.file,
      currencies(card), to_string(card.period), card.time_zone, card.hash);
}

std::string indented(std::string_view text, size_t columns) {
  std::string result;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    result += std::string(columns, ' ') + std::string(text.substr(begin, end - begin));
    begin = end;
  }
  return result;
}

/// The lines that declare what the card knows as `name`.
std::string declaration_text(const dsl::RateCard& card, dsl::Reached::Kind kind,
                             const std::string& name, std::span<const dsl::SourceFile> files) {
  const auto found = std::ranges::find_if(card.reached, [&](const dsl::Reached& reached) {
    return reached.kind == kind && reached.name == name;
  });
  return found == card.reached.end() ? std::string() : block_text(found->block, files);
}

/// A meter: its unit, the values of its dimensions, and how it reads events.
std::string meter_text(const dsl::RateCard& card, const dsl::Meter& meter,
                       std::span<const dsl::SourceFile> files) {
  std::string text = fmt::format("  {}, in {}\n", meter.name, meter.unit_plural);
  std::string derived;
  for (const uint32_t index : meter.dimensions) {
    const dsl::Dimension& dimension = card.dimensions[index];
    text += fmt::format("    by {}: {}\n", dimension.name, fmt::join(dimension.values, ", "));
    if (dimension.binding.kind != dsl::DimensionBinding::Kind::Named)
      derived += declaration_text(card, dsl::Reached::Kind::Dimension, dimension.name, files);
  }
  if (meter.binding.from.empty() && !meter.binding.outcome)
    text += "    takes no events: usage documents give its quantity\n";
  else
    text += indented(declaration_text(card, dsl::Reached::Kind::Meter, meter.name, files), 4);
  return text + indented(derived, 4);
}

template <typename Statement>
std::string statements(std::string_view title, const std::vector<Statement>& all) {
  if (all.empty()) return {};
  std::string text = fmt::format("\n{}\n", title);
  for (const Statement& statement : all) text += fmt::format("  {}\n", statement.source.text);
  return text;
}

/// What cost-plus prices come to.
std::string derived_prices(const dsl::RateCard& card) {
  std::string text;
  for (const dsl::Charge& charge : card.charges)
    for (const dsl::PriceTable& table : charge.tables)
      for (const dsl::Tier& tier : table.tiers)
        if (!tier.derived.empty())
          text += fmt::format("  {}/{} = {}\n", charge.name, tier.source.text, tier.derived);
  return text.empty() ? text : "\nprices from costs\n" + text;
}

/// What pools hold, and what comes and can be bought of it.
std::string pools_text(const dsl::RateCard& card) {
  if (card.pools.empty()) return {};
  std::string text = "\npools\n";
  for (const dsl::Pool& pool : card.pools) {
    text += fmt::format(
        "  {}, in {}\n", pool.name,
        pool.credit ? card.credits[*pool.credit].plural : std::string(card.currency.name()));
    std::vector<std::string> names;
    for (const uint32_t charge : pool.charges) names.push_back(card.charges[charge].name);
    if (!names.empty()) text += fmt::format("    pays for {}\n", fmt::join(names, ", "));
    for (const dsl::Pool::Grant& grant : pool.grants)
      text += fmt::format("    {}\n", grant.source.text);
    for (const dsl::Pool::Sale& sale : pool.sales)
      text += fmt::format("    {}\n", sale.source.text);
    if (pool.beyond != dsl::Pool::Beyond::Unsaid)
      text += fmt::format("    {}\n", pool.beyond_source.text);
  }
  return text;
}

std::string inputs_text(const dsl::RateCard& card, std::span<const dsl::SourceFile> files) {
  std::string text = "\nmeters\n";
  for (const dsl::Meter& meter : card.meters) text += meter_text(card, meter, files);
  return text + derived_prices(card) + pools_text(card) + statements("limits", card.limits) +
         statements("features", card.features) + statements("alerts", card.alerts) +
         statements("guarantees", card.guarantees);
}

std::expected<runtime::UsageDocument, int> document_of(const ShowOptions& options) {
  runtime::UsageDocument document;
  document.card = options.card;
  if (!options.plan.empty()) document.plan = options.plan;
  if (!options.currency.empty()) document.currency = options.currency;
  if (!options.customer.empty()) document.customer = options.customer;
  if (options.on.empty()) return document;
  document.on = parse_date(options.on);
  if (document.on) return document;
  complain(
      fmt::format("--on `{}` is not a date: write it like 2026-03-31", wire::shown(options.on)));
  return std::unexpected(kWrongCommand);
}

/// The offer that is asked for; any of its version where the options name none.
std::expected<std::shared_ptr<const Revision>, int> choose(const OpenedFolder& folder,
                                                           const ShowOptions& options) {
  if (!folder.cards.versions(options.card))
    return std::unexpected(complain_of_missing_card(folder, options.card));
  const auto document = document_of(options);
  if (!document) return std::unexpected(document.error());
  auto version = runtime::choose_version(folder.cards, *document);
  if (!version) {
    complain(version.error().faults.front().message, "name a day with --on");
    return std::unexpected(kUnfit);
  }
  if (!document->plan && !document->currency) return *std::move(version);
  auto offer = runtime::choose(folder.cards, *document);
  if (offer) return *std::move(offer);
  complain(offer.error().faults.front().message);
  return std::unexpected(kUnfit);
}

Result<std::string> body(const Revision& revision, const OpenedFolder& folder,
                         const ShowOptions& options) {
  std::string text;
  if (options.inputs) text += inputs_text(revision.card(), folder.files);
  if (options.ir) text += "\n" + compiler::to_text(revision.program(), revision.card());
  if (options.assembly) {
    const auto compiler = compiler::NativeCompiler::create();
    if (!compiler) return std::unexpected(compiler.error());
    auto assembly = compiler->assembly(revision.program(), compiler::Optimise::Yes);
    if (!assembly) return std::unexpected(assembly.error());
    text += "\n" + *assembly;
  }
  if (text.empty()) text = flattened(revision.card(), folder.files, options.plan);
  return text;
}

}  // namespace

int show(const ShowOptions& options) {
  const auto folder = open_folder(options.folder);
  if (!folder) {
    complain(folder.error().message);
    return kFailed;
  }
  const auto revision = choose(*folder, options);
  if (!revision) return revision.error();
  const auto text = body(**revision, *folder, options);
  if (!text) {
    complain(text.error().message);
    return kFailed;
  }
  print(head((*revision)->card(), (*revision)->version()) + *text);
  return kOk;
}

}  // namespace toll::cli
