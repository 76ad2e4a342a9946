#include "dsl/checker/extends/merge.h"

#include <algorithm>
#include <set>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "dsl/checker/extends/charge_change.h"
#include "dsl/checker/wording.h"
#include "dsl/parse.h"

namespace toll::dsl::checker {
namespace {

/// An item of the new card: taken over, changed or new.
struct Entry {
  CardText card;
  const syntax::Item* item = nullptr;
  std::optional<std::vector<LineOf>> lines{};  ///< of a changed charge
  std::vector<syntax::Word> features{};        ///< of a line that grants some: those that are left
  std::optional<std::string> made{};           ///< a line that is put together
  Place made_of{};                             ///< what the user wrote for it

  Entry(const CardText& from, const syntax::Item& one) : card(from), item(&one) {
    if (const auto* granted = std::get_if<syntax::Feature>(item)) features = granted->names;
  }

  /// Whether it is the fee, charge or limit of this name.
  bool is(std::string_view what, std::string_view name) const {
    if (const auto* fee = std::get_if<syntax::Fee>(item))
      return what == "fee" && fee->name.text == name;
    if (const auto* charge = std::get_if<syntax::Charge>(item))
      return what == "charge" && charge->name.text == name;
    const auto* limit = std::get_if<syntax::Limit>(item);
    return limit && what == "limit" && limit->subject.text == name;
  }
};

/// What is common to all plans, or a plan and what belongs to it.
struct Section {
  CardText card;  ///< whose plan line stands
  const syntax::Plan* plan = nullptr;
  std::vector<Entry> entries;
};

bool is_about_one_card(const syntax::Item& item) {
  return std::holds_alternative<syntax::Guarantee>(item) ||
         std::holds_alternative<syntax::Example>(item);
}

constexpr size_t kChangesMax = 1'000;  ///< of a card: `change` and `remove` lines

template <typename Lines>
void add_spans(const Lines& lines, std::vector<Span>& spans) {
  for (const auto& line : lines) spans.push_back(line.span);
}

/// The lines below an item. What is added to the language with lines of its own is added here.
std::vector<Span> body_of(const syntax::Item& item) {
  std::vector<Span> spans;
  if (const auto* charge = std::get_if<syntax::Charge>(&item)) {
    for (const auto& line : charge->lines)
      spans.push_back(std::visit([](const auto& each) { return each.span; }, line));
  }
  if (const auto* commit = std::get_if<syntax::Commit>(&item)) {
    add_spans(commit->counts, spans);
    add_spans(commit->true_ups, spans);
  }
  if (const auto* pool = std::get_if<syntax::Pool>(&item)) {
    add_spans(pool->grants, spans);
    add_spans(pool->sales, spans);
    add_spans(pool->orders, spans);
    add_spans(pool->rollovers, spans);
    add_spans(pool->beyonds, spans);
  }
  if (const auto* example = std::get_if<syntax::Example>(&item)) {
    if (example->plan) spans.push_back(example->plan->span);
    add_spans(example->plan_changes, spans);
    if (example->customer) spans.push_back(example->customer->span);
    add_spans(example->uses, spans);
    add_spans(example->used_to_date, spans);
    add_spans(example->billed_to_date, spans);
    add_spans(example->granted, spans);
    add_spans(example->expects, spans);
  }
  std::ranges::sort(spans, {}, &Span::begin);
  return spans;
}

Span span_of(const syntax::Item& item) {
  return std::visit([](const auto& each) { return each.span; }, item);
}

class Merge {
 public:
  Merge(const CardText& own, const CardText& base, const Texts& texts, Agreements& agreements,
        Report& report)
      : own_(own),
        base_(base),
        texts_(texts),
        agreements_(agreements),
        report_(report),
        result_(texts.original(place(own, own.tree->span))) {}

  Flattened run(Date from, std::optional<Date> until) {
    gather_base();
    work_in();
    result_.add("toll 1", result_.head());
    add_card_line();
    add_headers(from, until);
    for (const Section& section : sections_) add_section(section);
    for (const syntax::Item& item : own_.tree->items)
      if (is_about_one_card(item)) add_item({own_, item});
    return std::move(result_);
  }

