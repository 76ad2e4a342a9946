#include "dsl/checker/extends/charge_change.h"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "dsl/checker/wording.h"
#include "dsl/scan/line.h"
#include "dsl/scan/number.h"

namespace toll::dsl::checker {
namespace {

/// All tokens of a piece of a line; they point into the text.
std::vector<scan::Token> tokens_of(std::string_view text) {
  scan::LineScanner scanner(text, static_cast<uint32_t>(text.size()));
  scan::Line line;
  scanner.next(line);
  return line.tokens;
}

bool same_token(const scan::Token& a, const scan::Token& b) {
  const bool number = a.kind == scan::TokenKind::Number || a.kind == scan::TokenKind::Percent;
  if (a.kind != b.kind || !number) return a.text == b.text;
  const auto digits = [](const scan::Token& token) {
    return token.text.substr(0, token.text.find('%'));
  };
  return scan::number_value(digits(a)) == scan::number_value(digits(b));
}

Span quantity_of(const syntax::Included& included) {
  const uint32_t keyword = std::string_view("included ").size();
  return {included.span.begin + keyword, included.span.end};
}

/// Of an `each` charge, which has one allowance of each kind.
bool same_kind(const syntax::Included& a, const syntax::Included& b,
               const formatting::UnitForms& units) {
  const std::string &left = a.quantity.unit.text, &right = b.quantity.unit.text;
  return a.reach == b.reach && a.percent.has_value() == b.percent.has_value() &&
         (left == right || units.are_one(left, right));
}

/// The words one blank apart, numbers by their value, and units, where they are given, in their
/// singular; an `at` at the end is left out.
std::string in_one_form(std::string_view text, const formatting::UnitForms* units = nullptr) {
  std::string form;
  const std::vector<scan::Token> tokens = tokens_of(text);
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i + 1 == tokens.size() && tokens[i].is_word("at")) break;
    const auto number = tokens[i].kind == scan::TokenKind::Number
                            ? scan::number_value(tokens[i].text)
                            : std::nullopt;
    const auto unit = units ? units->forms(tokens[i].text) : std::nullopt;
    form += number ? number->normalized().to_string()
            : unit ? unit->singular
                   : std::string(tokens[i].text);
    form += ' ';
  }
  return form;
}

}  // namespace

LineOf::LineOf(const CardText& from, const syntax::ChargeLine& one, const Texts& texts)
    : card(from), line(&one) {
  const auto* row = std::get_if<syntax::Row>(line);
  if (!row) return;
  keys = in_one_form(texts.text({card.file, row->keys_span}));
  // A key is the value of a dimension, which may be called like a unit.
  const uint32_t bound = std::max(row->span.begin, row->keys_span.end);
  head =
      keys + in_one_form(texts.text({card.file, {bound, row->price_span.begin}}), &texts.units());
}

bool same_words(std::string_view a, std::string_view b, const formatting::UnitForms& units) {
  const std::vector<scan::Token> left = tokens_of(a), right = tokens_of(b);
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (same_token(left[i], right[i])) continue;
    const bool is_name = i > 0 && left[i - 1].is_word("of");  // `10% of calls`: a charge
    if (is_name || !units.are_one(left[i].text, right[i].text)) return false;
  }
  return true;
}

void ChargeChange::run() {
  for (const syntax::ChangeLine& line : change_.lines) take(line);
}

void ChargeChange::take(const syntax::ChangeLine& line) {
  if (std::holds_alternative<syntax::Row>(line.line)) return take_row(line);
  if (const auto* included = std::get_if<syntax::Included>(&line.line))
    return take_included(line, *included);
  if (!std::holds_alternative<syntax::MoneyLine>(line.line)) {
    report_
        .add("E511", "a change cannot say this", at(line.span),
             "rows, `included`, and money lines that are added can be changed")
        .help(fmt::format("write `remove charge {}`, and the charge anew", change_.name.text));
    return;
  }
  if (line.was) {
    report_.add("E511", "a money line is added, it replaces none", at(*line.was))
        .help("leave `was` out");
    return;
  }
  lines_.emplace_back(own_, line.line, texts_);
}

