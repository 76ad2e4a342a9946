// The derivation of every line, from what the interpreter did.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "runtime/answer.h"
#include "runtime/quoting/bound.h"
#include "runtime/quoting/item_groups.h"

namespace toll::runtime {

/// How an amount was rounded, as the card says; none where it was whole before.
std::optional<Step> step_of_rounding(const dsl::RateCard& card, const Ratio& exact, Int128 amount);

/// Hand it to interpret(); then add_steps() puts what it heard into the answer.
class Explanation : public compiler::Trace {
 public:
  /// `bound` must outlive this.
  explicit Explanation(const BoundUsage& bound);

  void on_quantity_step(uint32_t line, uint32_t step, const Ratio& before,
                        const Ratio& after) override;
  void on_tier(uint32_t line, uint32_t part, const compiler::PricedTier& priced) override;
  void on_money_step(uint32_t line, uint32_t part, uint32_t step, const Ratio& before,
                     const Ratio& after) override;
  void on_item(uint32_t line, uint32_t item, bool free, const Ratio& amount) override;

  /// How the exact amount of a row of a charge came about. REQUIRES: the traced interpretation
  /// filled `output`.
  std::vector<Step> steps_of_row(uint32_t line, const compiler::RateOutput& output);

  /// The same of a share, by what each of the items that it names comes to, in minor units.
  std::vector<Step> steps_of_share(uint32_t line, std::span<const Int128> sums);

  /// REQUIRES: `answer` was written from `output`, which the traced interpretation filled.
  void add_steps(const compiler::RateOutput& output, Answer& answer);

 private:
  const dsl::Charge& charge_of(uint32_t line) const;
  bool is_by_item(uint32_t line) const;
  bool is_in_credits(uint32_t line) const;
  std::string amount_text(uint32_t line, const Ratio& amount) const;
  void item_steps(uint32_t line);
  void group_steps(uint32_t line, const ItemGroup& group, const ItemGroups::Members& members);
  void say_quantity_step(uint32_t line, uint32_t step, const Ratio& before, const Ratio& after);
  void say_money_step(uint32_t line, uint32_t part, uint32_t step, const Ratio& before,
                      const Ratio& after);
  void say_tier(uint32_t line, uint32_t part, const compiler::PricedTier& priced);
  void chosen_tier_step(uint32_t line, const dsl::Tier& tier, const Ratio& quantity,
                        const Ratio& amount);
  void base_steps(uint32_t line, const compiler::RateOutput& output);
  void base_steps(uint32_t line, std::span<const Int128> sums);
  std::string days(bool prorated) const;
  std::string term(const dsl::Fee& fee) const;
  std::string in_words(const dsl::Charge& charge, const Ratio& quantity) const;
  void say(uint32_t line, std::string text, const dsl::SourceLine& source,
           std::optional<Ratio> quantity, std::optional<Ratio> amount);
  std::string part_name(uint32_t line, uint32_t part) const;
  void commitment_step(const compiler::LineOrigin& origin, uint32_t line,
                       const compiler::RateOutput& output);
  void pool_steps(const compiler::LineOrigin& origin, uint32_t line, Int128 total,
                  const compiler::RateOutput& output);
  void fee_step(const compiler::LineOrigin& origin, uint32_t line,
                const compiler::RateOutput& output);

  const BoundUsage& bound_;
  std::vector<compiler::LineOrigin> origins_;  // per line
  std::vector<std::vector<Step>> steps_;       // per line
  std::map<uint32_t, ItemGroups> items_;       // of lines that are rated by item
  std::vector<ItemStep> of_item_;              // the one that is being rated
};

}  // namespace toll::runtime
