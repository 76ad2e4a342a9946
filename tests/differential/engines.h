// One card in all engines, and their judgement on one document: interpreter, native code without
// and with optimisation, oracle.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/lower.h"
#include "compiler/native.h"
#include "compiler/usage_vector.h"
#include "dsl/rate_card.h"
#include "tests/differential/constructs.h"
#include "tests/differential/oracle.h"
#include "tests/differential/usage_generator.h"

namespace toll::differential {

class Engines {
 public:
  /// Interpreter and oracle only.
  /// `card` and `program` must outlive this; `program` is lowered from `card`.
  Engines(const dsl::RateCard& card, const compiler::RatingProgram& program);

  /// All four. The same holds.
  static Result<Engines> compile(const dsl::RateCard& card, const compiler::RatingProgram& program,
                                 const compiler::NativeCompiler& native);

  /// Rates the document in every engine. Empty where all agree on every line (path, exact and
  /// rounded amount), the total and the fault; else both answers, side by side.
  std::optional<std::string> disagreement(const Document& document);

  /// What the last document made the engines do.
  Constructs exercised() const { return exercised_; }

 private:
  struct Answer {
    compiler::RateOutput output;
    std::vector<compiler::LineAmount> lines;
  };

  struct Native {
    std::string_view name;
    compiler::NativeFunction function;
  };

  template <typename Rate>
  const Answer& run(Answer& answer, size_t lines, const Rate& rate);
  Bill bill_of(const Answer& answer, const compiler::RateInput& input) const;
  std::string path_of(const compiler::LineOrigin& origin) const;
  void note_pools(const Bill& bill);
  void note_exercised(const compiler::RateInput& input, const Bill& bill);

  const dsl::RateCard& card_;
  const compiler::RatingProgram& program_;
  std::vector<Native> native_functions_;
  compiler::UsageVector usage_;
  Answer interpreted_, native_;
  Constructs exercised_;
};

}  // namespace toll::differential
