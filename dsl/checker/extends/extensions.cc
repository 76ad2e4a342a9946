#include "dsl/checker/extends/extensions.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "dsl/checker/wording.h"
#include "dsl/parse.h"

namespace toll::dsl::checker {
namespace {

/// Of a text with the rows of table files; the budget allows less.
constexpr uint32_t kTextBytesMax = 1u << 30;
constexpr size_t kCardsBelowMax = 8;  ///< that a changed charge is looked for in
constexpr size_t kDepthMax = 256;     ///< of cards that extend cards that extend ...

template <typename Line>
const Line* header_of(const syntax::Card& card) {
  for (const auto& header : card.headers)
    if (const auto* line = std::get_if<Line>(&header)) return line;
  return nullptr;
}

AppliesTo applies_of(const syntax::Card& card) {
  AppliesTo applies;
  for (const auto& header : card.headers) {
    const auto* line = std::get_if<syntax::AppliesTo>(&header);
    if (!line || line->who == syntax::AppliesTo::Who::Everyone) continue;
    applies.everyone = false;
    if (line->from) applies.existing_from = line->from->value;
  }
  return applies;
}

/// The version of a card that a customer has on a day; null before the first and after the last.
CardSource* version_on(const std::vector<CardSource*>& versions, Date on, Date since) {
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    const CardSource& card = **version;
    if (*card.from > on) continue;
    const bool first = version + 1 == versions.rend();
    if (!first && !card.applies.to(*card.from, on, since)) continue;
    return card.until && on >= *card.until ? nullptr : *version;
  }
  return nullptr;
}

}  // namespace

Extensions::Extensions(std::span<const syntax::File> trees,
                       std::function<bool(const CardText&)> is_sound, Texts& texts, Report& report,
                       Budget& budget)
    : texts_(texts), report_(report), budget_(budget), agreements_(texts, report) {
  gather(trees, is_sound);
  put_in_order();
  for (auto& [name, cards] : by_name_) work_out(name);
  for (const Declared& card : declared_) {
    if (!card.days) hold(card);
    if (!card.days && card.own.tree->extends && !card.own.tree->damaged) {
      report_.add("E110", "card has no `from` line", at(card.own, card.own.tree->name.span))
          .help("say from which day it is in force: `from 2026-01-01`");
    }
    check_stands_alone(card);
  }
  check_deals();
  fail_as_a_whole();
  agreements_.explain();
}

/// A deal is a text for each version of its card. With one in error all are: else the customer
/// would pay the list price on the days of that one, and nothing would say so.
void Extensions::fail_as_a_whole() {
  for (CardSource& source : sources_) {
    if (failed_.contains(source.own.tree)) source.failed = true;
  }
}

void Extensions::gather(std::span<const syntax::File> trees,
                        const std::function<bool(const CardText&)>& is_sound) {
  for (uint32_t file = 0; file < trees.size(); ++file) {
    for (const auto& declaration : trees[file].declarations) {
      const auto* tree = std::get_if<syntax::Card>(&declaration);
      if (!tree) continue;
      Declared& card = declared_.emplace_back();
      card.own = {file, tree};
      card.days = header_of<syntax::From>(*tree);
      card.sound = is_sound(card.own);
      card.first = &card;
      if (card.days) by_name_[tree->name.text].push_back(&card);
    }
  }
  for (Declared& card : declared_) {
    const auto charges = [&](const std::string& name) { return charge_below(card, name, 0); };
    card.expanded = expand(card.own, charges, trees_, texts_, report_, budget_);
    if (card.expanded.failed) failed_.insert(card.own.tree);
  }
}

/// A charge of that name in a card that this one extends, or that such a card extends.
const syntax::Charge* Extensions::charge_below(const Declared& card, const std::string& name,
                                               size_t depth) const {
  const auto& extends = card.own.tree->extends;
  if (!extends || depth > kCardsBelowMax) return nullptr;
  const std::string& base = extends->text == "previous" ? card.own.tree->name.text : extends->text;
  const Declared* next = nullptr;
  for (const Declared& other : declared_) {
    if (&other == &card || other.own.tree->name.text != base) continue;
    for (const syntax::Item& item : other.own.tree->items) {
      const auto* charge = std::get_if<syntax::Charge>(&item);
      if (charge && charge->name.text == name) return charge;
    }
    const auto& further = other.own.tree->extends;
    if (further && further->text != "previous") next = &other;
  }
  return next ? charge_below(*next, name, depth + 1) : nullptr;
}

