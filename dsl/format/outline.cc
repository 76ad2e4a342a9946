#include "dsl/format/outline.h"

#include <algorithm>
#include <array>

#include "dsl/scan/rows.h"

namespace toll::dsl::formatting {
namespace {

constexpr auto kDeclarations =
    std::to_array<std::string_view>({"unit", "dimension", "meter", "cost", "card", "invoice"});
constexpr auto kItems = std::to_array<std::string_view>(
    {"fee", "charge", "pool", "bill", "commit", "plan", "limit", "feature", "alert", "change",
     "remove", "guarantee", "example"});
constexpr auto kHeaders = std::to_array<std::string_view>(
    {"for", "from", "currency", "time", "period", "round", "switch", "applies"});

bool is_one_of(const scan::Token& token, std::span<const std::string_view> words) {
  return token.kind == scan::TokenKind::Word && std::ranges::find(words, token.text) != words.end();
}

}  // namespace

bool Outline::is_row(std::span<const scan::Token> tokens) const {
  if (block_ == Block::Dimension) return scan::is_dimension_row(tokens);
  return has_rows_ && scan::is_price_row(tokens);
}

Standing Outline::next(std::span<const scan::Token> tokens) {
  if (is_row(tokens)) return {Role::Body, body_depth_, true};
  if (tokens[0].is_word("toll") && block_ == Block::None) return {Role::Opening, 0};
  if (is_one_of(tokens[0], kDeclarations)) return declare(tokens[0].text);
  if (block_ != Block::Card) return {Role::Body, body_depth_};
  if (is_one_of(tokens[0], kItems)) return item(tokens);
  return in_header_ ? Standing{Role::Header, 1} : Standing{Role::Body, body_depth_};
}

Standing Outline::declare(std::string_view keyword) {
  block_ = keyword == "card"        ? Block::Card
           : keyword == "dimension" ? Block::Dimension
                                    : Block::Other;
  in_header_ = keyword == "card";
  in_plan_ = false;
  has_rows_ = keyword == "cost";
  body_depth_ = 1;
  return {Role::Declaration, 0};
}

/// A plan holds the items below it up to the next one. Guarantees and examples are about the card
/// as a whole, wherever they stand.
Standing Outline::item(std::span<const scan::Token> tokens) {
  const scan::Token& word = tokens[0];
  const bool opens_plan = word.is_word("plan");
  const bool about_card = opens_plan || word.is_word("guarantee") || word.is_word("example");
  const uint32_t depth = in_plan_ && !about_card ? 2 : 1;
  if (opens_plan) in_plan_ = true;
  in_header_ = false;
  has_rows_ = word.is_word("charge") || word.is_word("change");
  body_depth_ = depth + 1;
  return {Role::Item, depth};
}

uint32_t header_rank(std::string_view keyword) {
  return static_cast<uint32_t>(std::ranges::find(kHeaders, keyword) - kHeaders.begin());
}

}  // namespace toll::dsl::formatting
