#include "embed/toll.h"

#include <fmt/format.h>

#include <utility>

#include "base/int128.h"
#include "runtime/loader.h"
#include "runtime/quote.h"
#include "wire/answer_json.h"
#include "wire/usage_json.h"

namespace toll {
namespace {

using runtime::Refusal;
using runtime::UsageDocument;
using runtime::UsageFault;
using Problems = std::vector<Problem>;

Problems problems_of(const std::vector<UsageFault>& faults) {
  Problems problems;
  for (const UsageFault& fault : faults) problems.push_back({fault.pointer, fault.message});
  return problems;
}

/// The place leads the rendered text, and stands by itself here.
Problem problem_of(const dsl::Diagnostic& diagnostic, const std::vector<dsl::SourceFile>& files) {
  const dsl::SourceFile& file = files[diagnostic.primary.place.file];
  const dsl::LineColumn at = dsl::line_column(file, diagnostic.primary.place.span.begin);
  std::string where = fmt::format("{}:{}:{}", file.path, at.line, at.column);
  std::string message = dsl::render(diagnostic, files);
  if (message.starts_with(where + ": ")) message.erase(0, where.size() + 2);
  return {std::move(where), std::move(message)};
}

OrProblems<std::string> as_json(const std::expected<runtime::Answer, Refusal>& answer) {
  if (!answer) return std::unexpected(problems_of(answer.error().faults));
  std::string text;
  wire::write_answer(*answer, text);
  return text;
}

using Rate = std::expected<runtime::Answer, Refusal> (*)(const runtime::CardSet&,
                                                         const UsageDocument&);

OrProblems<std::string> rate(const runtime::CardSet& cards, std::string_view usage, Rate rate) {
  const auto document = wire::read_usage(usage);
  if (!document) return std::unexpected(problems_of(document.error()));
  return as_json(rate(cards, *document));
}

}  // namespace

struct RateCards::Loaded {
  std::shared_ptr<const runtime::CardSet> cards;
  Problems warnings;
};

OrProblems<RateCards> RateCards::load(const std::filesystem::path& folder) {
  const auto compiler = compiler::NativeCompiler::create();
  if (!compiler) return std::unexpected(Problems{{"", compiler.error().message}});
  const auto loaded =
      runtime::load_folder(folder, *compiler, {.optimise = compiler::Optimise::Yes}, {});
  if (!loaded) return std::unexpected(Problems{{"", loaded.error().message}});
  Problems errors, warnings;
  for (const dsl::Diagnostic& diagnostic : loaded->diagnostics)
    (diagnostic.severity == dsl::Severity::Error ? errors : warnings)
        .push_back(problem_of(diagnostic, loaded->files));
  for (const std::string& failure : loaded->failures) errors.push_back({"", failure});
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return RateCards(std::make_shared<const Loaded>(loaded->cards, std::move(warnings)));
}

const Problems& RateCards::warnings() const { return loaded_->warnings; }

OrProblems<std::string> RateCards::quote(std::string_view usage_json) const {
  return rate(*loaded_->cards, usage_json, runtime::quote);
}

OrProblems<std::string> RateCards::explain(std::string_view usage_json) const {
  return rate(*loaded_->cards, usage_json, runtime::explain);
}

struct Prepared::State {
  std::shared_ptr<const runtime::CardSet> cards;
  UsageDocument document;
};

OrProblems<Prepared> RateCards::prepare(std::string_view usage_json) const {
  auto document = wire::read_usage(usage_json);
  if (!document) return std::unexpected(problems_of(document.error()));
  Prepared prepared(std::make_unique<Prepared::State>(loaded_->cards, *std::move(document)));
  if (const auto total = prepared.total(); !total) return std::unexpected(total.error());
  return prepared;
}

Prepared::Prepared(std::unique_ptr<State> state) : state_(std::move(state)) {}
Prepared::Prepared(Prepared&&) noexcept = default;
Prepared& Prepared::operator=(Prepared&&) noexcept = default;
Prepared::~Prepared() = default;

OrProblems<void> Prepared::set(size_t entry, uint64_t units) {
  return set(entry, std::to_string(units));
}

OrProblems<void> Prepared::set(size_t entry, std::string_view quantity) {
  std::vector<runtime::UsageEntry>& usage = state_->document.usage;
  const std::string place = fmt::format("/usage/{}", entry);
  if (entry >= usage.size())
    return std::unexpected(
        Problems{{place, fmt::format("the document has {} entries", usage.size())}});
  if (usage[entry].given != runtime::UsageEntry::Given::Quantity)
    return std::unexpected(Problems{
        {place, "the entry gives its items or days one by one: prepare another document"}});
  const auto value = parse_decimal(quantity);
  if (!value)
    return std::unexpected(
        Problems{{place + "/quantity", "the quantity " + std::string(describe(value.error()))}});
  usage[entry].quantity = *value;
  return {};
}

OrProblems<int64_t> Prepared::total() const {
  const auto total = runtime::quote_total(*state_->cards, state_->document);
  if (!total) return std::unexpected(problems_of(total.error().faults));
  if (!fits_int64(*total))
    return std::unexpected(Problems{{"", "the total does not fit 64 bits of minor units"}});
  return static_cast<int64_t>(*total);
}

OrProblems<std::string> Prepared::quote() const {
  return as_json(runtime::quote(*state_->cards, state_->document));
}

}  // namespace toll
