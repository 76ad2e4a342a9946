// How the terminals match. Free of Spirit's templates, which are instantiated in the .cc files of
// the families.

#include "dsl/grammar/parsers.h"

#include <algorithm>

namespace toll::dsl::grammar {
namespace {

bool is(Cursor at, Cursor end, TokenKind kind) { return at != end && at->kind == kind; }

/// Words that go on a price row or stand for values there, so nothing is called by them.
struct Reserved {
  std::string_view word, reason;
};
constexpr Reserved kReserved[] = {
    {"at", "`at` comes before a price"},
    {"up", "`up to` begins the bound of a tier"},
    {"beyond", "`beyond` begins the last tier"},
    {"free", "`free` is a price"},
    {"any", "in a table, `any` stands for every value"},
    {"other", "`other` stands for every value that is not listed"},
};
/// Words before a unit, and those that go on behind one: no unit is called by them.
constexpr std::string_view kBeforeUnits[] = {"started", "times", "distinct"};
constexpr std::string_view kBehindUnits[] = {"by",     "each", "every", "flat", "in",
                                             "of",     "once", "or",    "per",  "prorated",
                                             "shared", "then", "to",    "when"};

bool is_among(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

[[noreturn]] void reject(const Token& token, std::string_view expected, std::string reason,
                         std::string help = "choose another word") {
  throw Misreading{Misreading::Kind::NotAName, token.span, std::string(expected), std::move(reason),
                   std::move(help)};
}

void reject_reserved(const Token& token, Named named, std::string_view what) {
  bool open_value = named == Named::Value && token.text == "other";
  bool free_plan = named == Named::Plan && token.text == "free";
  auto reserved = std::ranges::find(kReserved, token.text, &Reserved::word);
  if (reserved == std::end(kReserved) || open_value || free_plan) return;
  bool any_value = named == Named::Value && token.text == "any";
  reject(token, what, std::string(reserved->reason),
         any_value ? "for values that are not listed, write `other`" : "choose another word");
}

void reject_as_unit(const Token& token, std::string_view what) {
  bool taken = is_among(kBeforeUnits, token.text) || is_among(kBehindUnits, token.text);
  if (taken) reject(token, what, "the word has a meaning of its own next to a unit");
  if (token.text.contains('-')) {
    reject(token, what, "a hyphen multiplies units, as in `GPU-hour`", "write `_` instead");
  }
}

}  // namespace

bool Name::match(Cursor& at, Cursor end, syntax::Word& value) const {
  if (!is(at, end, TokenKind::Word)) return false;
  reject_reserved(*at, named, what);
  if (named == Named::Unit) reject_as_unit(*at, what);
  if (named == Named::Field && at->text == "time") {
    reject(*at, what, "`by time` divides the hours of the week");
  }
  if (named == Named::Card && at->text == "previous") {
    reject(*at, what, "`previous` means the version before");
  }
  value = {std::string(at->text), at->span};
  ++at;
  return true;
}

bool UnitWord::match(Cursor& at, Cursor end, syntax::Word& value) const {
  if (!is(at, end, TokenKind::Word) || is_among(kBehindUnits, at->text)) return false;
  if (std::ranges::find(kReserved, at->text, &Reserved::word) != std::end(kReserved)) return false;
  value = {std::string(at->text), at->span};
  ++at;
  return true;
}

bool Key::match(Cursor& at, Cursor end, syntax::Word& value) const {
  if (!is(at, end, TokenKind::Word)) return false;
  for (std::string_view behind : {"at", "up", "beyond", "free"}) {
    if (at->text == behind) return false;
  }
  value = {std::string(at->text), at->span};
  ++at;
  return true;
}

bool AnyNumber::match(Cursor& at, Cursor end, syntax::Number& value) const {
  if (!is(at, end, TokenKind::Number)) return false;
  value = {scan::number_value(at->text).value(), at->span};
  ++at;
  return true;
}

bool AnyPercent::match(Cursor& at, Cursor end, syntax::Percent& value) const {
  if (!is(at, end, TokenKind::Percent)) return false;
  auto number = at->text.substr(0, at->text.size() - 1);
  value = {scan::number_value(number).value(), at->span};
  ++at;
  return true;
}

bool AnyDate::match(Cursor& at, Cursor end, syntax::DateLiteral& value) const {
  if (!is(at, end, TokenKind::Date)) return false;
  value = {parse_date(at->text).value(), at->span};
  ++at;
  return true;
}

bool AnyLabel::match(Cursor& at, Cursor end, syntax::Label& value) const {
  if (!is(at, end, TokenKind::Label)) return false;
  value = {std::string(at->text.substr(1, at->text.size() - 2)), at->span};
  ++at;
  return true;
}

bool Shape::match(Cursor& at, Cursor end, syntax::Word& value) const {
  if (!is(at, end, kind)) return false;
  value = {std::string(at->text), at->span};
  ++at;
  return true;
}

bool Days::match(Cursor& at, Cursor end, syntax::Word& value) const {
  if (!is(at, end, TokenKind::Word) || !scan::are_days(at->text)) return false;
  value = {std::string(at->text), at->span};
  ++at;
  return true;
}

bool Zone::match(Cursor& at, Cursor end, syntax::Word& value) const {
  if (!is(at, end, TokenKind::Word)) return false;
  value = {std::string(at->text), at->span};
  // Etc/GMT+1 is five tokens; whether there is such a zone is asked later.
  for (++at; at != end && at->span.begin == value.span.end; ++at) {
    value.text += at->text;
    value.span.end = at->span.end;
  }
  return true;
}

bool Mode::match(Cursor& at, Cursor end, RoundingMode& value) const {
  if (!is(at, end, TokenKind::Word)) return false;
  for (auto mode :
       {RoundingMode::HalfUp, RoundingMode::HalfEven, RoundingMode::Up, RoundingMode::Down}) {
    if (at->text != to_string(mode)) continue;
    value = mode;
    ++at;
    return true;
  }
  return false;
}

}  // namespace toll::dsl::grammar
