// `toll meter`: what the events of a file come to. The same counting as the live bill's.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "cli/cards/opened_folder.h"
#include "cli/cards/usage_input.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "metering/meter_usage.h"
#include "metering/period_usage.h"
#include "metering/read_events.h"
#include "metering/state_before.h"
#include "runtime/quote.h"
#include "runtime/usage_cuts.h"
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
    if (entry.from && *entry.from > document.period->from)
      path += " from " + to_string(*entry.from);
    if (entry.until && *entry.until < document.period->until)
      path += " until " + to_string(*entry.until);
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

/// What is asked of the events of all customers.
struct Asked {
  const runtime::CardSet& cards;
  const runtime::Revision& revision;  ///< that of the day which picks the period
  Date day;
  std::optional<std::string> plan;
  std::optional<Date> since;
  std::optional<Instant> as_of;
};

/// Counts the events of one customer as a quote wants them: where versions, plans or grants of
/// credits meet in the period, each part by itself and by its own meters.
class CustomerUsage {
 public:
  CustomerUsage(const Asked& asked, const std::string& customer, const CustomerEvents& events)
      : asked_(asked), events_(events) {
    document_.card = asked.revision.card().name;
    document_.plan = asked.plan;
    document_.customer = customer;
    document_.customer_since = asked.since;
    document_.period = period_containing(asked.revision.card().period, asked.day);
    const auto stretches = runtime::usage_stretches(asked.cards, document_);
    // Of a period that has no one bill those days that the version answers for.
    if (!stretches || stretches->empty())
      document_.period =
          runtime::billing_period(asked.cards, asked.revision, asked.day, asked.since);
    document_.final = !asked.as_of || *asked.as_of >= start_of(document_.period->until);
  }

  /// False where it cannot be counted, which is said.
  bool count(EventFile& file, Metered& tally) {
    add_state(tally);
    const metering::CountDays count_days = [this](const dsl::RateCard& card, const Period& days) {
      return counted(card, days);
    };
    if (const auto added = metering::add_usage(asked_.cards, count_days, document_); !added) {
      complain(fmt::format("{}: {}", wire::shown(*document_.customer),
                           added.error().faults.front().message));
      return false;
    }
    judge(file, tally);
    return true;
  }

  const runtime::UsageDocument& document() const { return document_; }

 private:
  Instant start_of(Date day) const { return toll::start_of(day, asked_.revision.card().time_zone); }

  void add_state(Metered& tally) {
    const auto added = metering::add_state_before(asked_.cards, events_.events, document_);
    if (added) return;
    complain(fmt::format("what came before for {} is not known: {}",
                         wire::shown(*document_.customer), added.error().faults.front().message),
             "add it to the usage document as `state`");
    ++tally.without_state;
  }

  std::expected<metering::MeteredUsage, std::string> counted(const dsl::RateCard& card,
                                                             const Period& days) const {
    const bool over = !asked_.as_of || *asked_.as_of >= start_of(days.until);
    auto usage = metering::meter_usage(card, events_.events, days,
                                       over ? std::optional<Instant>() : asked_.as_of);
    if (usage) return *std::move(usage);
    return std::unexpected(fmt::format("{}: {}", usage.error().meter, usage.error().reason));
  }

  /// Each event by the card of its moment; those before the period by the first one.
  void judge(EventFile& file, Metered& tally) const {
    const auto stretches = runtime::usage_stretches(asked_.cards, document_);
    for (size_t i = 0; i < events_.events.size(); ++i) {
      const UsageEvent& event = events_.events[i];
      tally.outside += event.time < start_of(document_.period->from) ||
                       event.time >= start_of(document_.period->until);
      const dsl::RateCard* card = &asked_.revision.card();
      for (size_t part = 0; stretches && part < stretches->size(); ++part)
        if (part == 0 || event.time >= start_of((*stretches)[part].days.from))
          card = &(*stretches)[part].offer->card();
      judge(*card, i, file, tally);
    }
  }

  void judge(const dsl::RateCard& card, size_t event, EventFile& file, Metered& tally) const {
    const auto read = metering::is_metered(card, events_.events[event]);
    if (!read) {
      file.refuse(events_.lines[event], metering::rejection_text(read.error(), card));
      return;
    }
    if (!*read) ++tally.unmetered;
    for (std::string& warning : metering::event_warnings(card, events_.events[event]))
      file.warn(events_.lines[event], std::move(warning));
  }

  const Asked& asked_;
  const CustomerEvents& events_;
  runtime::UsageDocument document_;
};

/// The documents of all customers; nothing when one of them cannot be counted.
std::optional<std::string> count(const Asked& asked,
                                 const std::map<std::string, CustomerEvents>& customers,
                                 bool as_json, EventFile& file, Metered& tally) {
  std::string text;
  for (const auto& [customer, events] : customers) {
    CustomerUsage usage(asked, customer, events);
    if (!usage.count(file, tally)) return std::nullopt;
    text += as_json ? wire::to_json(usage.document()) + "\n" : document_text(usage.document());
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
  const auto text = count({.cards = folder->cards,
                           .revision = **revision,
                           .day = *day,
                           .plan = asked.plan,
                           .since = since,
                           .as_of = as_of},
                          customers, options.json, file, tally);
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