void Extensions::put_in_order() {
  for (auto& [name, cards] : by_name_) {
    std::ranges::stable_sort(cards, {},
                             [](const Declared* card) { return card->days->from.value; });
    Declared* before = nullptr;
    for (Declared* card : cards) {
      if (card->days->until) card->until = card->days->until->value;
      if (before && (!before->until || *before->until > card->days->from.value))
        before->until = card->days->from.value;
      card->previous = before;
      if (card->continues() && before) card->first = before->first;
      before = card;
    }
  }
}

CardSource& Extensions::source_of(const Declared& card) {
  CardSource& source = sources_.emplace_back();
  source.own = card.own;
  source.text = source.expanded = card.expanded.text;
  source.sound = card.sound;
  source.blocks = {at(card.own, card.own.tree->block)};
  for (const uint32_t file : card.expanded.files) source.blocks.push_back({file, {0, 0}});
  source.applies = applies_of(*card.own.tree);
  if (card.days) source.from = card.days->from.value;
  if (card.days && card.days->until) source.until = card.days->until->value;
  const auto* customer = header_of<syntax::ForCustomer>(*card.own.tree);
  if (!customer) customer = header_of<syntax::ForCustomer>(*card.first->own.tree);
  if (customer) source.customer = customer->name.text;
  if (const syntax::Word* base = card.deal_on()) source.deal_on = base->text;
  return source;
}

/// A card that stands in error; it still ends the version before it.
CardSource& Extensions::hold(const Declared& card) {
  CardSource& source = source_of(card);
  source.held = card.own.tree->extends.has_value();
  return source;
}

void Extensions::work_out(const std::string& name) {
  if (done_.contains(name)) return;
  if (std::ranges::find(open_, name) != open_.end()) {
    const Declared& card = *by_name_.at(name).front();
    report_
        .add("E513", "cards extend one another in a circle",
             at(card.own, card.first->own.tree->name.span),
             fmt::format("{} extends {}", fmt::join(open_, " extends "), name))
        .help("let one of them stand by itself");
    done_[name];
    return;
  }
  open_.push_back(name);
  Versions versions;
  for (const Declared* card : by_name_.at(name)) work_out(*card, versions);
  open_.pop_back();
  done_[name] = std::move(versions);
}

void Extensions::work_out(const Declared& card, Versions& versions) {
  const auto& extends = card.own.tree->extends;
  if (!extends) {
    versions.push_back(&source_of(card));
    return;
  }
  check_applies(card);
  if (card.deal_on()) return add_deal(card, versions);
  if (!card.previous) {
    report_
        .add("E509",
             fmt::format("there is no version of {} before this one",
                         quoted(card.own.tree->name.text)),
             at(card.own, extends->span))
        .help("name the card that this one extends, or write the whole card");
    versions.push_back(&hold(card));
    return;
  }
  if (versions.empty()) {
    versions.push_back(&hold(card));
    return;
  }
  agreements_.set_days(std::nullopt);
  versions.push_back(
      &flatten(card, *versions.back(), card.days->from.value,
               card.days->until ? std::optional(card.days->until->value) : std::nullopt));
}

void Extensions::add_deal(const Declared& card, Versions& versions) {
  const syntax::Word& name = *card.deal_on();
  if (!by_name_.contains(name.text)) {
    std::vector<std::string> names;
    for (const auto& [known, cards] : by_name_) names.push_back(known);
    const std::string nearest = suggest(name.text, names);
    report_
        .add("E509", fmt::format("there is no card {}", quoted(name.text)),
             at(card.first->own, name.span))
        .help(nearest.empty() ? "name a card of these files"
                              : fmt::format("did you mean {}?", quoted(nearest)));
    versions.push_back(&hold(card));
    return;
  }
  if (open_.size() < kDepthMax) work_out(name.text);
  const auto done = done_.find(name.text);
  const Versions base = done == done_.end() ? Versions() : done->second;
  if (done == done_.end() || !budget_.take_visits(base.size())) report_too_often(card);
  if (base.empty() || failed_.contains(card.own.tree)) {
    report_.hold_back();
    versions.push_back(&hold(card));
    return;
  }
  for (const Segment& segment : segments(card, base)) {
    if (!segment.base) {
      report_days(card, segment, base);
      continue;
    }
    agreements_.set_days(days_of(card, segment, base));
    versions.push_back(&flatten(card, *segment.base, segment.from, segment.until));
  }
  if (versions.empty()) versions.push_back(&hold(card));
}

