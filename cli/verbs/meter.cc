// `toll meter`: what the events of a file come to. The same counting as the live bill's.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "cli/cards/opened_folder.h"
#include "cli/cards/usage_input.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "metering/meter_usage.h"
#include "metering/read_events.h"
#include "metering/state_before.h"
#include "metering/usage_document.h"
#include "runtime/quote.h"
#include "wire/text.h"
#include "wire/usage_json.h"

namespace toll::cli {
namespace {

using metering::UsageEvent;

std::string file_name(const std::string& path) { return path == "-" ? "standard input" : path; }

/// The events of one customer, and their lines in the file.
struct CustomerEvents {
  std::vector<UsageEvent> events;
  std::vector<size_t> lines;
};

/// What was read, for the last line of the output.
struct Metered {
  size_t events = 0, duplicates = 0, refused = 0, unmetered = 0, outside = 0;
  size_t without_state = 0;  ///< customers whose earlier bills cannot be worked out
};

/// Sorts the events of a file by customer; says which lines are none, and which repeat an event.
class EventFile {
 public:
  EventFile(const MeterOptions& options, Metered& tally)
      : name_(file_name(options.events)), only_(options.customer), tally_(tally) {}

  std::map<std::string, CustomerEvents> read(std::string_view text) {
    metering::EventLines lines = metering::read_event_lines(text);
    tally_.events = lines.events.size() + lines.faults.size();
    for (const auto& [line, fault] : lines.faults)
      refuse(line,
             fmt::format("{}{}{}", fault.pointer, fault.pointer.empty() ? "" : " ", fault.message));
    std::map<std::string, CustomerEvents> customers;
    for (size_t i = 0; i < lines.events.size(); ++i) {
      UsageEvent& event = lines.events[i];
      const size_t line = lines.line_of_event[i];
      if (!is_new(event, line) || (!only_.empty() && event.subject != only_)) continue;
      CustomerEvents& customer = customers[event.subject];
      customer.lines.push_back(line);
      customer.events.push_back(std::move(event));
    }
    return customers;
  }

  void refuse(size_t line, std::string reason) {
    ++tally_.refused;
    refused_.emplace(line, std::move(reason));
  }

  /// Of an event that counts; the same is said once.
  void warn(size_t line, std::string warning) {
    const auto [first, fresh] = warned_.try_emplace(std::move(warning), line);
    if (!fresh) first->second = std::min(first->second, line);
  }

  /// In the order of the file.
  void complain_of_events() const {
    std::multimap<size_t, std::string> said = refused_;
    for (const auto& [warning, line] : warned_) said.emplace(line, "warning: " + warning);
    for (const auto& [line, text] : said) complain(fmt::format("{}:{}: {}", name_, line, text));
  }

 private:
  /// An event is known by source and id, whatever else it says.
  bool is_new(const UsageEvent& event, size_t line) {
    const auto [at, fresh] = seen_.try_emplace({event.source, event.id}, event, line);
    if (fresh) return true;
    if (at->second.first == event) {
      ++tally_.duplicates;
    } else {
      refuse(line, fmt::format("source and id are those of line {}, but the event is another",
                               at->second.second));
    }
    return false;
  }

