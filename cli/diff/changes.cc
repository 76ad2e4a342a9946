#include "cli/diff/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/money.h"
#include "base/ratio.h"
#include "base/rounding.h"

namespace toll::cli {
namespace {

using Words = std::vector<std::string>;

/// What blanks part; a label is one word.
Words words_of(const std::string& text) {
  Words words;
  for (size_t begin = 0; begin < text.size();) {
    const size_t label_end = text[begin] == '"' ? text.find('"', begin + 1) : begin;
    const size_t end = std::min(text.find(' ', label_end), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string joined(std::span<const std::string> words) {
  return fmt::format("{}", fmt::join(words, " "));
}

/// A number as cards write it: `1,000`, `0.0230`, `2.5M`, `10%`.
std::optional<Decimal> number_of(std::string word) {
  std::erase(word, ',');
  int zeros = 0;
  if (word.ends_with('M')) zeros = 6;
  if (word.ends_with('B')) zeros = 9;
  if (zeros || word.ends_with('%')) word.pop_back();
  const auto number = parse_decimal(word);
  if (!number) return std::nullopt;
  const auto mantissa = checked_mul(number->mantissa, power_of_ten(zeros));
  return mantissa ? std::optional(Decimal{*mantissa, number->scale}) : std::nullopt;
}

/// Where two texts differ: words [begin, before_end) and [begin, after_end).
struct Difference {
  Words before, after;
  size_t begin = 0, before_end = 0, after_end = 0;

  Difference(const std::string& a, const std::string& b) : before(words_of(a)), after(words_of(b)) {
    while (begin < std::min(before.size(), after.size()) && before[begin] == after[begin]) ++begin;
    before_end = before.size();
    after_end = after.size();
    while (before_end > begin && after_end > begin &&
           before[before_end - 1] == after[after_end - 1])
      --before_end, --after_end;
  }
  bool one_word() const { return before_end == begin + 1 && after_end == begin + 1; }
};

std::string percent_of(const std::string& before, const std::string& after) {
  const Difference difference(before, after);
  if (!difference.one_word()) return {};
  const auto from = number_of(difference.before[difference.begin]);
  const auto to = number_of(difference.after[difference.begin]);
  return from && to ? percent_text(*from, *to) : std::string();
}

/// A key with its numbers left out: `up to # calls`. A tier whose bound moved has the same.
std::string without_numbers(const Statement& statement) {
  std::string key = statement.where + "\n";
  for (const std::string& word : words_of(statement.key)) {
    const bool number = std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
    key += (number ? "#" : word) + " ";
  }
  return key;
}

class Matcher {
 public:
  Matcher(std::span<const Statement> before, std::span<const Statement> after)
      : before_(before), after_(after), partner_(after.size()), taken_(before.size()) {}

  std::vector<Change> changes() {
    match([](const Statement& statement) { return statement.canonical + statement.where; });
    match([](const Statement& statement) { return statement.where + "\n" + statement.key; });
    match(without_numbers);
    std::vector<Change> changes;
    for (size_t i = 0; i < after_.size(); ++i)
      if (auto change = change_of(partner_[i], after_[i])) changes.push_back(*std::move(change));
    add_moves(changes);
    for (size_t i = 0; i < before_.size(); ++i)
      if (!taken_[i])
        changes.push_back({Change::Kind::Removed, before_[i].place(), before_[i].value, {}, {}});
    return changes;
  }

 private:
  /// Pairs what has one name and is not paired yet, first with first.
  template <typename Name>
  void match(Name&& name) {
    std::map<std::string, std::vector<size_t>> open;
    for (size_t i = before_.size(); i-- > 0;)
      if (!taken_[i]) open[name(before_[i])].push_back(i);
    for (size_t i = 0; i < after_.size(); ++i) {
      if (partner_[i]) continue;
      const auto found = open.find(name(after_[i]));
      if (found == open.end() || found->second.empty()) continue;
      partner_[i] = &before_[found->second.back()];
      taken_[found->second.back()] = true;
      found->second.pop_back();
    }
  }

  /// Lines that act one after another, in another order than before: the fewest of them whose moves
  /// explain it.
  void add_moves(std::vector<Change>& changes) const {
    std::map<std::string, std::vector<size_t>> orders;  // places in after_
    for (size_t i = 0; i < after_.size(); ++i)
      if (!after_[i].order.empty() && partner_[i] && partner_[i]->order == after_[i].order)
        orders[after_[i].order].push_back(i);
    for (const auto& [order, lines] : orders) {
      const std::vector<bool> stays = in_old_order(lines);
      for (size_t k = 0; k < lines.size(); ++k)
        if (!stays[k]) changes.push_back(move_of(lines, stays, k));
    }
  }

  /// Which of the lines are in a longest sequence that stood in this order before.
  std::vector<bool> in_old_order(const std::vector<size_t>& lines) const {
    std::vector<size_t> length(lines.size(), 1), before(lines.size(), lines.size());
    for (size_t k = 0; k < lines.size(); ++k)
      for (size_t j = 0; j < k; ++j)
        if (partner_[lines[j]] < partner_[lines[k]] && length[j] >= length[k]) {
          length[k] = length[j] + 1;
          before[k] = j;
        }
    std::vector<bool> stays(lines.size());
    const auto longest = std::ranges::max_element(length);
    for (size_t k = static_cast<size_t>(longest - length.begin()); k < lines.size(); k = before[k])
      stays[k] = true;
    return stays;
  }

  /// Against the first line that stays, and that it stands on the other side of now.
  Change move_of(const std::vector<size_t>& lines, const std::vector<bool>& stays, size_t k) const {
    const Statement& moved = after_[lines[k]];
    for (size_t j = 0; j < lines.size(); ++j) {
      const bool was_above = partner_[lines[k]] < partner_[lines[j]];
      if (!stays[j] || was_above == (k < j)) continue;
      const std::string& other = after_[lines[j]].key;
      return {Change::Kind::Changed,
              moved.place(),
              (was_above ? "above " : "below ") + other,
              (was_above ? "below " : "above ") + other,
              {}};
    }
    return {Change::Kind::Changed, moved.place(), "in another place", "here", {}};
  }

  static std::optional<Change> change_of(const Statement* before, const Statement& after) {
    if (!before) return Change{Change::Kind::Added, after.place(), {}, after.value, {}};
    if (before->canonical == after.canonical) return std::nullopt;
    const bool same_key = before->key == after.key;
    Change change{Change::Kind::Changed,
                  same_key              ? after.place()
                  : after.where.empty() ? "card"
                                        : after.where,
                  same_key ? before->value : before->text,
                  same_key ? after.value : after.text,
                  {}};
    change.percent = percent_of(change.before, change.after);
    return change;
  }

  const std::span<const Statement> before_, after_;
  std::vector<const Statement*> partner_;  // per statement of after_
  std::vector<bool> taken_;                // per statement of before_
};

}  // namespace

std::vector<Change> changes_between(std::span<const Statement> before,
                                    std::span<const Statement> after) {
  return Matcher(before, after).changes();
}

std::string arrow(const std::string& before, const std::string& after) {
  const Difference difference(before, after);
  if (!difference.one_word()) return fmt::format("{} → {}", before, after);
  const std::span all(difference.before);
  std::string text = joined(all.first(difference.begin));
  if (!text.empty()) text += " ";
  text += fmt::format("{} → {}", difference.before[difference.begin],
                      difference.after[difference.begin]);
  const std::string rest = joined(all.subspan(difference.begin + 1));
  return rest.empty() ? text : text + " " + rest;
}

std::string percent_text(const Decimal& before, const Decimal& after) {
  const auto from = Ratio::of(before), to = Ratio::of(after);
  if (!from || !to || from->is_zero()) return {};
  const auto difference = checked_sub(*to, *from);
  const auto part = difference ? checked_div(*difference, *from) : std::nullopt;
  const auto hundredths = part ? checked_mul(*part, Ratio(10'000)) : std::nullopt;
  if (!hundredths) return {};
  const Int128 n = hundredths->numerator();
  const Int128 rounded = div_round(n < 0 ? -n : n, hundredths->denominator(), RoundingMode::HalfUp);
  return fmt::format("{}{} %", n < 0 ? "−" : "+", group_thousands(Decimal{rounded, 2}.to_string()));
}

}  // namespace toll::cli
