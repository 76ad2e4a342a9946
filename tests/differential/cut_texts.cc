#include "tests/differential/cut_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/differential/cut_oracle.h"

namespace toll::differential {
namespace {

bool acts_on_rows(const std::string& line) {
  constexpr std::array<std::string_view, 4> kLines = {"    discount ", "    surcharge ",
                                                      "    minimum ", "    maximum "};
  return std::ranges::any_of(kLines,
                             [&](std::string_view begin) { return line.starts_with(begin); });
}

/// Where the items of a card begin, below the four lines of its header.
size_t begin_of_items(const std::string& text) {
  size_t items = text.find("\ncard ") + 1;
  for (int line = 0; line < 5; ++line) items = text.find('\n', items) + 1;
  return items;
}

/// A price of a row; of more calls one may be smaller.
std::string price(Random& random) {
  const auto dollars = [&] { return fmt::format("0.{:03} USD", random.between(1, 999)); };
  const auto up_to = random.between(1, 400);
  if (random.chance(40)) return fmt::format("    any at {} per call\n", dollars());
  return fmt::format(
      "    tiers {}\n    any up to {} calls at {} per call\n"
      "    any beyond at {} per call\n",
      random.chance(50) ? "volume" : "graduated", up_to, dollars(), dollars());
}

}  // namespace

std::string with_other_prices(const std::string& text) {
  const std::string dearer = std::regex_replace(text, std::regex(R"( at (\d))"), " at 1$1");
  if (text.size() % 4 == 0)
    return std::regex_replace(dearer, std::regex(R"(\n +minimum [^\n]*)"), "");
  if (text.size() % 4 == 1) return dearer;
  return std::regex_replace(dearer, std::regex(R"( (minimum|maximum) (\d))"), " $1 1$2");
}

std::string without_some_lines(const std::string& text, Random& random) {
  std::string result;
  std::istringstream lines(text);
  bool dropped = false;  // with what stands below it
  for (std::string line; std::getline(lines, line);) {
    const bool below = dropped && line.starts_with("    ");
    const bool may_go =
        acts_on_rows(line) || line.starts_with("  bill ") || line.starts_with("  commit ");
    dropped = below || (may_go && random.chance(35));
    if (!dropped) result += line + "\n";
    dropped = dropped && (below || line.starts_with("  commit "));
  }
  return result;
}

std::string with_minimums_of_days(const std::string& text, Random& random) {
  const size_t at = text.find("\n  currency ") + 12;
  const std::string currency = text.substr(at, 3);
  std::string result, minimum;
  const auto put = [&] { result += std::exchange(minimum, ""); };
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("    ") || acts_on_rows(line)) put();
    if (line.contains("credit")) minimum.clear();
    result += line + "\n";
    if (!line.starts_with("  charge ") || line.contains(" each ") || random.chance(40)) continue;
    minimum = fmt::format("    minimum {} {} prorated by day{}\n", random.between(1, 9'999'999),
                          currency, line.contains(" by ") ? " in each row" : "");
    if (random.chance(50)) minimum += fmt::format("    discount {}%\n", random.between(1, 99));
  }
  put();
  if (random.chance(50))
    result += fmt::format("  bill minimum {} {} prorated by day\n", random.between(1, 99'999'999),
                          currency);
  const std::string term = random.pick(std::array{"month", "quarter", "year"});
  if (random.chance(50))
    result += fmt::format("  commit promised {} {} per {}\n    true up every {}\n",
                          random.between(1, 99'999'999), currency, term, term);
  return result;
}

std::string with_grants(const std::string& text, Random& random) {
  const std::string order = random.chance(50) ? "soonest-expiring" : "oldest";
  std::string result;
  std::istringstream lines(text);
  bool in_pool = false;
  for (std::string line; std::getline(lines, line);) {
    result += line + "\n";
    in_pool = line.starts_with("  pool ") && line.contains(" in credit");
    if (!in_pool) continue;
    for (const char* every : {"month", "week", "quarter"})
      if (random.chance(40))
        result += fmt::format("    grant {} credits every {}\n", random.between(1, 3000), every);
    result += fmt::format("    spend {} first\n", order);
  }
  return result;
}

std::string rounded_otherwise(const std::string& text, Random& random) {
  const std::string each = random.pick(std::array{"line", "item", "tier", "bill"});
  const std::string mode = random.pick(std::array{"half-up", "half-even", "up", "down"});
  return std::regex_replace(text, std::regex("  round each [^\n]*\n"),
                            "  round each " + each + " " + mode + "\n");
}

std::string dearer(const std::string& text, int first_day) {
  std::string later =
      std::regex_replace(with_other_prices(text), std::regex(R"( grant (\d))"), " grant 1$1");
  const size_t from = later.find("  from 2026-01-05\n");
  return later.replace(from, 18,
                       fmt::format("  from {}\n  switch at once\n  applies to everyone\n",
                                   toll::to_string(kFirst + std::chrono::days(first_day))));
}

std::string in_plans(const std::string& text, const std::string& later) {
  const auto inner = [](const std::string& card) {
    const std::string items = card.substr(begin_of_items(card));
    return std::regex_replace("\n" + items, std::regex("\n  "), "\n    ");
  };
  return text.substr(0, begin_of_items(text)) + "  plan first" + inner(text) + "\n  plan second" +
         inner(later);
}

std::string without_a_charge(const std::string& text, Random& random) {
  std::vector<size_t> begins;
  for (size_t at = text.find("\n  charge "); at != std::string::npos;
       at = text.find("\n  charge ", at + 1))
    begins.push_back(at + 1);
  if (begins.empty()) return text;
  const size_t begin = begins[random.below(begins.size())];
  size_t end = text.find('\n', begin) + 1;
  while (text.compare(end, 4, "    ") == 0) end = text.find('\n', end) + 1;
  const size_t name = begin + std::string_view("  charge ").size();
  const std::string gone = text.substr(name, text.find_first_of(" \n", name) - name);
  // Shares of it and of others are of the others.
  return std::regex_replace(text.substr(0, begin) + text.substr(end),
                            std::regex("\\b" + gone + " and | and " + gone + "\\b"), "");
}

std::string draw_rounding(Random& random) {
  constexpr std::array kEach = {"line", "item", "tier", "bill"};
  constexpr std::array kModes = {"half-up", "half-even", "up", "down"};
  const std::string each = random.pick(kEach), mode = random.pick(kModes);
  return each + " " + mode;
}

std::string with_shared_lines(Random& random, const std::string& rounding) {
  std::string text =
      "toll 1\nunit call, calls\ndimension kind is a, b\ndimension region is c, d\n"
      "meter calls sums call by kind, region\n"
      "card generated \"C\"\n  from 2026-01-05\n  currency USD\n  period month\n"
      "  round each " +
      rounding + "\n";
  for (const char* charge : {"first", "second"}) {
    text +=
        fmt::format("  charge {} on calls by {}\n", charge, random.chance(80) ? "kind" : "region");
    text += price(random);
    for (uint64_t lines = random.below(5); lines > 0; --lines)
      text +=
          fmt::format("    {} {}.{:02} USD shared\n", random.chance(60) ? "discount" : "surcharge",
                      random.between(0, 200), random.below(100));
  }
  // A bill that is rounded as a whole has no shares.
  const bool whole = rounding.starts_with("bill");
  return text + (whole ? "" : "  charge support\n    at 10% of first and second\n");
}

}  // namespace toll::differential
