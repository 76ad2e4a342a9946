#include "runtime/bulk/wide_rows.h"

#include <algorithm>
#include <charconv>

#include "base/utf8.h"
#include "runtime/bulk/words.h"

namespace toll::runtime {
namespace {

/// Where fewer rows are rated together, making a function costs more than it saves.
constexpr size_t kRowsToCompile = 4096;

/// The customers that have a card of their own in the place of this one, in order.
std::vector<std::string> customers_with_deals(const CardSet& cards, std::string_view card) {
  std::vector<std::string> customers;
  for (const std::shared_ptr<const Revision>& revision : cards.revisions())
    if (revision->card().customer && revision->card().deal_on == card)
      customers.push_back(*revision->card().customer);
  for (const dsl::HeldBack& held : cards.held_back())
    if (held.customer && held.deal_on == card) customers.push_back(*held.customer);
  std::ranges::sort(customers);
  return customers;
}

/// Whether a row costs something where it is named and nothing was used.
bool costs_unused(const dsl::Charge& charge) {
  using Kind = dsl::syntax::MoneyLine::Kind;
  const auto adds = [](const dsl::MoneyStep& step) {
    return step.reach != dsl::Reach::Shared && !step.fraction &&
           (step.kind == Kind::Minimum || step.kind == Kind::Surcharge);
  };
  const auto at_nothing = [](const dsl::PriceTable& table) {
    return std::ranges::any_of(
        table.tiers, [](const dsl::Tier& tier) { return tier.up_to && tier.up_to->is_zero(); });
  };
  return !charge.by.empty() && (std::ranges::any_of(charge.money_steps, adds) ||
                                std::ranges::any_of(charge.tables, at_nothing));
}

/// As format_minor() has it.
void append_minor(std::string& text, int64_t minor, int places) {
  if (minor < 0) {
    text += format_minor(minor, Currency{.exponent = static_cast<uint8_t>(places)});
    return;
  }
  constexpr std::string_view kPairs =
      "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445"
      "46474849505152535455565758596061626364656667686970717273747576777879808182838485868788899091"
      "9293949596979899";
  char digits[24];
  char* const last = std::end(digits);
  char* at = last;
  for (; minor >= 100; minor /= 100) {
    at -= 2;
    kPairs.copy(at, 2, static_cast<size_t>(minor % 100) * 2);
  }
  *--at = static_cast<char>('0' + minor % 10);
  if (minor >= 10) *--at = static_cast<char>('0' + minor / 10);
  while (last - at <= places) *--at = '0';
  text.append(at, last - places);
  if (places > 0) text.append(1, '.').append(last - places, last);
}

}  // namespace

WideRows::WideRows(const CardSet& cards, const UsageDocument& asked, const BoundUsage& bound,
                   const TableColumns& columns, ColumnFunctions& functions, OutputForm form)
    : columns_(columns),
      functions_(functions),
      form_(form),
      currency_(bound.revision->card().currency),
      only_customer_(asked.customer),
      with_deals_(customers_with_deals(cards, asked.card)),
      native_(bound.revision->native()),
      rows_(columns, form.format),
      rater_(cards, asked, bound),
      plain_(columns, form.format),
      rows_cost_(std::ranges::any_of(bound.revision->card().charges, costs_unused)) {}

void WideRows::rate(Block& block) {
  read_lines(block);
  const bool rated = rate_columns();
  if (form_.amounts) block.amounts.reserve(block.text.size() + lines_.size() * 24);
  for (Line& line : lines_) {
    if (!rated) line.row = kByItself;
    put(block, line);
  }
}

void WideRows::read_lines(const Block& block) {
  lines_.clear();
  plain_.clear();
  const bool ascii = is_ascii(block.text);
  const char* const readable = block.text.data() + block.text.size();
  for_each_line_of(block, [&](size_t number, std::string_view text) {
    const bool plain = (ascii || is_utf8(text)) && plain_.add(text, readable) &&
                       (!columns_.customer || is_ordinary(plain_.customer())) &&
                       !(rows_cost_ && plain_.has_zero());
    lines_.push_back({number, text, plain ? plain_.rows() - 1 : kByItself});
  });
}

/// Whether its rows are this card's, as those of most customers are.
bool WideRows::is_ordinary(std::string_view customer) const {
  if (only_customer_) return customer == *only_customer_;
  return with_deals_.empty() || !std::ranges::binary_search(with_deals_, customer, std::less<>());
}

/// False where the plain lines are to be rated one by one, like the others.
bool WideRows::rate_columns() {
  if (plain_.rows() < kRowsToCompile || !plain_.align(scales_)) return false;
  const compiler::ColumnFunction* const function = functions_.at(scales_);
  if (!function) return false;
  auto rater = raters_.find(function);
  if (rater == raters_.end())
    rater = raters_.emplace(function, compiler::ColumnRater(*function, native_)).first;
  totals_.resize(plain_.rows());
  apart_.clear();
  const std::vector<const int64_t*> columns = plain_.columns();
  const std::vector<const void*> quantities(columns.begin(), columns.end());
  rater->second.rate({.quantities = quantities.data(), .rows = plain_.rows()},
                     {.totals = totals_.data()}, apart_);
  // A row that has no total in 64 bits has a reason, or a total, by itself.
  for (Line& line : lines_)
    if (line.row != kByItself &&
        std::ranges::binary_search(apart_, line.row, {}, &compiler::RowApart::row))
      line.row = kByItself;
  return true;
}

void WideRows::put(Block& block, const Line& line) {
  ++block.totals.rows;
  const auto total = line.row == kByItself ? rate_line(line.text)
                                           : std::expected<Int128, std::string>(totals_[line.row]);
  const auto sum = total ? checked_add(block.totals.total, *total) : std::nullopt;
  if (!total) return reject(block, line.number, total.error(), line.text);
  if (!sum) return reject(block, line.number, "the amounts of the table do not add up", line.text);
  block.totals.total = *sum;
  ++block.totals.rated;
  ++block.totals.bills;
  if (form_.amounts) append_rated(block.amounts, form_.format, line.text, amount_text(*total));
}

/// As format_minor() has it; valid until the next call.
std::string_view WideRows::amount_text(Int128 total) {
  amount_.clear();
  if (fits_int64(total))
    append_minor(amount_, static_cast<int64_t>(total), currency_.exponent);
  else
    amount_ = format_minor(total, currency_);
  return amount_;
}

std::expected<Int128, std::string> WideRows::rate_line(std::string_view line) {
  const auto fields = rows_.fields(line);
  if (!fields) return std::unexpected(fields.error());
  std::string why = columns_.customer ? rater_.unfit_customer((*fields)[*columns_.customer]) : "";
  for (size_t i = 0; i < fields->size(); ++i) {
    const auto& cell = columns_.columns[i].cell;
    if (!cell) continue;
    if (const std::string fault = rater_.add(*cell, (*fields)[i]); !fault.empty() && why.empty())
      why = rows_.named(i, fault);
  }
  auto total = rater_.rate();
  if (!why.empty()) return std::unexpected(std::move(why));
  return total;
}

}  // namespace toll::runtime
