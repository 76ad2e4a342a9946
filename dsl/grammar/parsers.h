// The terminals of the grammar: Boost.Spirit X3 parsers over tokens, and what to call them when
// they are missing. Included by the .cc files of this folder only, since X3 is slow to compile.
//
// How to read a rule:  keyword("per") > unit_name[into<&Fee::per>]
//   a > b     b has to follow; where it does not, the error names b by its description
//   [into<>]  stores what was read in the member of the rule's value
#pragma once

#include <array>
#include <boost/spirit/home/x3.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "base/date.h"
#include "dsl/grammar/grammar.h"
#include "dsl/scan/number.h"
#include "dsl/scan/rows.h"

namespace toll::dsl::grammar {

namespace x3 = boost::spirit::x3;
using Cursor = const scan::Token*;
using scan::Token;
using scan::TokenKind;

inline std::string in_backticks(std::string_view text) {
  return std::string("`").append(text).append("`");
}

/// Base of the terminals. Derived has `bool match(Cursor& at, Cursor end, Attribute& value) const`,
/// which moves `at` past what it takes, and `std::string description() const`.
template <typename Derived, typename Attribute>
struct Terminal : x3::parser<Derived> {
  using attribute_type = Attribute;
  using described = void;
  static constexpr bool has_attribute = !std::is_same_v<Attribute, x3::unused_type>;

