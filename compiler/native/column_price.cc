#include "compiler/native/column_price.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "compiler/lower/fold.h"

namespace toll::compiler {

using llvm::Value;

namespace {

/// More tiers than this are searched for in a table.
constexpr size_t kChainMax = 16;

/// Entries of a constant table at most.
constexpr size_t kEntriesMax = size_t{1} << 20;

/// a - b x c modulo 2^128.
Int128 offset(Int128 a, Int128 b, Int128 c) {
  return static_cast<Int128>(static_cast<UInt128>(a) -
                             static_cast<UInt128>(b) * static_cast<UInt128>(c));
}

bool has_blocks(const Table& table) {
  return std::ranges::any_of(table.pieces,
                             [](const Piece& piece) { return !piece.blocks.empty(); });
}

}  // namespace

ColumnPrice::ColumnPrice(const RatingProgram& program, const Charge& charge, uint32_t scale,
                         Lanes& lanes)
    : program_(program),
      charge_(charge),
      factor_(power_of_ten(static_cast<int>(scale))),
      lanes_(lanes) {}

/// As a bound: the largest number where it is larger.
Int128 ColumnPrice::scaled(Int128 constant) const {
  return checked_mul(constant, factor_).value_or(kInt128Max);
}

/// Of a piece that is reached all but the offset fits, and the offset may wrap.
ColumnPrice::Line ColumnPrice::line_of(const Piece& piece, bool rounds_tiers) const {
  const Int128 start = scaled(piece.start), lower = scaled(piece.lower);
  const Int128 minor = scaled(charge_.price_denominator);
  return {.base = offset(start, lower, piece.price),
          .price = piece.price,
          .below = rounds_tiers ? checked_mul(piece.below, minor).value_or(kInt128Max) : 0};
}

/// How many pieces there are up to a quantity; the first one always is.
size_t ColumnPrice::reached(const Table& table, Int128 most) const {
  size_t count = 1;
  while (count < table.pieces.size() && scaled(table.pieces[count - 1].up_to) < most) ++count;
  return count;
}

/// The largest amount of a quantity up to `most`, before tiers are rounded.
Int128 ColumnPrice::most_of(const Table& table, Int128 most) {
  Fold fold;
  Int128 bound = 0;
  for (size_t i = 0; i < reached(table, most); ++i) {
    const Piece& piece = table.pieces[i];
    const Int128 width = std::min(most, scaled(piece.up_to)) - scaled(piece.lower);
    Int128 amount = fold.add(fold.mul(piece.start, factor_), fold.mul(width, piece.price));
    for (const Block& block : piece.blocks)
      amount = fold.add(amount,
                        fold.mul(width / scaled(block.size) + 1, fold.mul(block.price, factor_)));
    bound = std::max(bound, amount);
  }
  if (!fold.fits) lanes_.refuse();
  return bound;
}

std::optional<Lane> ColumnPrice::of_table(const Table& table, const Lane& n) {
  const Int128 at_zero = scaled(table.at_zero);
  if (table.pieces.empty()) {  // closed right above 0
    lanes_.check(n, 0);
    return lanes_.constant(at_zero);
  }
  const Lane within = table.open() ? n : lanes_.check(n, scaled(table.pieces.back().up_to));
  const auto amount = above_zero(table, within);
  if (!amount || (!table.rounds_tiers && table.pieces.front().start == table.at_zero))
    return amount;
  return lanes_.select(lanes_.is_zero(n), lanes_.constant(at_zero), *amount);
}

std::optional<Lane> ColumnPrice::above_zero(const Table& table, const Lane& n) {
  const size_t pieces = reached(table, n.most);
  const Int128 most = most_of(table, n.most);
  if (has_blocks(table)) {
    if (pieces > kChainMax) return std::nullopt;
    return chosen_blocks(table, pieces, n, most);
  }
  if (pieces <= kChainMax) return chosen(table, pieces, n, most);
  const Table* const tables[] = {&table};
  return searched(tables, nullptr, n, most, table.rounds_tiers);
}

Lane ColumnPrice::straight(const Lane& base, const Lane& n, const Lane& price, const Lane& below,
                           Int128 most, bool rounds_tiers) {
  const Lane slice = lanes_.line(base, n, price, most);
  return rounds_tiers ? rounded_slice(slice, below) : slice;
}

/// The line of the last piece whose lower bound is below n.
Lane ColumnPrice::chosen(const Table& table, size_t pieces, const Lane& n, Int128 most) {
  Lane base, price, below;
  for (size_t i = 0; i < pieces; ++i) {
    const Line line = line_of(table.pieces[i], table.rounds_tiers);
    const Lane next_base = lanes_.bits(line.base);
    const Lane next_price = lanes_.constant(line.price);
    const Lane next_below = lanes_.constant(line.below);
    if (i == 0) {
      base = next_base, price = next_price, below = next_below;
      continue;
    }
    Value* above = lanes_.is_above(n, lanes_.threshold(scaled(table.pieces[i - 1].up_to)));
    base = lanes_.select(above, next_base, base);
    price = lanes_.select(above, next_price, price);
    below = lanes_.select(above, next_below, below);
  }
  return straight(base, n, price, below, most, table.rounds_tiers);
}

/// The same where pieces count blocks: each by itself, then one of them.
Lane ColumnPrice::chosen_blocks(const Table& table, size_t pieces, const Lane& n, Int128 most) {
  Lane amount;
  for (size_t i = 0; i < pieces; ++i) {
    const Lane next = of_piece(table.pieces[i], n, most, table.rounds_tiers);
    if (i == 0) {
      amount = next;
      continue;
    }
    Value* above = lanes_.is_above(n, lanes_.threshold(scaled(table.pieces[i - 1].up_to)));
    amount = lanes_.select(above, next, amount);
  }
  return amount;
}

/// Below the piece's bounds the result means nothing, and need not fit.
Lane ColumnPrice::of_piece(const Piece& piece, const Lane& n, Int128 most, bool rounds_tiers) {
  const Line line = line_of(piece, rounds_tiers);
  Lane amount = lanes_.line(lanes_.bits(line.base), n, lanes_.constant(line.price), most);
  const Lane lower = lanes_.threshold(scaled(piece.lower));
  const Lane above = lanes_.sub(lanes_.max(n, lower), lower);
  for (const Block& block : piece.blocks) {
    const Lane started = lanes_.div_round({above.value, std::max(n.most, lower.most) - lower.most},
                                          scaled(block.size), RoundingMode::Up);
    amount = lanes_.line(amount, started, lanes_.constant(scaled(block.price)), most);
  }
  return rounds_tiers ? rounded_slice(amount, lanes_.constant(line.below)) : amount;
}

/// The full tiers below and the slice, each rounded.
Lane ColumnPrice::rounded_slice(const Lane& slice, const Lane& below) {
  const auto divisor = checked_mul(scaled(charge_.price_denominator), program_.rounding_step);
  if (!divisor) lanes_.refuse();
  const Lane step = lanes_.constant(divisor.value_or(1));
  const Lane rounded = lanes_.div_round(slice, divisor.value_or(1), program_.rounding);
  return lanes_.add(lanes_.mul(rounded, step), below);
}

std::optional<Lane> ColumnPrice::of_cells(Value* cell, const Lane& n) {
  std::vector<const Table*> tables;
  std::vector<Int128> at_zero;
  Int128 most = 0;
  size_t pieces = 1;
  bool differs_at_zero = false;
  for (const uint32_t index : charge_.table_of_cell) {
    const Table& table = charge_.tables[index];
    if (!table.open() || table.rounds_tiers != charge_.tables.front().rounds_tiers)
      return std::nullopt;
    tables.push_back(&table);
    at_zero.push_back(scaled(table.at_zero));
    differs_at_zero =
        differs_at_zero || table.rounds_tiers || table.pieces.front().start != table.at_zero;
    most = std::max(most, most_of(table, n.most));
    pieces = std::max(pieces, reached(table, n.most));
  }
  if (tables.size() * std::bit_ceil(pieces) > kEntriesMax) return std::nullopt;
  const bool rounds_tiers = tables.front()->rounds_tiers;
  const bool blocks =
      std::ranges::any_of(tables, [](const Table* table) { return has_blocks(*table); });
  if (blocks && (pieces > 1 || rounds_tiers)) return std::nullopt;
  const auto amount = blocks ? blocks_of_cells(tables, cell, n, most)
                             : searched(tables, cell, n, most, rounds_tiers);
  if (!amount || !differs_at_zero) return amount;
  const Lane unused = lanes_.lookup(at_zero, cell, std::ranges::max(at_zero));
  return lanes_.select(lanes_.is_zero(n), unused, *amount);
}

Lane ColumnPrice::searched(std::span<const Table* const> tables, Value* index, const Lane& n,
                           Int128 most, bool rounds_tiers) {
  size_t pieces = 1;
  for (const Table* table : tables) pieces = std::max(pieces, reached(*table, n.most));
  const size_t row = std::bit_ceil(pieces);
  const auto k = static_cast<unsigned>(std::bit_width(row) - 1);
  std::vector<Int128> bounds, bases, prices, belows;
  for (const Table* table : tables) {
    const size_t count = reached(*table, n.most);
    for (size_t i = 0; i < row; ++i) {
      const Line line = line_of(table->pieces[std::min(i, count - 1)], rounds_tiers);
      bases.push_back(line.base);
      prices.push_back(line.price);
      belows.push_back(line.below);
      if (i + 1 < row)
        bounds.push_back(i + 1 < count ? scaled(table->pieces[i].up_to) : lanes_.ceiling());
    }
  }
  Value* piece = k == 0 ? nullptr : lanes_.search(bounds, k, n, index);
  Value* entry = lanes_.element(index, k, piece);
  return straight(lanes_.lookup(bases, entry, 0), n,
                  lanes_.lookup(prices, entry, std::ranges::max(prices)),
                  lanes_.lookup(belows, entry, std::ranges::max(belows)), most, rounds_tiers);
}

/// One piece a cell, and blocks of sizes that are the same in all cells.
std::optional<Lane> ColumnPrice::blocks_of_cells(std::span<const Table* const> tables, Value* cell,
                                                 const Lane& n, Int128 most) {
  const std::vector<Block>& like = tables.front()->pieces.front().blocks;
  std::vector<Int128> bases, prices;
  std::vector<std::vector<Int128>> block_prices(like.size());
  for (const Table* table : tables) {
    const Piece& piece = table->pieces.front();
    if (piece.blocks.size() != like.size()) return std::nullopt;
    for (size_t i = 0; i < like.size(); ++i) {
      if (piece.blocks[i].size != like[i].size) return std::nullopt;
      block_prices[i].push_back(scaled(piece.blocks[i].price));
    }
    bases.push_back(scaled(piece.start));
    prices.push_back(piece.price);
  }
  Lane amount = lanes_.line(lanes_.lookup(bases, cell, 0), n,
                            lanes_.lookup(prices, cell, std::ranges::max(prices)), most);
  for (size_t i = 0; i < like.size(); ++i) {
    const Lane started = lanes_.div_round(n, scaled(like[i].size), RoundingMode::Up);
    const Lane price = lanes_.lookup(block_prices[i], cell, std::ranges::max(block_prices[i]));
    amount = lanes_.line(amount, started, price, most);
  }
  return amount;
}

}  // namespace toll::compiler