void ChargeChange::replace(LineOf& there, Span price, const syntax::ChangeLine& line) {
  if (!agreements_.holds(at(*line.was), {there.card.file, price})) return;
  there = LineOf(own_, line.line, texts_);
}

/// E511: without `was` a change of the price above would go unnoticed.
void ChargeChange::report_unsaid(const syntax::ChangeLine& line, const LineOf& there, Span price) {
  report_.add("E511", "this line does not say what it replaces", at(line.span))
      .see({there.card.file, price}, "this is there now")
      .help(fmt::format("add `, was {}`", text(there.card, price)));
}

/// What the card itself has put there already: one of the two would be without effect.
void ChargeChange::report_twice(std::string_view code, std::string_view message,
                                const syntax::ChangeLine& line, const LineOf& there) {
  report_.add(code, std::string(message), at(line.span))
      .see(at(there.span()), "the other one")
      .help("remove one of them");
}

void ChargeChange::take_row(const syntax::ChangeLine& line) {
  LineOf row(own_, line.line, texts_);
  for (LineOf& there : lines_) {
    const auto* known = std::get_if<syntax::Row>(there.line);
    if (!known || there.head != row.head) continue;
    if (is_own(there)) return report_twice("E209", "two rows price the same quantity", line, there);
    if (!line.was) return report_unsaid(line, there, known->price_span);
    return replace(there, known->price_span, line);
  }
  if (!line.was) return add_row(std::move(row));
  report_
      .add("E508", fmt::format("the charge {} has no such row", quoted(change_.name.text)),
           at(line.span))
      .help("name a row as it is written there, or leave `was` out to add one");
}

/// A new row stands below those of the same keys, a bounded one above their `beyond`.
void ChargeChange::add_row(LineOf row) {
  const bool bounded = std::get<syntax::Row>(*row.line).up_to.has_value();
  auto place = lines_.end();
  bool fits = false;
  for (auto there = lines_.begin(); there != lines_.end(); ++there) {
    const auto* known = std::get_if<syntax::Row>(there->line);
    if (!known) continue;
    const bool same = there->keys == row.keys;
    if (fits && !same) continue;
    fits = fits || same;
    place = same && bounded && known->beyond ? there : there + 1;
  }
  lines_.insert(place, std::move(row));
}

/// The allowance that a line replaces: the one that its `was` says, else the one of its kind.
ChargeChange::Lines::iterator ChargeChange::find_allowance(const syntax::ChangeLine& line,
                                                           const syntax::Included& included) {
  const auto find = [&](const auto& fits) {
    return std::ranges::find_if(lines_, [&](const LineOf& one) {
      const auto* known = std::get_if<syntax::Included>(one.line);
      return known && fits(text(one.card, quantity_of(*known)), *known);
    });
  };
  if (line.was) {
    const auto said = find([&](std::string_view quantity, const auto&) {
      return same_words(text(own_, *line.was), quantity, texts_.units());
    });
    if (said != lines_.end()) return said;
  }
  return find([&](std::string_view, const syntax::Included& known) {
    return !each_ || same_kind(known, included, texts_.units());
  });
}

void ChargeChange::take_included(const syntax::ChangeLine& line, const syntax::Included& included) {
  const auto there = find_allowance(line, included);
  if (there != lines_.end() && is_own(*there))
    return report_twice("E120", "this allowance stands twice", line, *there);
  if (there != lines_.end()) {
    const Span quantity = quantity_of(std::get<syntax::Included>(*there->line));
    if (!line.was) return report_unsaid(line, *there, quantity);
    return replace(*there, quantity, line);
  }
  if (!line.was) return add_allowance(LineOf(own_, line.line, texts_), included);
  report_
      .add("E508",
           fmt::format("the charge {} includes nothing{}", quoted(change_.name.text),
                       each_ ? " of this kind" : ""),
           at(included.span))
      .help("leave `was` out to include something from now on");
}

/// Those that items share stand together.
void ChargeChange::add_allowance(LineOf line, const syntax::Included& included) {
  auto place = lines_.begin();
  for (auto there = lines_.begin(); there != lines_.end(); ++there) {
    const auto* known = std::get_if<syntax::Included>(there->line);
    if (known && known->reach == included.reach) place = there + 1;
  }
  lines_.insert(place, std::move(line));
}

}  // namespace toll::dsl::checker