  const std::string name_;
  const std::string only_;
  Metered& tally_;
  std::multimap<size_t, std::string> refused_;  // by line
  std::map<std::string, size_t> warned_;        // and the first line that has it
  std::map<std::pair<std::string, std::string>, std::pair<UsageEvent, size_t>> seen_;
};

/// The day that picks version and period.
std::optional<Date> day_of(const std::string& text) {
  if (const auto month = parse_month(text)) return month->from;
  return parse_date(text);
}

std::string document_text(const runtime::UsageDocument& document) {
  std::string text = fmt::format("{}\n", *document.customer);
  for (const runtime::UsageEntry& entry : document.usage) {
    std::string path = entry.meter;
    for (const auto& [dimension, value] : entry.at) path += "/" + value;
    text += fmt::format("  {} {}\n", pad_right(path, 40), pad_left(entry.quantity.to_string(), 24));
  }
  for (const auto& used : document.used_to_date)
    text += fmt::format("  {} {} used to date\n", pad_right(used.name, 40),
                        pad_left(used.value.to_string(), 24));
  for (const auto& billed : document.billed_to_date)
    text += fmt::format("  {} {} billed to date\n", pad_right(billed.name, 40),
                        pad_left(billed.value.to_string(), 24));
  for (const runtime::Grant& grant : document.grants)
    text += fmt::format("  {} {} left\n", pad_right(grant.pool, 40),
                        pad_left(grant.quantity.to_string(), 24));
  return text;
}

/// REQUIRES: what is rejected rises by event.
void warn_of(const dsl::RateCard& card, const CustomerEvents& events,
             std::span<const metering::Rejection> rejected, EventFile& file) {
  for (size_t i = 0; i < events.events.size(); ++i) {
    if (!rejected.empty() && rejected.front().event == i) {
      rejected = rejected.subspan(1);
      continue;
    }
    for (std::string& warning : metering::event_warnings(card, events.events[i]))
      file.warn(events.lines[i], std::move(warning));
  }
}

/// The documents of all customers; nothing when one of them cannot be counted.
std::optional<std::string> count(const runtime::CardSet& cards, const dsl::RateCard& card,
                                 const Period& period,
                                 const std::map<std::string, CustomerEvents>& customers,
                                 std::optional<Date> since, std::optional<Instant> as_of,
                                 bool as_json, EventFile& file, Metered& tally) {
  std::string text;
  const Instant from = start_of(period.from, card.time_zone);
  const Instant until = start_of(period.until, card.time_zone);
  for (const auto& [customer, events] : customers) {
    tally.outside +=
        static_cast<size_t>(std::ranges::count_if(events.events, [&](const UsageEvent& event) {
          return event.time < from || event.time >= until;
        }));
    const auto usage = metering::meter_usage(card, events.events, period, as_of);
    if (!usage) {
      complain(fmt::format("{} of {}: {}", usage.error().meter, wire::shown(customer),
                           usage.error().reason));
      return std::nullopt;
    }
    for (const metering::Rejection& rejection : usage->rejected)
      file.refuse(events.lines[rejection.event], metering::rejection_text(rejection, card));
    warn_of(card, events, usage->rejected, file);
    tally.unmetered += usage->unmetered.size();
    const bool over = !as_of || *as_of >= until;
    auto document = metering::to_document(card, *usage, customer, period, over);
    document.customer_since = since;
    if (const auto added = metering::add_state_before(cards, events.events, document); !added) {
      complain(fmt::format("what came before for {} is not known: {}", wire::shown(customer),
                           added.error().faults.front().message),
               "add it to the usage document as `state`");
      ++tally.without_state;
    }
    text += as_json ? wire::to_json(document) + "\n" : document_text(document);
  }
  return text;
}

int wrong_option(std::string_view option, const std::string& value, std::string_view help) {
  complain(fmt::format("{} `{}` is not understood", option, wire::shown(value)), help);
  return kWrongCommand;
}

}  // namespace

int meter(const MeterOptions& options) {
  const auto day = day_of(options.period);
  if (!day) return wrong_option("--period", options.period, "write 2026-03 or 2026-03-31");
  const auto as_of =
      options.as_of.empty() ? std::optional<Instant>() : parse_instant(options.as_of);
  if (!options.as_of.empty() && !as_of)
    return wrong_option("--as-of", options.as_of, "write it like 2026-03-31T12:00:00Z");
  const auto since = options.since.empty() ? std::optional<Date>() : parse_date(options.since);
  if (!options.since.empty() && !since)
    return wrong_option("--customer-since", options.since, "write it like 2026-03-31");
  const auto folder = open_folder(options.folder);
  if (!folder) {
    complain(folder.error().message);
    return kFailed;
  }
  if (!folder->cards.versions(options.card)) return complain_of_missing_card(*folder, options.card);
  runtime::UsageDocument asked;
  asked.card = options.card;
  asked.on = day;
  if (!options.plan.empty()) asked.plan = options.plan;
  asked.customer_since = since;
  const auto revision = runtime::choose(folder->cards, asked);
  if (!revision) {
    complain(revision.error().faults.front().message);
    return kUnfit;
  }
  const auto input = read_input(options.events);
  if (!input) {
    complain(input.error().message);
    return kFailed;
  }
  Metered tally;
  EventFile file(options, tally);
  const auto customers = file.read(*input);
  const dsl::RateCard& card = (*revision)->card();
  const auto text = count(folder->cards, card, period_containing(card.period, *day), customers,
                          since, as_of, options.json, file, tally);
  file.complain_of_events();
  if (!text) return kUnfit;
  print(*text);
  if (!options.json)
    print(fmt::format("{}: {} duplicate, {} refused, {} read by no meter, {} outside the period\n",
                      counted(tally.events, "event"), tally.duplicates, tally.refused,
                      tally.unmetered, tally.outside));
  if (tally.unmetered > 0 && options.plan.empty() && !card.plans.empty())
    complain(fmt::format("{} read by no meter of what all plans have in common",
                         counted(tally.unmetered, "event")),
             fmt::format("a plan may read them: choose one of `{}` with `--plan`",
                         fmt::join(card.plans, "`, `")));
  return tally.refused == 0 && tally.without_state == 0 ? kOk : kUnfit;
}

}  // namespace toll::cli
