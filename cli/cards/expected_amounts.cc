#include "cli/cards/expected_amounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <variant>

#include "cli/cards/text_file.h"
#include "dsl/parse.h"

namespace toll::cli {
namespace {

namespace fs = std::filesystem;

/// The numbers of a file's `expect` statements, by line.
std::map<uint32_t, dsl::Span> numbers_in(const dsl::SourceFile& file, uint32_t index) {
  const dsl::LineIndex lines(file.text);
  std::map<uint32_t, dsl::Span> found;
  const auto look = [&](const dsl::syntax::Example& example) {
    for (const dsl::syntax::Expect& expect : example.expects) {
      dsl::Span number = expect.amount.number.span;
      if (expect.amount.over) number.end = expect.amount.over->span.end;
      found[lines.line(expect.span.begin)] = number;
    }
  };
  for (const dsl::syntax::Declaration& declaration : dsl::parse(file, index).tree.declarations) {
    if (const auto* const invoice = std::get_if<dsl::syntax::Example>(&declaration)) look(*invoice);
    if (const auto* const card = std::get_if<dsl::syntax::Card>(&declaration))
      for (const dsl::syntax::Item& item : card->items)
        if (const auto* const example = std::get_if<dsl::syntax::Example>(&item)) look(*example);
  }
  return found;
}

/// The amount in the manner of the one that it replaces: its thousands are separated unless those
/// of the old one are not.
std::string number_text(std::string_view old, Int128 minor, Currency currency) {
  const size_t whole_digits = std::min(old.find('.'), old.size());
  const bool plain = whole_digits > 3 && !old.contains(',');
  return plain ? format_minor(minor, currency) : format_minor_grouped(minor, currency);
}

/// A decimal, where it is one, and else a fraction of whole numbers.
std::string credits_text(const Ratio& credits) {
  if (const auto decimal = credits.to_decimal()) return group_thousands(decimal->to_string());
  return fmt::format("{}/{}", group_thousands(to_string(credits.numerator())),
                     group_thousands(to_string(credits.denominator())));
}

}  // namespace

bool ExpectedAmounts::set(uint32_t file, uint32_t line, Int128 minor, Currency currency) {
  // What lowers a bill is written without a sign.
  return set(file, line, [&](std::string_view old) {
    return number_text(old, minor < 0 ? -minor : minor, currency);
  });
}

bool ExpectedAmounts::set(uint32_t file, uint32_t line, const Ratio& credits) {
  return set(file, line, [&](std::string_view) { return credits_text(credits); });
}

bool ExpectedAmounts::set(uint32_t file, uint32_t line,
                          const std::function<std::string(std::string_view)>& number_for) {
  const std::string& text = folder_.files[file].text;
  const auto [numbers, unread] = numbers_.try_emplace(file);
  if (unread) numbers->second = numbers_in(folder_.files[file], file);
  const auto number = numbers->second.find(line);
  if (number == numbers->second.end()) return false;
  const auto [begin, end] = number->second;
  const std::string_view old = std::string_view(text).substr(begin, end - begin);
  edits_[file][line] = {number->second, number_for(old)};
  return true;
}

Result<size_t> ExpectedAmounts::write() const {
  for (const auto& [file, edits] : edits_) {
    std::string text = folder_.files[file].text;
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
      const auto& [number, amount] = edit->second;
      text.replace(number.begin, number.end - number.begin, amount);
    }
    const fs::path name = fs::path(folder_.files[file].path).filename();
    if (auto mistake = replace_text((folder_.folder / name).string(), text))
      return std::unexpected(*std::move(mistake));
  }
  return edits_.size();
}

}  // namespace toll::cli
