#include "dsl/checker/invoices.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "dsl/checker/example_parts.h"
#include "dsl/checker/examples.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

const syntax::OfCustomer* customer_of(const syntax::Example& invoice) {
  return invoice.customer ? &*invoice.customer : nullptr;
}

std::string two_invoices(std::string_view end, std::string_view begin) {
  return fmt::format("write two invoices: one of the days `until {}`, and one `from {}`", end,
                     begin);
}

/// Why two cards cannot share a bill, as far as their headers say; empty where they can.
std::string difference(const RateCard& a, const RateCard& b) {
  if (a.currency != b.currency)
    return fmt::format("the two bill in {} and {}", a.currency.name(), b.currency.name());
  if (a.period != b.period)
    return fmt::format("the two bill per {} and per {}", to_string(a.period), to_string(b.period));
  if (a.time_zone != b.time_zone)
    return fmt::format("the two count days in {} and {}", a.time_zone, b.time_zone);
  return {};
}

}  // namespace

bool Invoices::is_for_known_card(const syntax::Word& name, Reader& read) {
  if (card_names_.contains(name.text)) return true;
  if (shared_.scope.is_unread(name.text)) {
    report_.hold_back();
    return false;
  }
  const std::vector<std::string> names(card_names_.begin(), card_names_.end());
  auto finding = report_.add("E325", fmt::format("there is no card {}", quoted(name.text)),
                             read.at(name.span));
  const std::string nearest = suggest(name.text, names);
  finding.help(nearest.empty() ? "name a card of these files"
                               : fmt::format("did you mean {}?", quoted(nearest)));
  return false;
}

/// The version in force when the days of an invoice begin, or else the first that begins in them.
VersionContext* Invoices::version_of(const syntax::Example& invoice, Reader& read) {
  const syntax::Word& name = *invoice.card;
  const auto* const found = versions_.of_card(name.text);
  if (!found) return nullptr;  // the card's header says what is wrong
  const std::vector<VersionContext*>& versions = *found;
  if (!begins_in_its_month(invoice, read, report_)) return nullptr;
  const auto days = days_asked(invoice);
  if (!days) {
    if (versions.size() == 1) return versions.front();
    report_
        .add("E324",
             fmt::format("the card {} has {}", quoted(name.text),
                         counted(versions.size(), "version")),
             read.at(name.span), "which of them?")
        .help("say of which month the invoice is: `in 2026-03`");
    return nullptr;
  }
  const auto in_force = versions_.in_period(name.text, customer_of(invoice), *days);
  if (!in_force.empty()) return in_force.front().version;
  report_outside(invoice, *days, read);
  return nullptr;
}

/// E324, with what ended before its days, or begins after them.
void Invoices::report_outside(const syntax::Example& invoice, const Period& days, Reader& read) {
  const std::vector<VersionContext*>& versions = *versions_.of_card(invoice.card->text);
  const RateCard* ended = nullptr;
  for (const VersionContext* version : versions) {
    const RateCard& card = version->first().card;
    if (card.until && *card.until <= days.from) ended = &card;
  }
  const RateCard& first = versions.front()->first().card;
  report_
      .add("E324", "the card is not in force then",
           read.at(invoice.month ? invoice.month->span : invoice.from->span))
      .see(ended ? ended->source.place : first.source.place,
           ended ? fmt::format("the version before ended on {}", to_string(*ended->until))
                 : fmt::format("its first version begins on {}", to_string(first.from)))
      .help("choose days that a version covers");
}

/// The versions that bill the days of an invoice, of which `found` bills the first that it names;
/// none, and reported, where they cannot share a bill.
std::vector<VersionDays> Invoices::versions_of(const syntax::Example& invoice,
                                               VersionContext& found, Reader& read) {
  const std::string& name = invoice.card->text;
  const auto asked = period_asked(invoice, found.first().card);
  std::vector<VersionDays> versions;
  if (asked) versions = versions_.in_period(name, customer_of(invoice), *asked);
  // Days that do not fit the billing period are reported with the lines.
  if (versions.empty()) return {{{found.first().card.from, Date::max()}, &found}};
  if (!shared_.budget.take_visits(versions.size() * versions_.of_card(name)->size())) {
    report_.add("E214", "the invoices that are checked together cover too many versions",
                read.at(invoice.span));
    return {};
  }
  if (!is_without_gaps(invoice, versions, read)) versions.clear();
  return versions;
}