/// The days of a deal, by what its customer has without it: one who was a customer on its first
/// day.
std::vector<Extensions::Segment> Extensions::segments(const Declared& card,
                                                      const Versions& base) const {
  const Date from = card.days->from.value;
  const Date since = card.first->days->from.value;
  std::set<Date> begins{from};
  const auto add = [&](const std::optional<Date>& day) {
    if (day && *day > from && (!card.until || *day < *card.until)) begins.insert(*day);
  };
  for (const CardSource* version : base) {
    add(version->from);
    add(version->until);
    add(version->applies.existing_from);
  }
  std::vector<Segment> segments;
  for (const Date begin : begins) {
    CardSource* const version = version_on(base, begin, since);
    if (!segments.empty() && segments.back().base == version) continue;
    if (!segments.empty()) segments.back().until = begin;
    segments.push_back({begin, card.until, version});
  }
  return segments;
}

DealDays Extensions::days_of(const Declared& card, const Segment& segment, const Versions& base) {
  DealDays days{.deal = card.own.tree->name.text,
                .card = card.deal_on()->text,
                .from = segment.from,
                .until = card.until,
                .version = card.days->from.value};
  const CardSource* const anew = version_on(base, segment.from, segment.from);
  if (anew && anew != segment.base) days.other = anew->from;
  return days;
}

CardSource& Extensions::flatten(const Declared& card, CardSource& base, Date from,
                                std::optional<Date> until) {
  CardSource* below = &base;
  if (card.deal_on() && card.continues()) {
    auto& known = flattened_[{card.previous, &base}];
    if (!known) {
      known = &flatten(*card.previous, base, card.previous->days->from.value, card.previous->until);
      parts_.push_back(*known);  // no version of its own
      sources_.pop_back();
      known = &parts_.back();
    }
    below = known;
  }
  const bool affordable = budget_.take_lines(1 + below->stands_on.size());
  CardSource& source = source_of(card);
  source.from = from;
  source.until = until;
  if (!affordable) {
    report_too_often(card);
    source.held = true;
    return source;
  }
  source.stands_on.push_back({below->own.tree->name.text, *below->from});
  source.stands_on.insert(source.stands_on.end(), below->stands_on.begin(), below->stands_on.end());
  source.blocks.insert(source.blocks.end(), below->blocks.begin(), below->blocks.end());
  if (!source.customer && card.continues()) source.customer = below->customer;
  // What could not be worked into the text below is missing there: a change of it would be advised
  // to go.
  source.held = below->held || !below->sound || !card.sound || failed_.contains(below->own.tree);
  if (source.held) {
    report_.hold_back();
    return source;
  }
  const auto errors = report_.errors();
  Flattened text =
      merge(card.expanded.text, below->text, from, until, texts_, agreements_, report_);
  if (report_.errors() != errors) failed_.insert(card.own.tree);
  if (!budget_.take_text(text.text().size())) {
    report_too_often(card);
    source.held = true;
    return source;
  }
  const uint32_t file = texts_.add(std::move(text));
  Parsed parsed = parse(texts_.file(file), file, {.bytes_max = kTextBytesMax});
  for (const Diagnostic& found : parsed.diagnostics) {  // a line that became too long
    report_.add(found.code, found.message, found.primary.place, found.primary.text);
    source.held = true;
  }
  if (source.held) return source;
  trees_.push_back(std::move(parsed.tree));
  source.text = {file, &std::get<syntax::Card>(trees_.back().declarations.front())};
  return source;
}

void Extensions::report_too_often(const Declared& card) {
  failed_.insert(card.own.tree);
  report_.add("E214", "the cards that are checked together extend one another too often",
              at(card.own, card.own.tree->extends->span));
}

