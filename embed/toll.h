// Toll in your own process: load a folder of rate cards, ask for quotes, hear how they came about.
//
//   auto cards = toll::RateCards::load("ratecards");
//   auto answer = cards->quote(usage_json);
//
// Usage documents and answers are the JSON texts of `toll quote --json` and POST /v1/quotes, byte
// for byte. Where one document is asked about many times with other quantities, prepare() it once:
// the JSON is read once, and total() writes none.
//
// Every failure is a value; what throws is memory that has run out. Nothing here reads the
// environment, writes to a stream or starts a thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#define TOLL_EXPORT __attribute__((visibility("default")))

namespace toll {

/// What is wrong, and where.
struct Problem {
  /// "ratecards/api.toll:12:5" in a card; a JSON pointer (RFC 6901), such as "/usage/0/meter", in a
  /// usage document; empty where the whole is meant.
  std::string where;
  std::string message;  ///< a card's with the user's line, a caret and the way out
};

/// A result, or at least one problem.
template <typename T>
using OrProblems = std::expected<T, std::vector<Problem>>;

class Prepared;

/// The cards of a folder as they were when it was loaded, each with native code. Never changes: to
/// take a changed price, load the folder again and replace the old value. Copies share; any number
/// of threads may use one.
class TOLL_EXPORT RateCards {
 public:
  /// All cards or none: a folder with a card in error is refused, so that a program does not start
  /// with prices missing. `folder` is read once, without the folders below it.
  static OrProblems<RateCards> load(const std::filesystem::path& folder);

  /// What the cards were warned of.
  const std::vector<Problem>& warnings() const;

  /// The invoice for a usage document.
  OrProblems<std::string> quote(std::string_view usage_json) const;

  /// The same with the derivation of every line, by the interpreter.
  OrProblems<std::string> explain(std::string_view usage_json) const;

  /// A usage document that fits its card, to be rated with many quantities.
  OrProblems<Prepared> prepare(std::string_view usage_json) const;

 private:
  struct Loaded;
  explicit RateCards(std::shared_ptr<const Loaded> loaded) : loaded_(std::move(loaded)) {}
  std::shared_ptr<const Loaded> loaded_;
};

/// A usage document, read once. Keeps the cards that it was prepared with, also when the RateCards
/// are gone. To be used by one thread at a time.
class TOLL_EXPORT Prepared {
 public:
  Prepared(Prepared&&) noexcept;
  Prepared& operator=(Prepared&&) noexcept;
  ~Prepared();

  /// Replaces the quantity of an entry of the document's `usage`, counted from 0, in the meter's
  /// unit: a whole number, or a decimal such as "0.25" of at most 18 places; below 10^18 either
  /// way. On a problem the entry stays as it was; one that gives items or days has no such
  /// quantity.
  OrProblems<void> set(size_t entry, uint64_t units);
  OrProblems<void> set(size_t entry, std::string_view quantity);

  /// The total in the currency's minor units.
  OrProblems<int64_t> total() const;

  /// The invoice, as of RateCards::quote.
  OrProblems<std::string> quote() const;

 private:
  friend class RateCards;
  struct State;
  explicit Prepared(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace toll
