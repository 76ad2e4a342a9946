#include "dsl/scan/glued.h"

#include <fmt/format.h>

#include <vector>

#include "dsl/scan/number.h"

namespace toll::dsl::scan {
namespace {

bool is_glued(const Line& line, size_t i) {
  return i > 0 && i < line.tokens.size() &&
         line.tokens[i - 1].span.end == line.tokens[i].span.begin;
}

/// The parts of a run of digits between signs, and where it ends.
struct Run {
  std::vector<std::string_view> parts;
  Span span;
};

/// Digits, and more of them behind each sign that `parts` accepts.
template <typename Parts>
Run run_of_digits(const Line& line, size_t first, Parts&& parts) {
  Run run{{line.tokens[first].text}, line.tokens[first].span};
  for (size_t i = first + 1; is_glued(line, i) && is_glued(line, i + 1); i += 2) {
    if (!parts(line.tokens[i]) || !are_digits(line.tokens[i + 1].text)) break;
    run.parts.push_back(line.tokens[i + 1].text);
    run.span.end = line.tokens[i + 1].span.end;
  }
  return run;
}

/// 2026/01/31, 31/01/2026, 2026/01. A fraction, 61/900, has two numbers.
std::optional<GluedFault> date_with_slashes(const Line& line, size_t first) {
  const Run run = run_of_digits(line, first, [](const Token& token) { return token.is_sign('/'); });
  const bool month = run.parts.size() == 2 && run.parts[0].size() == 4 &&
                     run.parts[1].size() == 2 && run.parts[1].front() == '0';
  if (run.parts.size() != 3 && !month) return std::nullopt;
  return GluedFault{"E018", run.span,
                    fmt::format("`{}` is not a date in Toll", fmt::join(run.parts, "/")),
                    "write dates as `2026-01-31` and months as `2026-01`"};
}

/// 1'000, 1’000
std::optional<GluedFault> thousands(const Line& line, size_t first) {
  const Run run = run_of_digits(
      line, first, [](const Token& token) { return token.text == "'" || token.text == "’"; });
  if (run.parts.size() < 2) return std::nullopt;
  const std::string grouped = fmt::format("{}", fmt::join(run.parts, ","));
  return GluedFault{"E017", run.span,
                    fmt::format("`{}` is not a number in Toll", fmt::join(run.parts, "'")),
                    number_kind(grouped) == TokenKind::Number
                        ? fmt::format("digits are grouped with commas: write `{}`", grouped)
                        : "digits are grouped with commas, by three: write `1,000` or `1000`"};
}

bool is_clock(std::string_view text) {
  return text.size() == 5 && text[2] == ':' && are_digits(text.substr(0, 2)) &&
         are_digits(text.substr(3));
}

/// +02:00, -05:00
std::optional<GluedFault> distance_from_utc(const Line& line, size_t first) {
  const Token& token = line.tokens[first];
  const bool ahead =
      token.is_sign('+') && is_glued(line, first + 1) && is_clock(line.tokens[first + 1].text);
  if (!ahead && !(token.text.starts_with('-') && is_clock(token.text.substr(1))))
    return std::nullopt;
  const Span span{token.span.begin, ahead ? line.tokens[first + 1].span.end : token.span.end};
  return GluedFault{
      "E018", span,
      fmt::format("`{}{}` is a distance from UTC, and no time zone", token.text,
                  ahead ? line.tokens[first + 1].text : ""),
      "write the name of the zone, which says when its clocks change: `Europe/Berlin`"};
}

}  // namespace

std::optional<GluedFault> glued_fault(const Line& line, size_t first) {
  if (auto distance = distance_from_utc(line, first)) return distance;
  if (!are_digits(line.tokens[first].text) || is_glued(line, first)) return std::nullopt;
  if (auto date = date_with_slashes(line, first)) return date;
  return thousands(line, first);
}

}  // namespace toll::dsl::scan