  template <typename Context, typename RuleContext, typename Target>
  bool parse(Cursor& first, const Cursor& last, const Context&, RuleContext&,
             Target& target) const {
    Attribute value{};
    if (!this->derived().match(first, last, value)) return false;
    if constexpr (has_attribute) x3::traits::move_to(value, target);
    return true;
  }
};

/// One word, as it stands.
struct Keyword : Terminal<Keyword, x3::unused_type> {
  std::string_view word;
  constexpr explicit Keyword(std::string_view w) : word(w) {}
  std::string description() const { return in_backticks(word); }
  bool match(Cursor& at, Cursor end, x3::unused_type) const {
    if (at == end || !at->is_word(word)) return false;
    ++at;
    return true;
  }
};
constexpr Keyword keyword(std::string_view word) { return Keyword(word); }

/// A sign: , : / + =
struct Sign : Terminal<Sign, x3::unused_type> {
  char sign;
  constexpr explicit Sign(char s) : sign(s) {}
  std::string description() const { return in_backticks({&sign, 1}); }
  bool match(Cursor& at, Cursor end, x3::unused_type) const {
    if (at == end || !at->is_sign(sign)) return false;
    ++at;
    return true;
  }
};
constexpr Sign sign(char c) { return Sign(c); }
constexpr Sign comma(',');

/// The end of the line; the description says what else could have stood there.
struct LineEnd : Terminal<LineEnd, x3::unused_type> {
  std::string_view or_else;
  constexpr explicit LineEnd(std::string_view o) : or_else(o) {}
  std::string description() const {
    return or_else.empty() ? "the end of the line"
                           : std::string(or_else) + " or the end of the line";
  }
  bool match(Cursor& at, Cursor end, x3::unused_type) const { return at == end; }
};
constexpr LineEnd line_end(std::string_view or_else = {}) { return LineEnd(or_else); }

/// Any word.
struct AnyWord : Terminal<AnyWord, syntax::Word> {
  std::string_view what;
  constexpr explicit AnyWord(std::string_view w) : what(w) {}
  std::string description() const { return std::string(what); }
  bool match(Cursor& at, Cursor end, syntax::Word& value) const {
    if (at == end || at->kind != TokenKind::Word) return false;
    value = {std::string(at->text), at->span};
    ++at;
    return true;
  }
};
constexpr AnyWord word(std::string_view what) { return AnyWord(what); }

/// A unit or a currency: any word but those that go on behind one, so that a unit that was left out
/// is noticed where it is missing.
struct UnitWord : Terminal<UnitWord, syntax::Word> {
  std::string_view what;
  constexpr explicit UnitWord(std::string_view w) : what(w) {}
  std::string description() const { return std::string(what); }
  bool match(Cursor& at, Cursor end, syntax::Word& value) const;
};
constexpr UnitWord unit_word(std::string_view what = "a unit") { return UnitWord(what); }

/// What a name is given to: each reserves some words (language: L6).
enum class Named { Thing, Unit, Field, Card, Value, Plan };

/// A word that is given as a name. Throws a Misreading if it is a word that cannot be one.
struct Name : Terminal<Name, syntax::Word> {
  Named named;
  std::string_view what;
  constexpr Name(Named n, std::string_view w) : named(n), what(w) {}
  std::string description() const { return std::string(what); }
  bool match(Cursor& at, Cursor end, syntax::Word& value) const;
};
constexpr Name name(Named named, std::string_view what) { return Name(named, what); }

/// The key of a price row: any word but those that go on after the keys.
struct Key : Terminal<Key, syntax::Word> {
  std::string description() const { return "a key"; }
  bool match(Cursor& at, Cursor end, syntax::Word& value) const;
};
constexpr Key key;

/// One of several words, as a Word.
template <size_t N>
struct OneOf : Terminal<OneOf<N>, syntax::Word> {
  std::array<std::string_view, N> words;
  constexpr explicit OneOf(std::array<std::string_view, N> w) : words(w) {}
  std::string description() const {
    std::string result;
    for (size_t i = 0; i < N; ++i) {
      if (i > 0) result += i + 1 == N ? " or " : ", ";
      result += in_backticks(words[i]);
    }
    return result;
  }
  bool match(Cursor& at, Cursor end, syntax::Word& value) const {
    if (at == end) return false;
    for (std::string_view candidate : words) {
      if (!at->is_word(candidate)) continue;
      value = {std::string(at->text), at->span};
      ++at;
      return true;
    }
    return false;
  }
};
template <typename... Words>
constexpr auto one_of(Words... words) {
  return OneOf<sizeof...(Words)>({std::string_view(words)...});
}

struct AnyNumber : Terminal<AnyNumber, syntax::Number> {
  std::string_view what;
  constexpr explicit AnyNumber(std::string_view w) : what(w) {}
  std::string description() const { return std::string(what); }
  bool match(Cursor& at, Cursor end, syntax::Number& value) const;
};
constexpr AnyNumber number(std::string_view what = "a number") { return AnyNumber(what); }

struct AnyPercent : Terminal<AnyPercent, syntax::Percent> {
  std::string description() const { return "a percentage such as `10%`"; }
  bool match(Cursor& at, Cursor end, syntax::Percent& value) const;
};
constexpr AnyPercent percent;

struct AnyDate : Terminal<AnyDate, syntax::DateLiteral> {
  std::string description() const { return "a date such as `2026-01-31`"; }
  bool match(Cursor& at, Cursor end, syntax::DateLiteral& value) const;
};
constexpr AnyDate date;

struct AnyLabel : Terminal<AnyLabel, syntax::Label> {
  std::string_view what;
  constexpr explicit AnyLabel(std::string_view w) : what(w) {}
  std::string description() const { return std::string(what); }
  bool match(Cursor& at, Cursor end, syntax::Label& value) const;
};
constexpr AnyLabel label(std::string_view what = "a label in quotes") { return AnyLabel(what); }

/// A month, days or hours: a token of one shape, as a Word.
struct Shape : Terminal<Shape, syntax::Word> {
  TokenKind kind;
  std::string_view what;
  constexpr Shape(TokenKind k, std::string_view w) : kind(k), what(w) {}
  std::string description() const { return std::string(what); }
  bool match(Cursor& at, Cursor end, syntax::Word& value) const;
};
constexpr Shape month(TokenKind::Month, "a month such as `2026-01`");
constexpr Shape hours(TokenKind::Hours, "hours such as `08:00-20:00`");

/// Mon, Mon-Fri
struct Days : Terminal<Days, syntax::Word> {
  std::string description() const { return "days such as `Mon-Fri`"; }
  bool match(Cursor& at, Cursor end, syntax::Word& value) const;
};
constexpr Days days;

/// A time zone: words and signs that stand together without blanks.
struct Zone : Terminal<Zone, syntax::Word> {
  std::string description() const { return "a time zone such as `Europe/Berlin`"; }
  bool match(Cursor& at, Cursor end, syntax::Word& value) const;
};
constexpr Zone zone;

/// A parser under a description of its own.
template <typename Subject>
struct Called : x3::unary_parser<Subject, Called<Subject>> {
  using Base = x3::unary_parser<Subject, Called<Subject>>;
  using described = void;
  static constexpr bool is_pass_through_unary = true;
  std::string_view what;
  constexpr Called(std::string_view w, const Subject& subject) : Base(subject), what(w) {}
  std::string description() const { return std::string(what); }
  template <typename Context, typename RuleContext, typename Target>
  bool parse(Cursor& first, const Cursor& last, const Context& context, RuleContext& rule_context,
             Target& target) const {
    return this->subject.parse(first, last, context, rule_context, target);
  }
};
template <typename Parser>
constexpr auto called(std::string_view what, const Parser& parser) {
  auto subject = x3::as_parser(parser);
  return Called<decltype(subject)>(what, subject);
}

/// `next`, with `optional` before it or not.
template <typename Optional, typename Next>
constexpr auto maybe(const Optional& optional, const Next& next, std::string_view what) {
  return called(what, (optional > next) | next);
}

/// One or more, with a sign between them.
template <typename Parser>
constexpr auto list(const Parser& item, Sign separator = comma) {
  return item > *(separator > item);
}

/// Stores the attribute in a member of the rule's value; a vector gets it appended.
template <auto Member>
constexpr auto into = [](auto& context) {
  auto& target = std::invoke(Member, x3::_val(context));
  auto& value = x3::_attr(context);
  if constexpr (
      requires { target.push_back(std::move(value)); } &&
      !requires { target = std::move(value); }) {
    target.push_back(std::move(value));
  } else {
    target = std::move(value);
  }
};

/// Stores a constant in a member of the rule's value.
template <auto Member, auto Constant>
constexpr auto set = [](auto& context) { std::invoke(Member, x3::_val(context)) = Constant; };

/// The same for something that a line may say once; the second time throws a Misreading.
template <auto Member, auto Constant>
constexpr auto set_once(std::string_view what_is_said) {
  return [what_is_said](auto& context) {
    auto& target = std::invoke(Member, x3::_val(context));
    if (target != std::remove_cvref_t<decltype(target)>{}) {
      Cursor taken = x3::_where(context).begin() - 1;
      throw Misreading{Misreading::Kind::SaidTwice, taken->span, std::string(what_is_said), {}, {}};
    }
    target = Constant;
  };
}

/// Sets `span` of the rule's value to the tokens that the subject took.
template <typename Subject>
struct Spanned : x3::unary_parser<Subject, Spanned<Subject>> {
  using Base = x3::unary_parser<Subject, Spanned<Subject>>;
  constexpr explicit Spanned(const Subject& subject) : Base(subject) {}
  template <typename Context, typename RuleContext, typename Target>
  bool parse(Cursor& first, const Cursor& last, const Context& context, RuleContext& value,
             Target& target) const {
    Cursor begin = first;
    if (!this->subject.parse(first, last, context, value, target)) return false;
    if (begin != first) value.span = {begin->span.begin, (first - 1)->span.end};
    return true;
  }
};

template <typename Value>
struct ValueOf;

/// A rule that makes a Value with its span; the parser fills the rest with into<> and set<>. Where
/// it is expected, it has to be Called.
template <typename Value, typename Parser>
constexpr auto makes(const Parser& parser) {
  return x3::rule<ValueOf<Value>, Value>{""} = Spanned<Parser>(parser);
}

/// NUMBER WORD
constexpr auto quantity_of(std::string_view number_name, std::string_view unit_name) {
  return makes<syntax::Quantity>(number(number_name)[into<&syntax::Quantity::number>] >
                                 unit_word(unit_name)[into<&syntax::Quantity::unit>]);
}
constexpr auto quantity = called("a number and its unit", quantity_of("a number", "a unit"));
constexpr auto money =
    called("an amount such as `5.00 USD`", quantity_of("an amount", "a currency such as `USD`"));

/// NUMBER ["/" NUMBER] WORD: what credits come to need not be a decimal.
constexpr auto fraction_of(std::string_view number_name, std::string_view unit_name) {
  return makes<syntax::Quantity>(
      number(number_name)[into<&syntax::Quantity::number>] >
      maybe(sign('/') > number("a whole number")[into<&syntax::Quantity::over>],
            unit_word(unit_name)[into<&syntax::Quantity::unit>], unit_name));
}

/// prorated by day
template <auto Member>
constexpr auto by_day = keyword("prorated") > keyword("by") > keyword("day")[set<Member, true>];

/// An amount in one or several currencies.
constexpr auto monies =
    called("an amount such as `5.00 USD`",
           makes<syntax::MoneyAmount>(
               number("an amount")[into<&syntax::MoneyAmount::number>] >
               unit_word("a currency such as `USD`")[into<&syntax::MoneyAmount::unit>] >
               *(keyword("or") > money[into<&syntax::MoneyAmount::others>])));

/// `per` and a period, or `once`, which is then the word stored.
template <auto Per, auto Once>
constexpr auto fee_time = called("`per` and a period, or `once`",
                                 (keyword("per") > word("a period such as `month`")[into<Per>]) |
                                     (one_of("once")[into<Per>] > x3::eps[set<Once, true>]));

struct Mode : Terminal<Mode, RoundingMode> {
  std::string description() const { return "`up`, `down`, `half-up` or `half-even`"; }
  bool match(Cursor& at, Cursor end, RoundingMode& value) const;
};
constexpr Mode rounding_mode;

/// MODE to QUANTITY
constexpr auto round_to =
    called("`up`, `down`, `half-up` or `half-even`",
           makes<syntax::RoundTo>(rounding_mode[into<&syntax::RoundTo::mode>] > keyword("to") >
                                  quantity[into<&syntax::RoundTo::step>]));

/// Reads all tokens of a line into a Value. REQUIRES: the parser ends with line_end, and what it
/// begins with is what the line is known to begin with, or x3::eps.
template <typename Value, typename Parser>
Read<Value> read(const Parser& parser, Tokens tokens) {
  constexpr auto kUnexpected = Misreading::Kind::Unexpected;
  Value value{};
  Cursor first = tokens.data();
  Cursor last = first + tokens.size();
  try {
    if (x3::parse(first, last, makes<Value>(parser), value)) return value;
    return std::unexpected(Misreading{kUnexpected, tokens[0].span, x3::what(parser), {}, {}});
  } catch (const x3::expectation_failure<Cursor>& failure) {
    uint32_t end = tokens.back().span.end;
    Span place = failure.where() == last ? Span{end, end} : failure.where()->span;
    return std::unexpected(Misreading{kUnexpected, place, failure.which(), {}, {}});
  } catch (const Misreading& misreading) {
    return std::unexpected(misreading);
  }
}

/// The same for one alternative of a variant.
template <typename Variant, typename Value, typename Parser>
Read<Variant> read_as(const Parser& parser, Tokens tokens) {
  auto value = read<Value>(parser, tokens);
  if (!value) return std::unexpected(value.error());
  return Variant(*std::move(value));
}

}  // namespace toll::dsl::grammar