 private:
  static Place place(const CardText& card, Span span) { return {card.file, span}; }
  std::string_view text(const CardText& card, Span span) const {
    return texts_.text(place(card, span));
  }

  void gather_base();
  void work_in();
  Section& section_of(const syntax::Plan& plan);
  void take(Section& section, const syntax::Item& item);
  void change_charge(Section& section, const syntax::Change& change);
  void change_fee(Section& section, const syntax::Change& change);
  void remove(Section& section, const syntax::Remove& remove);
  template <typename Item>
  Entry* find(Section& section, const std::string& name);
  template <typename Item>
  bool is_new(Section& section, const Item& item, std::string_view what);
  void report_missing(Section& section, const syntax::Word& what, const syntax::Word& name);

  void add_line(const CardText& card, Span span);
  void add_made(std::string_view line, Place made_of);
  void add_card_line();
  void add_headers(Date from, std::optional<Date> until);
  void add_section(const Section& section);
  void add_features(const Entry& entry, const syntax::Feature& feature);
  void add_item(const Entry& entry);

  const CardText own_, base_;
  const Texts& texts_;
  Agreements& agreements_;
  Report& report_;
  std::vector<Section> sections_;
  bool after_body_ = false;  ///< a blank line comes before the next item
  Flattened result_;
};

void Merge::gather_base() {
  sections_.emplace_back();
  for (const syntax::Item& item : base_.tree->items) {
    if (is_about_one_card(item)) continue;
    if (const auto* plan = std::get_if<syntax::Plan>(&item)) {
      sections_.push_back({.card = base_, .plan = plan, .entries = {}});
      continue;
    }
    sections_.back().entries.emplace_back(base_, item);
  }
}

Section& Merge::section_of(const syntax::Plan& plan) {
  auto found = std::ranges::find_if(sections_, [&](const Section& section) {
    return section.plan && section.plan->name.text == plan.name.text;
  });
  if (found == sections_.end()) {
    return sections_.emplace_back(Section{.card = own_, .plan = &plan, .entries = {}});
  }
  if (plan.label) {
    found->card = own_;
    found->plan = &plan;
  }
  return *found;
}

void Merge::work_in() {
  Section* section = &sections_.front();
  size_t changes = 0;
  for (const syntax::Item& item : own_.tree->items) {
    const bool changes_one = std::holds_alternative<syntax::Change>(item) ||
                             std::holds_alternative<syntax::Remove>(item);
    if (changes_one && ++changes > kChangesMax) {
      report_.add("E214", fmt::format("a card has at most {}", counted(kChangesMax, "change")),
                  place(own_, span_of(item)));
      return;
    }
    if (const auto* plan = std::get_if<syntax::Plan>(&item)) {
      section = &section_of(*plan);
    } else if (!is_about_one_card(item)) {
      take(*section, item);
    }
  }
}

template <typename Item>
Entry* Merge::find(Section& section, const std::string& name) {
  for (Entry& entry : section.entries) {
    const auto* item = std::get_if<Item>(entry.item);
    if (item && item->name.text == name) return &entry;
  }
  return nullptr;
}

void Merge::take(Section& section, const syntax::Item& item) {
  if (const auto* change = std::get_if<syntax::Change>(&item)) {
    return change->what.text == "fee" ? change_fee(section, *change)
                                      : change_charge(section, *change);
  }
  if (const auto* gone = std::get_if<syntax::Remove>(&item)) return remove(section, *gone);
  const auto* fee = std::get_if<syntax::Fee>(&item);
  const auto* charge = std::get_if<syntax::Charge>(&item);
  if (fee && !is_new(section, *fee, "fee")) return;
  if (charge && !is_new(section, *charge, "charge")) return;
  section.entries.emplace_back(own_, item);
}

/// E512: what is there already is changed, not written again.
template <typename Item>
bool Merge::is_new(Section& section, const Item& item, std::string_view what) {
  const Entry* known = find<Item>(section, item.name.text);
  if (!known) known = find<Item>(sections_.front(), item.name.text);
  if (!known) return true;
  report_
      .add("E512", fmt::format("the {} {} is there already", what, quoted(item.name.text)),
           place(own_, item.name.span))
      .see(place(known->card, std::get<Item>(*known->item).name.span), "here")
      .help(fmt::format("change it: `change {} {}`, or put `remove {} {}` above this line", what,
                        item.name.text, what, item.name.text));
  return false;
}

void Merge::report_missing(Section& section, const syntax::Word& what, const syntax::Word& name) {
  std::vector<std::string> names;
  for (const Entry& entry : section.entries) {
    if (const auto* fee = std::get_if<syntax::Fee>(entry.item); fee && what.text == "fee")
      names.push_back(fee->name.text);
    if (const auto* charge = std::get_if<syntax::Charge>(entry.item);
        charge && what.text == "charge")
      names.push_back(charge->name.text);
    if (const auto* limit = std::get_if<syntax::Limit>(entry.item); limit && what.text == "limit")
      names.push_back(limit->subject.text);
  }
  const std::string where = section.plan
                                ? fmt::format("the plan {}", quoted(section.plan->name.text))
                                : fmt::format("the card {}", quoted(base_.tree->name.text));
  const std::string nearest = suggest(name.text, names);
  auto finding =
      report_.add("E508", fmt::format("{} has no {} {}", where, what.text, quoted(name.text)),
                  place(own_, name.span), names.empty() ? std::string() : known(names));
  finding.see(place(base_, base_.tree->name.span), "this is extended");
  for (const Section& other : sections_) {
    if (&other == &section || std::ranges::none_of(other.entries, [&](const Entry& entry) {
          return entry.is(what.text, name.text);
        }))
      continue;
    finding.help(other.plan ? fmt::format("write this below `plan {}`", other.plan->name.text)
                            : std::string("all plans share it: write this above the first `plan`"));
    return;
  }
  finding.help(nearest.empty() ? "leave the line out, or write what is new as an item of its own"
                               : fmt::format("did you mean {}?", quoted(nearest)));
}

void Merge::change_charge(Section& section, const syntax::Change& change) {
  Entry* entry = find<syntax::Charge>(section, change.name.text);
  if (!entry) return report_missing(section, change.what, change.name);
  const auto& charge = std::get<syntax::Charge>(*entry->item);
  if (!entry->lines) {
    entry->lines.emplace();
    for (const auto& line : charge.lines) entry->lines->emplace_back(entry->card, line, texts_);
  }
  ChargeChange(own_, change, charge, *entry->lines, texts_, agreements_, report_).run();
}

void Merge::change_fee(Section& section, const syntax::Change& change) {
  Entry* entry = find<syntax::Fee>(section, change.name.text);
  if (!entry) return report_missing(section, change.what, change.name);
  const auto& fee = std::get<syntax::Fee>(*entry->item);
  const Span price{fee.price.span.begin, fee.per.span.end};
  if (!agreements_.holds(place(own_, change.was), place(entry->card, price))) return;
  if (entry->made) {  // changed twice in one card: there is no line left to compare with
    report_
        .add("E120", fmt::format("the fee {} is changed twice", quoted(change.name.text)),
             place(own_, change.name.span))
        .help("keep one of the two");
    return;
  }
  const std::string indent(texts_.indent(place(entry->card, fee.span)), ' ');
  entry->made = indent + std::string(text(entry->card, {fee.span.begin, price.begin})) +
                std::string(text(own_, change.price)) +
                std::string(text(entry->card, {price.end, fee.span.end}));
  entry->made_of = place(own_, change.span);
}

void Merge::remove(Section& section, const syntax::Remove& gone) {
  bool found = std::erase_if(section.entries, [&](const Entry& entry) {
                 return entry.is(gone.what.text, gone.name.text);
               }) > 0;
  for (Entry& entry : section.entries) {
    const auto lost = std::erase_if(entry.features, [&](const syntax::Word& feature) {
      return gone.what.text == "feature" && feature.text == gone.name.text;
    });
    found = found || lost > 0;
  }
  if (!found) report_missing(section, gone.what, gone.name);
}

// ---- The new text

void Merge::add_line(const CardText& card, Span span) {
  const uint32_t begin = span.begin - texts_.indent(place(card, span));
  const Place whole{card.file, {begin, span.end}};
  if (const Flattened* made = texts_.made(card.file))
    result_.add_from(*made, whole.span);
  else
    result_.add(texts_.text(whole), whole);
}

/// What it was made of may stand in a text that was made itself: rows of a file worked in.
void Merge::add_made(std::string_view line, Place made_of) {
  result_.add_made(line, texts_.original(made_of));
}

void Merge::add_card_line() {
  const syntax::Card& own = *own_.tree;
  std::string line = "card " + own.name.text;
  const bool labelled = own.label.has_value();
  const auto& label = labelled ? own.label : base_.tree->label;
  if (label) line += " " + std::string(text(labelled ? own_ : base_, label->span));
  add_made(line, result_.head());
}

void Merge::add_headers(Date from, std::optional<Date> until) {
  const bool previous = own_.tree->extends->text == "previous";
  std::set<size_t> said;
  for (const syntax::Header& header : own_.tree->headers) said.insert(header.index());
  const auto is_kept = [&](const syntax::Header& header) {
    return !std::holds_alternative<syntax::From>(header) &&
           !std::holds_alternative<syntax::Switch>(header) &&
           !std::holds_alternative<syntax::AppliesTo>(header) &&
           (previous || !std::holds_alternative<syntax::ForCustomer>(header)) &&
           !said.contains(header.index());
  };
  const auto add_header = [&](const CardText& card, const syntax::Header& header) {
    const Span span = std::visit([](const auto& line) { return line.span; }, header);
    const auto* days = std::get_if<syntax::From>(&header);
    const bool as_written =
        !days || (days->from.value == from &&
                  (days->until ? std::optional(days->until->value) : std::nullopt) == until);
    if (as_written) return add_line(card, span);
    add_made(fmt::format("  from {}{}", to_string(from),
                         until ? " until " + to_string(*until) : std::string()),
             place(card, span));
  };
  for (const syntax::Header& header : own_.tree->headers) add_header(own_, header);
  for (const syntax::Header& header : base_.tree->headers)
    if (is_kept(header)) add_header(base_, header);
  after_body_ = true;
}

/// A line that grants features, without those that were removed.
void Merge::add_features(const Entry& entry, const syntax::Feature& feature) {
  if (entry.features.empty()) return;
  std::string line(texts_.indent(place(entry.card, feature.span)), ' ');
  for (const syntax::Word& name : entry.features)
    line += (&name == &entry.features.front() ? "feature " : ", ") + name.text;
  add_made(line, place(entry.card, feature.span));
}

void Merge::add_section(const Section& section) {
  if (section.plan) {
    add_made("", result_.head());
    add_line(section.card, section.plan->span);
    after_body_ = false;
  }
  for (const Entry& entry : section.entries) add_item(entry);
}

void Merge::add_item(const Entry& entry) {
  const std::vector<Span> body = body_of(*entry.item);
  if (!body.empty() || after_body_) add_made("", result_.head());
  after_body_ = !body.empty();
  if (entry.made) return add_made(*entry.made, entry.made_of);
  if (const auto* feature = std::get_if<syntax::Feature>(entry.item);
      feature && entry.features.size() < feature->names.size()) {
    return add_features(entry, *feature);
  }
  add_line(entry.card, span_of(*entry.item));
  if (entry.lines) {
    for (const LineOf& line : *entry.lines) add_line(line.card, line.span());
    return;
  }
  for (const Span span : body) add_line(entry.card, span);
}

}  // namespace

Flattened merge(const CardText& own, const CardText& base, Date from, std::optional<Date> until,
                const Texts& texts, Agreements& agreements, Report& report) {
  return Merge(own, base, texts, agreements, report).run(from, until);
}

}  // namespace toll::dsl::checker
