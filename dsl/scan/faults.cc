#include "dsl/scan/faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/date.h"
#include "dsl/scan/glued.h"
#include "dsl/scan/number.h"
#include "dsl/scan/unicode.h"

namespace toll::dsl::scan {
namespace {

constexpr std::string_view kWordHelp =
    "words are written with the letters a to z, digits and `_`, with `.` and `-` between them";

struct StrayHelp {
  std::string_view characters;  ///< one after the other
  std::string_view help;
};
constexpr StrayHelp kStrayHelp[] = {
    {"$€£¥₹₩₽", "a price names its currency by its code, behind the amount: `5.00 USD`"},
    {"“”„«»‘’'`", "labels stand in straight double quotes: `\"Platform fee\"`"},
    {"%", "a percent sign is attached to its number: `12.5%`"},
    {"-–—−", "amounts have no sign, and a hyphen stands between the letters of a name"},
    {"{}()[];", "a statement is one line; it needs no brackets and no mark at its end"},
};

Diagnostic fault(std::string_view code, Place place, std::string message, std::string label,
                 std::string help) {
  Diagnostic result = diagnostic(code, std::move(message), place, std::move(label));
  result.notes.push_back({"help", std::move(help)});
  return result;
}

std::string in_hex(char32_t c) { return fmt::format("U+{:04X}", static_cast<uint32_t>(c)); }

std::string_view name_of(Alphabet alphabet) {
  switch (alphabet) {
    case Alphabet::Latin:
      return "Latin";
    case Alphabet::Greek:
      return "Greek";
    case Alphabet::Cyrillic:
      return "Cyrillic";
    case Alphabet::Armenian:
      return "Armenian";
    case Alphabet::Cherokee:
      return "Cherokee";
    case Alphabet::None:
      break;
  }
  return "unknown";
}

bool is_printed_ascii(char c) { return c >= ' ' && c <= '~'; }

bool is_part_of_word(char32_t c) {
  if (c >= 0x80) return !is_foreign_blank(c) && !(c >= 0x2000 && c <= 0x2BFF);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Finds the faults of one line; each member looks for one family.
class LineFaults {
 public:
  LineFaults(std::string_view text, const Line& line, uint32_t file_index,
             const ParseLimits& limits)
      : text_(text), line_(line), file_(file_index), limits_(limits) {}

  std::optional<Diagnostic> first() const {
    if (line_.cut) return too_long();
    if (auto found = of_characters()) return found;
    for (size_t i = 0; i < line_.tokens.size(); ++i) {
      if (const auto glued = glued_fault(line_, i))
        return fault(glued->code, place(glued->span), glued->message, "", glued->help);
      if (auto found = of(line_.tokens[i])) return found;
    }
    return std::nullopt;
  }

 private:
  Place place(Span span) const { return {file_, span}; }

  Diagnostic too_long() const {
    uint32_t end = line_.span.begin + limits_.line_bytes_max;
    return fault(
        "E022", place({end, end + 1}),
        fmt::format("a line has {} bytes at most", limits_.line_bytes_max),
        fmt::format("this one has {}", line_.span.end - line_.span.begin),
        line_.tokens.empty() || !line_.tokens[0].is_word("dimension")
            ? "a statement is one line; say the same with several statements"
            : "list the values that have a price of their own and `other` for the rest, or "
              "make two dimensions of it, such as `continent` and `country`");
  }

  std::optional<Diagnostic> of_characters() const {
    std::string_view text = text_.substr(0, line_.span.end);
    for (uint32_t at = line_.span.begin; at < line_.span.end;) {
      if (is_printed_ascii(text[at])) {  // nearly all of a text
        ++at;
        continue;
      }
      CodePoint c = decode(text, at);
      Place here = place({at, at + c.length});
      at += c.length;
      if (!c.valid) {
        return fault("E011", here, "the text is not UTF-8",
                     fmt::format("the byte {:02X} is no part of a character",
                                 static_cast<uint32_t>(c.value)),
                     "save the file as UTF-8");
      }
      if (c.value == '\r') {
        return fault("E026", here, "a carriage return inside a line", "",
                     "end lines with a line feed, or with carriage return and line feed");
      }
      bool bidi = is_bidi_control(c.value);
      if (bidi || is_invisible(c.value)) {
        return fault("E013", here,
                     bidi ? "a character that turns the direction of the text"
                          : "a character that cannot be seen",
                     in_hex(c.value), "delete it: a reviewer has to read the text that Toll reads");
      }
    }
    return std::nullopt;
  }

  std::optional<Diagnostic> of(const Token& token) const {
    switch (token.kind) {
      case TokenKind::Word:
        return of_word(token);
      case TokenKind::Number:
      case TokenKind::Percent:
        return of_number(token);
      case TokenKind::Date:
      case TokenKind::Month:
      case TokenKind::Hours:
        return of_time(token);
      case TokenKind::NearNumber: {
        NumberFault why = explain_near_number(token.text);
        if (token.text.starts_with('-') && line_.tokens[0].is_word("expect"))
          why.help = fmt::format(
              "write `{}`: what a discount or a maximum takes off is expected without a sign",
              token.text.substr(1));
        return fault(why.code, place(token.span), why.message, why.label, why.help);
      }
      case TokenKind::NearWord:
        if (auto mixed = of_alphabets(token.span)) return mixed;
        return fault("E021", place(token.span),
                     fmt::format("`{}` is not a word in Toll", token.text), "",
                     fmt::format("{}; a label in quotes may have any letters", kWordHelp));
      case TokenKind::Label:
        if (auto found = of_composition(token.span)) return found;
        if (token.text.size() > 2) return of_alphabets(token.span);
        return fault("E019", place(token.span), "the label is empty", "",
                     "say in a few words what the line is for, or leave the quotes out");
      case TokenKind::OpenLabel:
        return fault("E019", place(token.span), "the label is not closed", "",
                     "end it with `\"` on the same line; a label cannot contain one");
      case TokenKind::Stray:
        return of_stray(token);
      case TokenKind::Punctuation:
        break;
    }
    return std::nullopt;
  }

  std::optional<Diagnostic> of_word(const Token& token) const {
    if (token.text.size() <= limits_.word_bytes_max) return std::nullopt;
    return fault("E023", place(token.span),
                 fmt::format("a word has {} letters at most", limits_.word_bytes_max),
                 fmt::format("this one has {}", token.text.size()),
                 "choose a shorter name; a label in quotes may be longer");
  }

  std::optional<Diagnostic> of_number(const Token& token) const {
    std::string_view number = token.text;
    if (token.kind == TokenKind::Percent) number.remove_suffix(1);
    if (number_value(number)) return std::nullopt;
    return fault("E020", place(token.span),
                 fmt::format("a number has {} digits at most", kDigitsMax), "",
                 "Toll never rounds what is written, so it refuses what it cannot hold");
  }

  std::optional<Diagnostic> of_time(const Token& token) const {
    if (token.kind == TokenKind::Date && !parse_date(token.text)) {
      return fault("E018", place(token.span), fmt::format("there is no day `{}`", token.text), "",
                   "write year, month and day, as in `2026-01-31`; years are 1900 to 9999");
    }
    if (token.kind == TokenKind::Month && !parse_month(token.text)) {
      return fault("E018", place(token.span), fmt::format("there is no month `{}`", token.text), "",
                   "write year and month, as in `2026-01`; years are 1900 to 9999");
    }
    if (token.kind == TokenKind::Hours && !are_hours(token.text)) {
      return fault("E018", place(token.span),
                   fmt::format("`{}` is not a stretch of one day", token.text), "",
                   "write the earlier time first, as in `08:00-20:00` or `20:00-24:00`");
    }
    return std::nullopt;
  }

  /// A letter of another alphabet next to Latin ones in one word: it was put there to look alike.
  std::optional<Diagnostic> of_alphabets(Span span) const {
    for (uint32_t at = span.begin; at < span.end;) {
      Span word{at, at};
      bool latin = false;
      std::optional<Span> letter;
      Alphabet other = Alphabet::None;
      while (at < span.end) {
        CodePoint c = decode(text_, at);
        at += c.length;
        if (!is_part_of_word(c.value)) break;
        word.end = at;
        Alphabet a = alphabet(c.value);
        latin |= a == Alphabet::Latin;
        bool foreign = a != Alphabet::Latin && a != Alphabet::None;
        if (foreign && !letter) {
          letter = Span{at - c.length, at};
          other = a;
        }
      }
      if (latin && letter) {
        auto text = text_.substr(word.begin, word.end - word.begin);
        return fault("E015", place(*letter),
                     fmt::format("`{}` mixes Latin and {} letters", text, name_of(other)),
                     fmt::format("this letter is {}", name_of(other)),
                     "type the word anew with the letters of one alphabet");
      }
    }
    return std::nullopt;
  }

  /// A letter that could be written in another way and look the same.
  std::optional<Diagnostic> of_composition(Span span) const {
    CodePoint before;
    for (uint32_t at = span.begin; at < span.end;) {
      CodePoint c = decode(text_, at);
      bool pair = composes(before.value, c.value);
      if (pair || is_replaced_in_nfc(c.value)) {
        uint32_t begin = pair ? at - before.length : at;
        return fault("E027", place({begin, at + c.length}),
                     "a letter that is not in Unicode's composed form (NFC)",
                     pair ? fmt::format("{} and {}", in_hex(before.value), in_hex(c.value))
                          : in_hex(c.value),
                     "type the letter anew: texts that look the same have to be the same");
      }
      before = c;
      at += c.length;
    }
    return std::nullopt;
  }

  Diagnostic of_stray(const Token& token) const {
    CodePoint c = decode(text_, token.span.begin);
    if (is_foreign_blank(c.value)) {
      return fault("E013", place(token.span), "a blank that is not an ordinary one",
                   in_hex(c.value), "replace it by an ordinary blank");
    }
    auto known = std::ranges::find_if(
        kStrayHelp, [&](const StrayHelp& h) { return h.characters.contains(token.text); });
    return fault("E021", place(token.span), fmt::format("`{}` has no meaning in Toll", token.text),
                 "", std::string(known == std::end(kStrayHelp) ? kWordHelp : known->help));
  }

  std::string_view text_;
  const Line& line_;
  uint32_t file_;
  const ParseLimits& limits_;
};

}  // namespace

std::optional<Diagnostic> file_fault(const SourceFile& file, uint32_t file_index,
                                     const ParseLimits& limits) {
  std::string_view text = file.text;
  if (text.size() > limits.bytes_max) {
    return fault("E024", {file_index, {0, 0}},
                 fmt::format("a file has {} bytes at most", limits.bytes_max), "this one is larger",
                 "give declarations and cards files of their own");
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return fault("E009", {file_index, {0, 1}}, "the file is UTF-16", "", "save the file as UTF-8");
  }
  size_t zero = text.find('\0');
  if (zero == text.npos) return std::nullopt;
  uint32_t at = static_cast<uint32_t>(zero);
  return fault("E009", {file_index, {at, at + 1}}, "the file is not a text", "a zero byte",
               "save the file as UTF-8 text");
}

std::optional<Diagnostic> line_fault(std::string_view text, const Line& line, uint32_t file_index,
                                     const ParseLimits& limits) {
  return LineFaults(text, line, file_index, limits).first();
}

std::optional<Diagnostic> tab_fault(std::string_view text, const Line& line, uint32_t file_index) {
  size_t tab = text.substr(0, line.span.end).find('\t', line.span.begin);
  if (tab == text.npos) return std::nullopt;
  uint32_t at = static_cast<uint32_t>(tab);
  return fault("E012", {file_index, {at, at + 1}}, "a tab where blanks belong",
               "it looks different in every editor",
               "run `toll fmt`, or indent with two blanks a level and set words off with one");
}

}  // namespace toll::dsl::scan
