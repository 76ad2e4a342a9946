#include "wire/reading/usage_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/decimal.h"
#include "base/ratio_text.h"
#include "dsl/diagnostic.h"
#include "wire/quantity_fault.h"
#include "wire/reading/quick_reader.h"
#include "wire/text.h"
#include "wire/usage_json.h"

namespace toll::wire {
namespace {

/// Days of one entry: a period is a year at most.
constexpr size_t kDaysMax = 366;

/// Walks over the text and tells how far the parser has come.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  friend bool operator==(const Cursor& a, const Cursor& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// Whether the word is a number to JSON, though perhaps none to Toll.
bool is_json_number(std::string_view word) {
  const auto decimal = parse_decimal(word);
  return decimal || (decimal.error() != DecimalFault::NotANumber &&
                     decimal.error() != DecimalFault::LeadingZero);
}

}  // namespace

std::expected<runtime::UsageDocument, std::vector<runtime::UsageFault>> UsageReader::read() {
  if (is_text()) parse();
  if (faults_.empty()) check_card();
  if (!faults_.empty()) return std::unexpected(std::move(faults_));
  return std::move(document_);
}

std::optional<runtime::UsageDocument> UsageReader::read_if_faultless() {
  reached_ = text_.data();
  if (!is_text() || !read_quickly(text_, *this)) return std::nullopt;
  if (faults_.empty()) check_card();
  if (!faults_.empty()) return std::nullopt;
  return std::move(document_);
}

/// Refuses what the library would pass over.
bool UsageReader::is_text() {
  if (text_.starts_with("\xEF\xBB\xBF"))
    fault("", "the text begins with a byte order mark: save it as UTF-8 without one");
  else if (const size_t nul = text_.find('\0'); nul != text_.npos)
    fault("", fmt::format("{}: there is a NUL character", place_in(text_, nul)));
  return faults_.empty();
}

void UsageReader::parse() {
  reached_ = text_.data();
  whole_ = nlohmann::json::sax_parse(Cursor(text_.data(), &reached_),
                                     Cursor(text_.data() + text_.size(), &reached_), this);
}

std::optional<ReadRest> UsageReader::rest() && {
  if (!whole_ && !go_on()) return std::nullopt;
  if (document_.card.empty()) document_.card = card_;
  const auto is_open = [this](Part part) {
    return std::ranges::find(open_, part, &Open::part) != open_.end();
  };
  if (is_open(Part::Entry)) document_.usage.pop_back();
  if (is_open(Part::Grant)) document_.grants.pop_back();
  return ReadRest{std::move(document_), !whole_};
}

void UsageReader::check_card() {
  if (document_.card.empty() && card_.empty()) fault("", "`card` is missing");
  if (!document_.card.empty() && !card_.empty() && document_.card != card_)
    fault("/card", fmt::format("the document is for card `{}`, and `{}` is asked for",
                               document_.card, shown(card_)));
  if (document_.card.empty()) document_.card = card_;
}

// ---- where the parser is ----

const Field* UsageReader::slot() const {
  if (open_.empty()) return &kDocument;
  switch (open_.back().part) {
    case Part::Usage:
      return &kEntry;
    case Part::Items:
      return &kItem;
    case Part::Grants:
      return &kGrant;
    case Part::Ignored:
      return nullptr;
    default:
      return field_;
  }
}

void UsageReader::begin_value() {
  take_token();
  if (!path_.in_list()) return;
  path_.next();
  Open& list = open_.back();
  ++list.count;
  if (list.count > kUsageMax && list.part == Part::Usage)
    stop(path_.pointer_to_object(), fmt::format("`usage` has more than {} entries", kUsageMax));
  if (list.count > kUsageMax && list.part == Part::Grants)
    stop(path_.pointer_to_object(), fmt::format("`grants` has more than {} elements", kUsageMax));
  if (list.part == Part::Items) take_item();
}

void UsageReader::take_item() {
  if (++items_ > kItemsMax)
    stop(path_.pointer_to_object(),
         fmt::format("a usage document has more than {} items", kItemsMax));
}

bool UsageReader::end_value() {
  next_ = open_.empty()     ? Next::EndOfText
          : path_.in_list() ? Next::CommaOrEndOfList
                            : Next::CommaOrEndOfObject;
  return go_on();
}

bool UsageReader::open(Part part, bool list) {
  if (path_.depth() == kDepthMax)
    stop(path_.pointer(),
         fmt::format("objects and lists stand more than {} deep inside one another", kDepthMax));
  list ? path_.enter_list() : path_.enter_object();
  open_.push_back({.part = part, .seen = {}});
  next_ = list ? Next::ValueOrEndOfList : Next::NameOrEndOfObject;
  return go_on();
}

bool UsageReader::close() {
  take_token();
  const bool faulty = open_.back().faulty;
  open_.pop_back();
  path_.leave();
  if (!open_.empty()) open_.back().faulty |= faulty;
  return end_value();
}

bool UsageReader::go_on() const { return !stopped_ && faults_.size() < kUsageFaultsMax; }

void UsageReader::fault(std::string pointer, std::string message) {
  if (!open_.empty()) open_.back().faulty = true;
  faults_.push_back({std::move(pointer), std::move(message)});
}

void UsageReader::stop(std::string pointer, std::string message) {
  fault(std::move(pointer), std::move(message));
  stopped_ = true;
}

// ---- values ----

bool UsageReader::null() {
  begin_value();
  if (const Field* field = slot(); field && field->takes != Takes::IdOrNull) misfit(*field, "null");
  return end_value();
}

bool UsageReader::boolean(bool value) {
  begin_value();
  if (const Field* field = slot()) {
    if (field->takes == Takes::Flag)
      (field->id == FieldId::Final ? document_.final : document_.grants.back().recurring) = value;
    else
      misfit(*field, value ? "true" : "false");
  }
  return end_value();
}

/// Finds the digits of the number that was read last: the parser has looked one character further,
/// unless the text ends. To it 007 is a number and something else after it, to people it is one
/// word.
bool UsageReader::number_event() {
  const char* const text_end = text_.data() + text_.size();
  const bool glued = reached_ != text_end && is_word_character(reached_[-1]);
  const char *begin = reached_, *end = reached_;
  if (!is_word_character(reached_[-1])) begin = end = reached_ - 1;
  while (begin > text_.data() && is_word_character(begin[-1])) --begin;
  while (end < text_end && is_word_character(*end)) ++end;
  if (glued) {
    no_value(find_syntax_fault(text_, static_cast<size_t>(begin - text_.data()),
                               Next::ValueOrEndOfList));
    return false;
  }
  reached_ = end;
  return number({begin, end});
}

bool UsageReader::number(std::string_view digits) {
  begin_value();
  if (const Field* field = slot()) {
    if (field->takes == Takes::Quantity)
      give_quantity(field->id, digits);
    else
      misfit(*field, "a number");
  }
  return end_value();
}

bool UsageReader::string(std::string& value) {
  begin_value();
  if (const Field* field = slot()) give_text(*field, value);
  return end_value();
}

bool UsageReader::start_object(size_t) {
  begin_value();
  const Field* field = slot();
  if (!field || field->takes != Takes::Object) {
    if (field) misfit(*field, "an object");
    return open(Part::Ignored, /*list=*/false);
  }
  switch (field->id) {
    case FieldId::Document:
      return open(Part::Document, false);
    case FieldId::Period:
      return open(Part::Period, false);
    case FieldId::State:
      return open(Part::State, false);
    case FieldId::At:
      return open(Part::At, false);
    case FieldId::PlanChanges:
      return open(Part::PlanChanges, false);
    case FieldId::UsedToDate:
      return open(Part::UsedToDate, false);
    case FieldId::BilledToDate:
      return open(Part::BilledToDate, false);
    case FieldId::GrantElement:
      document_.grants.emplace_back();
      return open(Part::Grant, false);
    case FieldId::Days:
      document_.usage.back().given = runtime::UsageEntry::Given::Days;
      return open(Part::Days, false);
    default:
      document_.usage.emplace_back();
      return open(Part::Entry, false);
  }
}

bool UsageReader::end_object() {
  const Open& object = open_.back();
  if (!object.faulty) check_required();
  if (object.part == Part::Period) document_.period = period_;
  return close();
}

bool UsageReader::start_array(size_t) {
  begin_value();
  const Field* field = slot();
  if (field && field->takes == Takes::List) {
    if (field->id == FieldId::Usage) return open(Part::Usage, /*list=*/true);
    if (field->id == FieldId::Grants) return open(Part::Grants, true);
    document_.usage.back().given = runtime::UsageEntry::Given::Items;
    return open(Part::Items, true);
  }
  if (field) misfit(*field, "a list");
  return open(Part::Ignored, true);
}

bool UsageReader::end_array() { return close(); }

bool UsageReader::key(std::string& name) {
  take_token();
  next_ = Next::Colon;
  field_ = nullptr;
  Open& object = open_.back();
  const bool by_day = object.part == Part::Days || object.part == Part::PlanChanges;
  const size_t names_max = by_day ? kDaysMax : kNamesMax;
  if (++object.count > names_max)
    stop(path_.pointer_to_object(), fmt::format("an object has more than {} fields", names_max));
  if (object.part == Part::Ignored) return go_on();
  if (object.part == Part::At)
    dimension(name);
  else if (object.part == Part::UsedToDate)
    name_to_date(name, document_.used_to_date);
  else if (object.part == Part::BilledToDate)
    name_to_date(name, document_.billed_to_date);
  else if (object.part == Part::Days)
    day(name);
  else if (object.part == Part::PlanChanges)
    change_of_plan(name);
  else if (const Field* field = find_field(object.part, name))
    known_field(*field);
  else
    unknown_field(name);
  return go_on();
}

bool UsageReader::parse_error(size_t, const std::string&, const nlohmann::json::exception&) {
  const SyntaxFault syntax = find_syntax_fault(text_, read_, next_);
  if (!syntax.word.empty())
    no_value(syntax);
  else
    fault_here(fmt::format("{}: {}", place_in(text_, syntax.offset), syntax.message));
  return false;
}

/// A word where a value belongs: a number that the library cannot take, like 1e400, or no JSON.
void UsageReader::no_value(const SyntaxFault& syntax) {
  const Field* field = slot();
  if ((field && field->takes == Takes::Quantity) || is_json_number(syntax.word)) {
    number(syntax.word);
    return;
  }
  begin_value();
  fault_here(fmt::format("{}: {}", place_in(text_, syntax.offset), syntax.message));
}

// ---- what a value is good for ----

void UsageReader::known_field(const Field& field) {
  path_.name(field.name);
  Open& object = open_.back();
  const size_t id = static_cast<size_t>(field.id);
  if (object.seen[id]) return fault_here(fmt::format("`{}` is given twice", field.name));
  object.seen[id] = true;
  field_ = &field;
}

void UsageReader::unknown_field(std::string_view name) {
  path_.name(shown(name, kIdBytesMax));
  const Part part = open_.back().part;
  std::vector<std::string> known;
  for (const Field& field : fields_of(part)) known.emplace_back(field.name);
  const std::string meant = dsl::suggest(name.substr(0, kIdBytesMax), known);
  fault_here(fmt::format("{} has no field `{}`; {}", name_of(part), shown(name),
                         meant.empty() ? fmt::format("its fields are {}", fmt::join(known, ", "))
                                       : fmt::format("did you mean `{}`?", meant)));
}

void UsageReader::dimension(std::string_view name) {
  const std::string why = id_fault(name);
  path_.name(why.empty() ? name : shown(name, kIdBytesMax));
  if (!why.empty()) return fault_here(fmt::format("the dimension `{}` {}", shown(name), why));
  const auto& at = document_.usage.back().at;
  if (std::ranges::find(at, name, &std::pair<std::string, std::string>::first) != at.end())
    return fault_here(fmt::format("`{}` is given twice", name));
  document_.usage.back().at.emplace_back(name, std::string());
  field_ = &kAtValue;
}

/// A meter or a commitment, before what came to date.
void UsageReader::name_to_date(std::string_view name,
                               std::vector<runtime::UsageDocument::ToDate>& values) {
  const std::string why = id_fault(name);
  path_.name(why.empty() ? name : shown(name, kIdBytesMax));
  if (!why.empty()) return fault_here(fmt::format("the name `{}` {}", shown(name), why));
  if (std::ranges::find(values, name, &runtime::UsageDocument::ToDate::name) != values.end())
    return fault_here(fmt::format("`{}` is given twice", name));
  values.push_back({std::string(name), {}});
  field_ = &kToDateValue;
}

/// The day that a field is named by; empty, and reported, where it is none.
std::optional<Date> UsageReader::date_of(std::string_view name) {
  path_.name(shown(name, kIdBytesMax));
  const std::optional<Date> date = parse_date(name);
  if (!date) fault_here(fmt::format("`{}` is not a date: write it like 2026-03-31", shown(name)));
  return date;
}

void UsageReader::change_of_plan(std::string_view name) {
  const std::optional<Date> date = date_of(name);
  if (!date) return;
  auto& changes = document_.plan_changes;
  if (std::ranges::find(changes, *date, &std::pair<Date, std::string>::first) != changes.end())
    return fault_here(fmt::format("`{}` is given twice", name));
  changes.emplace_back(*date, std::string());
  field_ = &kPlanOfDay;
}

void UsageReader::day(std::string_view name) {
  const std::optional<Date> date = date_of(name);
  if (!date) return;
  auto& days = document_.usage.back().days;
  if (std::ranges::find(days, *date, &std::pair<Date, Decimal>::first) != days.end())
    return fault_here(fmt::format("`{}` is given twice", name));
  days.emplace_back(*date, Decimal{});
  field_ = &kDay;
  take_item();
}

void UsageReader::misfit(const Field& field, std::string_view found) {
  const std::string wanted = fmt::format("{}, not {}", kind_wanted(field.takes), found);
  const std::string_view leave_out =
      found == "null" && !field.required && field.id != FieldId::Quantity ? ": leave it out instead"
                                                                          : "";
  switch (field.id) {
    case FieldId::Document:
      return fault_here(fmt::format("{} is {}", name_of(Part::Document), wanted));
    case FieldId::Entry:
      return fault_here(fmt::format("{} is {}", name_of(Part::Entry), wanted));
    case FieldId::GrantElement:
      return fault_here(fmt::format("{} is {}", name_of(Part::Grant), wanted));
    case FieldId::Item:
    case FieldId::Day:
      return fault_here(fmt::format("{} of `{}` is {}", field.name,
                                    field.id == FieldId::Item ? "items" : "days", wanted));
    case FieldId::AtValue:
      return fault_here(
          fmt::format("`{}` takes {}", document_.usage.back().at.back().first, wanted));
    case FieldId::PlanOfDay:
    case FieldId::ToDateValue:
      return fault_here(fmt::format("this takes {}{}", wanted, leave_out));
    default:
      return fault_here(fmt::format("`{}` takes {}{}", field.name, wanted, leave_out));
  }
}

void UsageReader::give_text(const Field& field, std::string& text) {
  switch (field.takes) {
    case Takes::Id:
    case Takes::IdOrNull:
      return give_id(field, text);
    case Takes::Date:
      return give_date(field, text);
    case Takes::Quantity:
      return give_quantity(field.id, text);
    default:
      return misfit(field, "a text");
  }
}

void UsageReader::give_id(const Field& field, std::string& text) {
  if (const std::string why = id_fault(text); !why.empty()) {
    if (text.empty()) return fault_here("the text is empty");
    return fault_here(fmt::format("`{}` {}", shown(text), why));
  }
  switch (field.id) {
    case FieldId::Card:
      document_.card = std::move(text);
      return;
    case FieldId::Hash:
      document_.hash = std::move(text);
      return;
    case FieldId::Plan:
      document_.plan = std::move(text);
      return;
    case FieldId::PlanOfDay:
      document_.plan_changes.back().second = std::move(text);
      return;
    case FieldId::Currency:
      document_.currency = std::move(text);
      return;
    case FieldId::Customer:
      document_.customer = std::move(text);
      return;
    case FieldId::Meter:
      document_.usage.back().meter = std::move(text);
      return;
    case FieldId::Pool:
      document_.grants.back().pool = std::move(text);
      return;
    default:
      document_.usage.back().at.back().second = std::move(text);
  }
}

void UsageReader::give_date(const Field& field, std::string_view text) {
  const std::optional<Date> date = parse_date(text);
  if (!date)
    return fault_here(fmt::format("`{}` is not a date: write it like 2026-03-31", shown(text)));
  if (field.part == Part::Grant) {
    runtime::Grant& grant = document_.grants.back();
    (field.id == FieldId::From ? grant.from : grant.expires) = *date;
    return;
  }
  const bool of_period = field.part == Part::Period;
  switch (field.id) {
    case FieldId::On:
      document_.on = date;
      return;
    case FieldId::CustomerSince:
      document_.customer_since = date;
      return;
    case FieldId::CustomerUntil:
      document_.customer_until = date;
      return;
    case FieldId::From:
      of_period ? void(period_.from = *date) : void(document_.usage.back().from = date);
      return;
    default:
      of_period ? void(period_.until = *date) : void(document_.usage.back().until = date);
  }
}

/// What an earlier answer has left may be a fraction.
void UsageReader::give_left(std::string_view digits) {
  const auto quantity = parse_ratio(digits);
  if (!quantity) return fault_here(credits_fault(digits, quantity.error()));
  document_.grants.back().quantity = *quantity;
}

void UsageReader::give_quantity(FieldId field, std::string_view digits) {
  if (open_.back().part == Part::Grant) return give_left(digits);
  const auto quantity = parse_decimal(digits);
  if (!quantity) return fault_here(quantity_fault(digits, quantity.error()));
  switch (open_.back().part) {
    case Part::Items:
      document_.usage.back().items.push_back(*quantity);
      return;
    case Part::Days:
      document_.usage.back().days.back().second = *quantity;
      return;
    case Part::UsedToDate:
      document_.used_to_date.back().value = *quantity;
      return;
    case Part::BilledToDate:
      document_.billed_to_date.back().value = *quantity;
      return;
    default:
      if (field == FieldId::Pending)
        document_.usage.back().pending = *quantity;
      else
        document_.usage.back().quantity = *quantity;
  }
}

void UsageReader::check_required() {
  const Open& object = open_.back();
  for (const Field& field : fields_of(object.part))
    if (field.required && !object.seen[static_cast<size_t>(field.id)])
      fault(path_.pointer_to_object(), fmt::format("`{}` is missing", field.name));
  if (object.part == Part::Entry) check_quantity();
}

/// An entry has one of `quantity`, `items` and `days`.
void UsageReader::check_quantity() {
  const auto& seen = open_.back().seen;
  const auto is_given = [&](FieldId id) { return seen[static_cast<size_t>(id)]; };
  const int given =
      is_given(FieldId::Quantity) + is_given(FieldId::Items) + is_given(FieldId::Days);
  if (given == 0) fault(path_.pointer_to_object(), "`quantity` is missing");
  if (given > 1)
    fault(path_.pointer_to_object(),
          "an entry gives one of `quantity`, `items` and `days`, and this one several");
}

}  // namespace toll::wire
