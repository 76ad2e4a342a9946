// Budget: what the cards of one check may cost in memory and time, whoever wrote them.
//
// A table stands for more cells than its text has lines, and every card carries the declarations it
// reaches; so a short text can ask for much. The budget grows with the text, far above what real
// cards need, and a card that asks for more is refused.
#pragma once

#include <cstdint>

namespace toll::dsl::checker {

inline constexpr uint64_t kChargesMax = 1'000;     ///< of a card
inline constexpr uint64_t kTiersMax = 10'000;      ///< of a charge
inline constexpr uint64_t kRowsMax = 100'000;      ///< of a charge
inline constexpr uint64_t kCellsMax = 1'000'000;   ///< of a charge
inline constexpr uint64_t kMoneyLinesMax = 1'000;  ///< of a charge, and of the bill
inline constexpr uint64_t kShareNamesMax =
    100;                                        ///< charges and fees of a share, commitment or pool
inline constexpr uint64_t kPoolsMax = 20;       ///< of a card
inline constexpr uint64_t kPoolLinesMax = 100;  ///< grants, or sales, of a pool
inline constexpr uint64_t kFeesMax = 1'000;     ///< of a card
inline constexpr uint64_t kExampleItemsMax = 100'000;  ///< of an example

class Budget {
 public:
  /// For texts of so many bytes together.
  explicit Budget(uint64_t bytes)
      : cells_(4'000'000 + 16 * bytes),
        visits_(16'000'000 + 32 * bytes),
        copies_(500'000 + bytes),
        lines_(300'000),
        text_(4'000'000 + 4 * bytes),
        rows_(50'000 + bytes / 8) {}

  /// Each takes a share; false when there is not enough left.
  bool take_cells(uint64_t count) { return take(cells_, count); }
  /// Steps of the work that may be more than linear: cells that rows cover, units behind units.
  bool take_visits(uint64_t count) { return take(visits_, count); }
  /// Parts of declarations that are copied into a card.
  bool take_copies(uint64_t count) { return take(copies_, count); }
  /// Lines that are checked again for a further plan or currency.
  bool take_lines(uint64_t count) { return take(lines_, count); }
  /// Bytes of cards with what they extend worked in.
  bool take_text(uint64_t count) { return take(text_, count); }
  /// Rows of table files, each as often as a charge reads it.
  bool take_rows(uint64_t count) { return take(rows_, count); }

 private:
  static bool take(uint64_t& left, uint64_t count) {
    if (count > left) return false;
    left -= count;
    return true;
  }

  uint64_t cells_, visits_, copies_, lines_, text_, rows_;
};

}  // namespace toll::dsl::checker
