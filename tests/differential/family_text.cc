#include "tests/differential/family_text.h"

#include <algorithm>
#include <sstream>

namespace toll::differential {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_number(char c) { return is_digit(c) || c == '.' || c == ','; }

/// The next word at or after `at`, and where it ends.
std::string_view word_at(std::string_view text, size_t at) {
  const size_t begin = std::min(text.find_first_not_of(' ', at), text.size());
  return text.substr(begin, text.find_first_of(" ,\n", begin) - begin);
}

/// Where the first number begins and ends; of words with digits in them there are none before it.
struct Found {
  size_t begin, end;
};
std::optional<Found> first_number(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at]) || (at > 0 && text[at - 1] != ' ')) continue;
    size_t end = at;
    while (end < text.size() && is_of_number(text[end])) ++end;
    return Found{at, end};
  }
  return std::nullopt;
}

/// Copies a line; each amount of `currency` goes through `write(out, number, amount)`.
template <typename Write>
std::string rewritten(std::string_view line, const std::string& currency, const Write& write) {
  std::string out;
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find(' ', at), line.size());
    const std::string_view word = line.substr(at, end - at);
    const size_t next_end =
        std::min(line.find_first_of(" ,\n", std::min(end + 1, line.size())), line.size());
    const bool amount = !word.empty() && is_digit(word.front()) && end < line.size() &&
                        line.substr(end + 1, next_end - end - 1) == currency;
    if (amount) {
      write(out, word, line.substr(at, next_end - at));
      at = next_end;
    } else {
      out += line.substr(at, std::min(end + 1, line.size()) - at);
      at = end + 1;
    }
  }
  return out;
}

/// An amount for each one of the first currency; of two the larger one stays the larger.
std::string counterpart(std::string_view number, const std::string& other) {
  std::string digits = "1" + std::string(number);
  std::erase(digits, ',');
  return digits + " " + other;
}

}  // namespace

std::string ItemText::name() const { return std::string(word_at(head, head.find(' '))); }

std::string ItemText::meter() const {
  // A label holds ` on ` nowhere.
  const size_t on = head.find(" on ");
  return on == head.npos ? name() : std::string(word_at(head, on + 3));
}

FamilyText read_card(const std::string& text) {
  FamilyText card;
  const size_t begin = text.find("\ncard ") + 1;
  card.declarations = text.substr(0, begin);
  card.sections.emplace_back();
  std::istringstream lines(text.substr(begin));
  std::string line;
  std::getline(lines, line);  // the card's name
  while (std::getline(lines, line)) {
    const size_t indent = std::min(line.find_first_not_of(' '), line.size());
    const std::string words = line.substr(indent);
    auto& items = card.sections.front().items;
    if (indent > 2) {
      items.back().body.push_back(words);
      continue;
    }
    bool is_header = false;
    for (const std::string_view keyword : {"from ", "currency ", "period ", "round "})
      is_header = is_header || words.starts_with(keyword);
    if (words.starts_with("currency ")) card.currency = words.substr(9);
    if (words.starts_with("period ")) card.period = words.substr(7);
    if (is_header)
      card.header.push_back(words);
    else
      items.push_back({words, {}});
  }
  return card;
}

std::string price_of(std::string_view row) {
  if (row.starts_with("at ")) return std::string(row.substr(3));
  const size_t at = row.find(" at ");
  return at == row.npos ? std::string() : std::string(row.substr(at + 4));
}

std::optional<std::string> with_other_number(std::string text) {
  const auto number = first_number(text);
  if (!number) return std::nullopt;
  for (size_t at = number->begin; at < number->end; ++at) {
    if (!is_digit(text[at]) || text[at] == '0') continue;
    text[at] = text[at] == '9' ? '8' : static_cast<char>(text[at] + 1);
    return text;
  }
  return std::nullopt;
}

std::string in_other_digits(std::string text) {
  const auto number = first_number(text);
  if (!number) return text;
  std::string digits = text.substr(number->begin, number->end - number->begin);
  const size_t point = digits.find('.');
  if (point != digits.npos && digits.size() - point < 6) digits += '0';
  std::erase(digits, ',');
  return text.replace(number->begin, number->end - number->begin, digits);
}

std::string in_both(std::string_view line, const std::string& currency, const std::string& other) {
  return rewritten(line, currency, [&](std::string& out, auto number, auto amount) {
    out += std::string(amount) + " or " + counterpart(number, other);
  });
}

std::string in_other(std::string_view line, const std::string& currency, const std::string& other) {
  return rewritten(line, currency,
                   [&](std::string& out, auto number, auto) { out += counterpart(number, other); });
}

}  // namespace toll::differential
