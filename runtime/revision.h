// A revision: one text of a card as it is offered in one plan and one currency, checked, lowered
// and, once it is made, with its native code.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/interpreter.h"
#include "compiler/native.h"
#include "compiler/rating_ir.h"
#include "dsl/rate_card.h"

namespace toll::runtime {

/// Immutable; shared by any number of threads.
class Revision {
 public:
  /// `native` may be null: the interpreter then rates, with the same results.
  Revision(dsl::RateCard card, compiler::RatingProgram program,
           std::shared_ptr<const compiler::NativeFunction> native);
  Revision(const Revision&) = delete;  // names point into the card

  const dsl::RateCard& card() const { return card_; }
  const compiler::RatingProgram& program() const { return program_; }
  const std::shared_ptr<const compiler::NativeFunction>& native() const { return native_; }
  const std::string& version() const { return version_; }  ///< `from` as text

  void rate(const compiler::RateInput& input, compiler::RateOutput& output) const {
    if (native_)
      (*native_)(input, output);
    else
      compiler::interpret(program_, input, output);
  }

  static constexpr uint32_t kNone = ~uint32_t{0};
  /// Index into RateCard::meters, or kNone.
  uint32_t meter(std::string_view name) const;
  /// Index of a dimension's value as bound by usage, `other` included for what is not listed; or
  /// kNone.
  uint32_t value(uint32_t dimension, std::string_view name) const;

 private:
  /// Names of the card in rising order, and where each stands. Most lists are short, and then this
  /// is found sooner than a hash is computed.
  using Index = std::vector<std::pair<std::string_view, uint32_t>>;
  static uint32_t find(const Index& index, std::string_view name);

  dsl::RateCard card_;
  compiler::RatingProgram program_;
  std::shared_ptr<const compiler::NativeFunction> native_;
  std::string version_;
  Index meters_;
  std::vector<Index> values_;  // per dimension
};

}  // namespace toll::runtime