/// E503: who keeps the price of before is never left to chance.
void Extensions::check_applies(const Declared& card) {
  if (!card.continues() || card.deal_on() || !card.previous || card.own.tree->damaged) return;
  const syntax::AppliesTo* everyone = nullptr;
  const syntax::AppliesTo* others = nullptr;
  for (const auto& header : card.own.tree->headers) {
    const auto* line = std::get_if<syntax::AppliesTo>(&header);
    if (line) (line->who == syntax::AppliesTo::Who::Everyone ? everyone : others) = line;
  }
  if (everyone && others) {
    report_.add("E120", "this applies to everyone already", at(card.own, others->span))
        .see(at(card.own, everyone->span), "said here")
        .help("keep one of the two");
  }
  if (everyone && others) failed_.insert(card.own.tree);
  if (everyone || others) return;
  failed_.insert(card.own.tree);
  const Span keyword{card.own.tree->span.begin, card.own.tree->span.begin + 4};
  report_.add("E503", "whom does this change apply to?", at(card.own, keyword))
      .see(at(card.previous->own, card.previous->days->from.span),
           "customers on this version keep it unless the new one says otherwise")
      .help(
          "say `applies to everyone`, `applies to new customers`, or `applies to existing "
          "customers from 2027-01-01`");
}

/// E515: only what extends something has something to change.
void Extensions::check_stands_alone(const Declared& card) {
  if (card.own.tree->extends) return;
  for (const syntax::Item& item : card.own.tree->items) {
    const auto* change = std::get_if<syntax::Change>(&item);
    const auto* gone = std::get_if<syntax::Remove>(&item);
    if (!change && !gone) continue;
    failed_.insert(card.own.tree);
    report_
        .add("E515", "this card extends nothing that could be changed",
             at(card.own, change ? change->span : gone->span))
        .see(at(card.own, card.own.tree->name.span))
        .help(fmt::format("write `card {} extends previous`, or name the card it extends",
                          card.own.tree->name.text));
    return;
  }
}

void Extensions::report_days(const Declared& card, const Segment& gap, const Versions& base) {
  failed_.insert(card.own.tree);
  const bool before = *base.front()->from > gap.from;
  const auto& days = *card.days;
  const CardSource& other = before ? *base.front() : *base.back();
  const syntax::From* theirs = header_of<syntax::From>(*other.own.tree);
  report_
      .add("E510",
           before ? fmt::format("{} begins later than this", quoted(other.own.tree->name.text))
                  : fmt::format("{} ends before this", quoted(other.own.tree->name.text)),
           at(card.own, before || !days.until ? days.from.span : days.until->span))
      .see(at(other.own, theirs->span), "its days")
      .help(fmt::format("write `{} {}`", before ? "from" : "until",
                        to_string(before ? *other.from : gap.from)));
}

/// E502: of two deals with one customer about one card, which one is it?
void Extensions::check_deals() {
  struct Deal {
    const Declared* card;
    Date from;
  };
  std::map<std::pair<std::string, std::string>, std::vector<Deal>> deals;
  for (const auto& [name, cards] : by_name_) {
    for (const Declared* card : cards) {
      const auto* customer = header_of<syntax::ForCustomer>(*card->own.tree);
      if (!customer) customer = header_of<syntax::ForCustomer>(*card->first->own.tree);
      if (customer && card->deal_on())
        deals[{customer->name.text, card->deal_on()->text}].push_back(
            {card, card->days->from.value});
    }
  }
  for (auto& [key, all] : deals) {
    std::ranges::stable_sort(all, {}, &Deal::from);
    const Declared* last = nullptr;  // the one that goes on longest
    for (const Deal& deal : all) {
      if (last && (!last->until || *last->until > deal.from) &&
          last->own.tree->name.text != deal.card->own.tree->name.text) {
        failed_.insert(last->own.tree);
        failed_.insert(deal.card->own.tree);
        const std::string end = !last->until ? std::string()
                                : deal.card->until && *deal.card->until < *last->until
                                    ? " to " + to_string(*deal.card->until)
                                    : " to " + to_string(*last->until);
        report_
            .add("E502",
                 fmt::format("two deals for {} overlap from {}{}", key.first, to_string(deal.from),
                             end),
                 at(deal.card->own, deal.card->days->span))
            .see(at(last->own, last->days->span), "the other one")
            .help(fmt::format("end the first one with `until {}`", to_string(deal.from)));
      }
      if (!last || (last->until && (!deal.card->until || *deal.card->until > *last->until)))
        last = deal.card;
    }
  }
}

}  // namespace toll::dsl::checker
