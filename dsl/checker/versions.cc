#include "dsl/checker/versions.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/date.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

const syntax::From& from_line(const VersionContext& version) {
  for (const auto& header : version.syntax().headers) {
    if (const auto* from = std::get_if<syntax::From>(&header)) return *from;
  }
  std::unreachable();  // only asked of cards whose `from` is known
}

const RateCard& card_of(const VersionContext& version) { return version.first().card; }

Place from_place(const VersionContext& version) {
  return version.first().read.at(from_line(version).from.span);
}

void report_same_date(VersionContext& earlier, VersionContext& later) {
  const RateCard& card = card_of(later);
  later.first()
      .report
      .add("E505",
           fmt::format("two versions of {} begin on {}", quoted(card.name), to_string(card.from)),
           from_place(later))
      .see(from_place(earlier), "the other one")
      .help("give the newer one the date from which its prices hold");
  earlier.fail();
  later.fail();
}

bool switches_at_once(const VersionContext& version) {
  return std::ranges::any_of(version.syntax().headers, [](const syntax::Header& header) {
    const auto* line = std::get_if<syntax::Switch>(&header);
    return line && line->at_once;
  });
}

/// Inside a period two versions would share one bill, so a version begins with a period: its own
/// and that of the version before.
void check_boundary(const VersionContext& earlier, VersionContext& later) {
  // A deal cuts a period wherever it begins, and its text with a later version of its card begins
  // where that does, which is held to this rule by itself.
  if (switches_at_once(later) || !card_of(later).deal_on.empty()) return;
  const Date from = card_of(later).from;
  for (const VersionContext* version : {&earlier, static_cast<const VersionContext*>(&later)}) {
    if (!version->first().period_known) continue;
    const PeriodUnit unit = card_of(*version).period;
    const Period period = period_containing(unit, from);
    if (period.from == from) continue;
    later.first()
        .report
        .add("E506", fmt::format("a version begins on the first day of a {}", to_string(unit)),
             from_place(later))
        .see(from_place(earlier), "the version before")
        .help(fmt::format("write `from {}` or `from {}`", to_string(period.from),
                          to_string(period.until)))
        .help("to begin inside it, add `switch at once`: the period is then billed in two parts");
    return later.fail();
  }
}

/// The same holds for the day on which existing customers get a version.
void check_existing(VersionContext& version) {
  const CardContext& context = version.first();
  if (switches_at_once(version) || !context.period_known) return;
  for (const auto& header : version.syntax().headers) {
    const auto* line = std::get_if<syntax::AppliesTo>(&header);
    if (!line || !line->from) continue;
    const Period period = period_containing(context.card.period, line->from->value);
    if (period.from == line->from->value) continue;
    context.report
        .add("E506",
             fmt::format("customers change to a version on the first day of a {}",
                         to_string(context.card.period)),
             context.read.at(line->from->span))
        .help(fmt::format("write `from {}` or `from {}`", to_string(period.from),
                          to_string(period.until)))
        .help("to change inside it, add `switch at once`: the period is then billed in two parts");
    version.fail();
  }
}

void end_where_next_begins(VersionContext& earlier, VersionContext& later) {
  const Date next = card_of(later).from;
  const std::optional<Date> until = card_of(earlier).until;
  if (!until) {
    for (const auto& offer : earlier.offers()) offer->card.until = next;
    return;
  }
  if (*until <= next) return;
  const CardContext& context = earlier.first();
  context.report
      .add("E507",
           fmt::format("two versions of {} cover the same days", quoted(card_of(later).name)),
           context.read.at(from_line(earlier).until->span), "this version goes on")
      .see(from_place(later), "but the next one has begun")
      .help(fmt::format("write `until {}`, or leave `until` out", to_string(next)));
  earlier.fail();
  later.fail();
}

bool bills_in(const RateCard& card, const Currency& currency) {
  return std::ranges::find(card.currencies, currency) != card.currencies.end();
}