// What an error calls a parser: terminals and Called describe themselves, alternatives are listed,
// the rest is called like the part that was tried first. Without these it is the name of a C++
// type.
namespace boost::spirit::x3 {

template <typename Parser>
struct get_info<Parser, std::void_t<typename Parser::described>> {
  using result_type = std::string;
  std::string operator()(const Parser& parser) const { return parser.description(); }
};

template <typename Subject, typename Action>
struct get_info<action<Subject, Action>> {
  using result_type = std::string;
  std::string operator()(const action<Subject, Action>& parser) const {
    return what(parser.subject);
  }
};

template <typename Left, typename Right>
struct get_info<sequence<Left, Right>> {
  using result_type = std::string;
  std::string operator()(const sequence<Left, Right>& parser) const { return what(parser.left); }
};

template <typename Left, typename Right>
struct get_info<alternative<Left, Right>> {
  using result_type = std::string;
  std::string operator()(const alternative<Left, Right>& parser) const {
    return what(parser.left) + " or " + what(parser.right);
  }
};

template <typename Subject>
struct get_info<toll::dsl::grammar::Spanned<Subject>> {
  using result_type = std::string;
  std::string operator()(const toll::dsl::grammar::Spanned<Subject>& parser) const {
    return what(parser.subject);
  }
};

}  // namespace boost::spirit::x3