/// E324: a bill goes on without a break.
bool Invoices::is_without_gaps(const syntax::Example& invoice,
                               std::span<const VersionDays> versions, Reader& read) {
  for (size_t i = 1; i < versions.size(); ++i) {
    const std::string end = to_string(versions[i - 1].days.until);
    const std::string begin = to_string(versions[i].days.from);
    if (end == begin) continue;
    report_
        .add("E324", fmt::format("no version is in force from {} until {}", end, begin),
             read.at(invoice.title.span))
        .see(versions[i].version->first().card.source.place, fmt::format("on {}", begin))
        .help(two_invoices(end, begin));
    return false;
  }
  return true;
}

/// E324: parts that count in other money or other days have no sum.
bool Invoices::is_one_bill(const syntax::Example& invoice, std::span<const ExamplePart> parts,
                           Reader& read) {
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string differs = difference(parts[i - 1].offer->card, parts[i].offer->card);
    if (differs.empty()) continue;
    const std::string begin = to_string(parts[i].from);
    report_
        .add("E324",
             fmt::format("what begins on {} cannot share a bill with what is before it: {}", begin,
                         differs),
             read.at(invoice.title.span))
        .see(parts[i].offer->card.source.place, fmt::format("on {}", begin))
        .help(two_invoices(begin, begin));
    return false;
  }
  return true;
}

/// Whether the line that could not be read may be the one that says the plan or the customer.
bool Invoices::may_lack_offer(const syntax::Example& invoice,
                              std::span<const VersionDays> versions) const {
  return invoice.damaged && (versions.size() > 1 || versions.front().version->offers().size() > 1 ||
                             versions_.has_deals(invoice.card->text));
}

/// Which lines there are is not known then: what is said is what no plan or deal would know.
void Invoices::check_lines_of_any_offer(const syntax::Example& invoice, VersionContext& version,
                                        Reader& read) {
  CardContext& offer = version.first();
  const bool was_incomplete = std::exchange(offer.incomplete, true);
  const ExamplePart part{.offer = &offer, .from = offer.card.from};
  check_example(invoice, read, {&part, 1}, std::nullopt);
  offer.incomplete = was_incomplete;
}

void Invoices::check_lines(const syntax::Example& invoice, std::span<const VersionDays> versions,
                           Reader& read) {
  if (may_lack_offer(invoice, versions))
    return check_lines_of_any_offer(invoice, *versions.front().version, read);
  const auto errors = report_.errors();
  const std::vector<ExamplePart> parts = parts_of(invoice, versions, read, report_);
  if (!parts.empty() && is_one_bill(invoice, parts, read))
    check_example(invoice, read, parts, versions.back().days.until);
  if (report_.errors() == errors) return;
  for (const VersionDays& one : versions) contradict(*one.version);
}

void Invoices::contradict(const VersionContext& version) {
  contradicted_.push_back({version.first().card.name, version.first().card.from});
}

void Invoices::check(const syntax::Example& invoice, uint32_t file) {
  Reader read(shared_.scope, report_, shared_.texts, file);
  if (!is_for_known_card(*invoice.card, read)) return;
  VersionContext* const found = version_of(invoice, read);
  if (!found) return;
  const std::vector<VersionDays> versions = versions_of(invoice, *found, read);
  const auto failed = [](const VersionDays& one) { return one.version->failed(); };
  if (versions.empty()) return contradict(*found);
  // What a version in error would say against an invoice of others, too, is not known.
  if (versions.size() > 1 && std::ranges::any_of(versions, failed)) return report_.hold_back();
  check_lines(invoice, versions, read);
}

}  // namespace toll::dsl::checker