/// The first currencies of the versions of one card so far, with the first version of each.
using FirstCurrencies = std::vector<std::pair<Currency, const VersionContext*>>;

void note_first_currency(const VersionContext& version, FirstCurrencies& so_far) {
  const std::vector<Currency>& currencies = card_of(version).currencies;
  if (currencies.empty()) return;  // the header says what is wrong
  const Currency& first = currencies.front();
  if (std::ranges::find(so_far, first, &FirstCurrencies::value_type::first) == so_far.end())
    so_far.emplace_back(first, &version);
}

/// W516: who names no currency keeps the first of the version with which it began, while later ones
/// bill in it. This one does not any more.
void warn_about_lost_currency(const FirstCurrencies& so_far, const VersionContext& earlier,
                              VersionContext& later) {
  const RateCard& card = card_of(later);
  const bool for_new_only = !card.applies.everyone && !card.applies.existing_from;
  if (for_new_only || !card.deal_on.empty() || card.currencies.empty()) return;
  for (const auto& [currency, version] : so_far) {
    if (!bills_in(card_of(earlier), currency) || bills_in(card, currency)) continue;
    const CardContext& context = later.first();
    context.report
        .add(
            "W516",
            fmt::format("who names no currency is billed in {} from {} on, and was in {}",
                        card.currencies.front().name(),
                        to_string(card.applies.existing_from.value_or(card.from)), currency.name()),
            context.currency.place)
        .see(version->first().currency.place, "the first one here")
        .help(fmt::format("write {} behind the others while customers are billed in it, or "
                          "`applies to new customers`",
                          currency.name()));
    return;
  }
}

std::string file_name_of(const RateCard& card) {
  return fmt::format("{}@{}.toll", card.name, to_string(card.from));
}

/// `CARD@FROM.toll` says which version a file holds, to people and in `git log`. A file that is
/// called otherwise says nothing. One that holds several, as that of a deal which follows its card
/// does, is called like any of them.
void check_file_names(const std::vector<std::unique_ptr<VersionContext>>& versions) {
  std::set<std::string_view> settled;
  for (const auto& version : versions) {
    const RateCard& card = card_of(*version);
    if (card.source.file == file_name_of(card)) settled.insert(card.source.file);
  }
  for (const auto& version : versions) {
    const RateCard& card = card_of(*version);
    const std::string& file = card.source.file;
    if (!version->first().from_known || !file.contains('@') || !settled.insert(file).second)
      continue;
    version->first()
        .report
        .add("W508",
             fmt::format("this file is called {}, but holds {} from {}", quoted(file),
                         quoted(card.name), to_string(card.from)),
             from_place(*version))
        .help(fmt::format("rename it to {}, or correct the card's name or date",
                          quoted(file_name_of(card))));
  }
}

}  // namespace

void check_versions(std::vector<std::unique_ptr<VersionContext>>& versions) {
  std::ranges::sort(versions, {}, [](const auto& version) {
    const RateCard& card = card_of(*version);
    const Place place = card.source.place;
    return std::tuple(std::string_view(card.name), card.from, place.file, place.span.begin);
  });
  check_file_names(versions);
  VersionContext* earlier = nullptr;
  FirstCurrencies currencies;
  for (auto& version : versions) {
    if (!version->first().from_known) continue;
    VersionContext& later = *version;
    check_existing(later);
    if (earlier && card_of(*earlier).name == card_of(later).name) {
      if (card_of(*earlier).from == card_of(later).from) {
        report_same_date(*earlier, later);
        continue;
      }
      check_boundary(*earlier, later);
      end_where_next_begins(*earlier, later);
      warn_about_lost_currency(currencies, *earlier, later);
    } else {
      currencies.clear();
    }
    note_first_currency(later, currencies);
    earlier = &later;
  }
}

}  // namespace toll::dsl::checker
