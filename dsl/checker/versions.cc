#include "dsl/checker/versions.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/date.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

const syntax::From& from_line(const CardContext& context) {
  for (const auto& header : context.syntax.headers) {
    if (const auto* from = std::get_if<syntax::From>(&header)) return *from;
  }
  std::unreachable();  // only asked of cards whose `from` is known
}

Place from_place(const CardContext& context) {
  return context.read.at(from_line(context).from.span);
}

void report_same_date(CardContext& earlier, CardContext& later) {
  later.report
      .add("E505",
           fmt::format("two versions of {} begin on {}", quoted(later.card.name),
                       to_string(later.card.from)),
           from_place(later))
      .see(from_place(earlier), "the other one")
      .help("give the newer one the date from which its prices hold");
  earlier.failed = later.failed = true;
}

/// Inside a period two versions would share one bill, so a version begins with a period: its own
/// and that of the version before.
void check_boundary(const CardContext& earlier, CardContext& later) {
  for (const CardContext* context : {&earlier, static_cast<const CardContext*>(&later)}) {
    if (!context->period_known) continue;
    const Period period = period_containing(context->card.period, later.card.from);
    if (period.from == later.card.from) continue;
    later.report
        .add("E506",
             fmt::format("a version begins on the first day of a {}",
                         to_string(context->card.period)),
             from_place(later))
        .see(from_place(earlier), "the version before")
        .help(fmt::format("write `from {}` or `from {}`", to_string(period.from),
                          to_string(period.until)));
    later.failed = true;
    return;
  }
}

void end_where_next_begins(CardContext& earlier, CardContext& later) {
  if (!earlier.card.until) {
    earlier.card.until = later.card.from;
    return;
  }
  if (*earlier.card.until <= later.card.from) return;
  earlier.report
      .add("E507", fmt::format("two versions of {} cover the same days", quoted(later.card.name)),
           earlier.read.at(from_line(earlier).until->span), "this version goes on")
      .see(from_place(later), "but the next one has begun")
      .help(fmt::format("write `until {}`, or leave `until` out", to_string(later.card.from)));
  earlier.failed = later.failed = true;
}

/// `CARD@FROM.toll` says which version a file holds, to people and in `git log`. A file that is
/// called otherwise says nothing.
void check_file_name(CardContext& context) {
  const RateCard& card = context.card;
  const std::string& file = card.source.file;
  const std::string name = fmt::format("{}@{}.toll", card.name, to_string(card.from));
  if (!file.contains('@') || file == name) return;
  context.report
      .add("W508",
           fmt::format("this file is called {}, but holds {} from {}", quoted(file),
                       quoted(card.name), to_string(card.from)),
           from_place(context))
      .help(fmt::format("rename it to {}, or correct the card's name or date", quoted(name)));
}

}  // namespace

void check_versions(std::vector<std::unique_ptr<CardContext>>& cards) {
  std::ranges::sort(cards, {}, [](const auto& context) {
    const Place place = context->card.source.place;
    return std::tuple(std::string_view(context->card.name), context->card.from, place.file,
                      place.span.begin);
  });
  CardContext* earlier = nullptr;
  for (auto& context : cards) {
    if (!context->from_known) continue;
    CardContext& later = *context;
    check_file_name(later);
    if (earlier && earlier->card.name == later.card.name) {
      if (earlier->card.from == later.card.from) {
        report_same_date(*earlier, later);
        continue;
      }
      check_boundary(*earlier, later);
      end_where_next_begins(*earlier, later);
    }
    earlier = &later;
  }
}

}  // namespace toll::dsl::checker
