#include "cli/cards/usage_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "runtime/quote.h"
#include "wire/text.h"
#include "wire/usage_json.h"

namespace toll::cli {
namespace {

std::string name_of(const std::string& path) { return path == "-" ? "standard input" : path; }

Result<std::string> read_all(std::FILE* file, const std::string& name) {
  std::string text;
  std::string block(size_t{1} << 16, '\0');
  while (const size_t bytes = std::fread(block.data(), 1, block.size(), file)) {
    text.append(block, 0, bytes);
    if (text.size() > kUsageBytesMax)
      return std::unexpected(
          Error{fmt::format("`{}` is larger than {} MiB", name, kUsageBytesMax >> 20)});
  }
  if (std::ferror(file))
    return std::unexpected(Error{fmt::format("cannot read `{}`: {}", name, std::strerror(errno))});
  return text;
}

/// An option that says something else than the document wins, and does not do so in silence.
void note_override(std::string_view option, std::string_view value, std::string_view replaced) {
  if (value != replaced)
    complain(fmt::format("{} {} holds, and not `{}` of the usage document", option,
                         wire::shown(value), wire::shown(replaced)));
}

/// The mistake in an option that stands for a field of the document.
std::string override_fields(const QuoteOptions& options, runtime::UsageDocument& document) {
  const auto id = [](std::string_view option, const std::string& value,
                     std::optional<std::string>& field) -> std::string {
    if (value.empty()) return {};
    if (const std::string why = wire::id_fault(value); !why.empty())
      return fmt::format("{} `{}` {}", option, wire::shown(value), why);
    if (field) note_override(option, value, *field);
    field = value;
    return {};
  };
  const auto date = [](std::string_view option, const std::string& value,
                       std::optional<Date>& field) -> std::string {
    if (value.empty()) return {};
    const auto day = parse_date(value);
    if (!day)
      return fmt::format("{} `{}` is not a date: write it like 2026-03-31", option,
                         wire::shown(value));
    if (field) note_override(option, to_string(*day), to_string(*field));
    field = day;
    return {};
  };
  if (std::string mistake = date("--on", options.on, document.on); !mistake.empty()) return mistake;
  if (std::string mistake = date("--customer-since", options.since, document.customer_since);
      !mistake.empty())
    return mistake;
  if (std::string mistake = id("--plan", options.plan, document.plan); !mistake.empty())
    return mistake;
  if (std::string mistake = id("--currency", options.currency, document.currency); !mistake.empty())
    return mistake;
  return id("--customer", options.customer, document.customer);
}

/// Whether one place lies in the other, or is it.
bool overlap(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.size() == b.size() || b[a.size()] == '/');
}

bool is_about_an_entry(const runtime::UsageFault& fault) {
  return fault.pointer.starts_with("/usage/");
}

/// Of a text that was cut off by a mistake, the day, the plan or a state may stand behind it. What
/// its entries name is known to be wrong only where nothing else is missing.
bool is_known(const runtime::UsageDocument& rest, const std::vector<runtime::UsageFault>& misfits) {
  return (rest.on || rest.period || rest.hash) && std::ranges::all_of(misfits, is_about_an_entry);
}

/// What does not fit the card in the rest of a document, but for what follows from its faults.
void complain_of_misfits(const QuoteOptions& options, const runtime::CardSet& cards,
                         wire::ReadRest rest, const std::vector<runtime::UsageFault>& faults) {
  if (!override_fields(options, rest.document).empty()) return;
  const auto answer = runtime::quote(cards, rest.document);
  if (answer) return;
  std::vector<runtime::UsageFault> misfits = answer.error().faults;
  if (rest.cut && !is_known(rest.document, misfits)) return;
  // Where the text is cut nothing was read that its own fault could be about.
  const std::span followed(faults.data(), faults.size() - (rest.cut ? 1 : 0));
  std::erase_if(misfits, [&](const runtime::UsageFault& misfit) {
    return std::ranges::any_of(followed, [&](const runtime::UsageFault& fault) {
      return overlap(fault.pointer, misfit.pointer);
    });
  });
  complain_of_faults(options.usage, misfits);
}

}  // namespace

Result<std::string> read_input(const std::string& path) {
  if (path == "-") return read_all(stdin, name_of(path));
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (!file)
    return std::unexpected(Error{fmt::format("cannot read `{}`: {}", path, std::strerror(errno))});
  return read_all(file.get(), path);
}

std::expected<runtime::UsageDocument, int> read_document(const QuoteOptions& options,
                                                         const runtime::CardSet& cards) {
  const auto text = read_input(options.usage);
  if (!text) {
    complain(text.error().message);
    return std::unexpected(kFailed);
  }
  std::optional<wire::ReadRest> rest;
  auto document = wire::read_usage(*text, options.card, rest);
  if (!document) {
    complain_of_faults(options.usage, document.error());
    if (rest) complain_of_misfits(options, cards, *std::move(rest), document.error());
    return std::unexpected(kUnfit);
  }
  if (const std::string mistake = override_fields(options, *document); !mistake.empty()) {
    complain(mistake);
    return std::unexpected(kWrongCommand);
  }
  return *std::move(document);
}

void complain_of_faults(const std::string& file, std::span<const runtime::UsageFault> faults) {
  for (const runtime::UsageFault& fault : faults)
    complain(fmt::format("{}: {}{}{}", name_of(file), fault.pointer,
                         fault.pointer.empty() ? "" : ": ", fault.message));
}

}  // namespace toll::cli
