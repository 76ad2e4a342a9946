// The bill of a period in which versions or plans follow one another.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "runtime/quoting/cut_credits.h"
#include "runtime/quoting/cut_period.h"

namespace toll::runtime {

/// Whether a line acts on the bill of all parts: bill lines and pools in money.
bool acts_on_bill(const Revision& revision, const compiler::LineOrigin& origin);

class CutBill {
 public:
  /// Rates every part. `period` must outlive this.
  static std::expected<CutBill, Refusal> of(const CutPeriod& period, bool final);

  std::expected<Answer, Refusal> answer(bool explained) const;

  /// What the end of the period would add to this: line by line the difference to `closed`.
  std::expected<std::vector<AnswerLine>, Refusal> due_until(const CutBill& closed) const;

  /// Those of all parts, each once.
  std::vector<BilledLine> lines() const;

  /// What the pools of the last version have left; credits, or minor units.
  std::map<std::string, Ratio> left() const;

  Int128 total() const { return total_; }

 private:
  using Lines = std::vector<compiler::LineAmount>;

  /// A line of fees, charges or pools of credits over all parts.
  struct Line {
    std::string item;        ///< the fee or charge
    Ratio exact;             ///< minor units, or credits
    Int128 amount = 0;       ///< of money
    bool takes_off = false;  ///< a discount or a maximum on the lines of its charge
    const dsl::CreditUnit* credit = nullptr;  ///< of a line in credits
    struct Share {
      size_t part;
      Ratio all, before;  ///< for usage up to the end of its days, and up to their begin
      const dsl::SourceLine* source;
      std::string of_all = {};  ///< " for 12 credits that no grant pays"
    };
    std::vector<Share> shares = {};
    int fee_days = 0;       ///< of a prorated fee: those that it is for
    std::string unit = {};  ///< of a fee, by the first part that bills it; of what is beyond a pool
    std::optional<Ratio> beyond = {};  ///< the credits that nothing paid
  };
  using LineByKey = std::map<std::string, Ratio>;

  explicit CutBill(const CutPeriod& period) : period_(&period) {}

  const std::vector<CutPart>& parts() const { return period_->parts; }
  const BoundUsage& last() const { return *parts().back().upto; }
  const compiler::RatingProgram& last_program() const { return parts().back().revision->program(); }
  std::expected<void, Refusal> add_part(size_t part, bool final);
  std::expected<void, Refusal> add(size_t part, size_t at, const compiler::LineOrigin& origin,
                                   const Ratio& all, const Ratio& before, Int128 amount);
  void set_order();
  void bound_exact();
  void bound_amounts();
  std::expected<void, Refusal> pay();
  std::expected<std::vector<CreditSegment>, Refusal> credit_segments() const;
  std::expected<CreditSegment, Refusal> segment(size_t part, Date from, const BoundUsage& used,
                                                const LineByKey& before, const LineByKey& earlier,
                                                LineByKey& now) const;
  std::expected<CreditSegment, Refusal> last_segment(Date from) const;
  std::expected<void, Refusal> add_beyond(const BeyondShare& share);
  std::expected<void, Refusal> round();
  std::expected<void, Refusal> rate_bill(bool final);
  std::vector<Int128> money_at_end() const;
  void put_outputs();
  std::vector<Ratio> left_of_bound_grants() const;
  compiler::RateOutput output_of(size_t part) const;
  struct Shown {
    std::string key;
    AnswerLine line;
  };
  std::vector<Shown> shown(size_t part, std::vector<AnswerLine> lines) const;
  void add_gone_lines(std::vector<Shown>& lines) const;
  void finish_line(const std::string& key, AnswerLine& line, bool explained) const;
  void explain(const Line& line, AnswerLine& answer) const;

  const CutPeriod* period_;
  std::vector<std::vector<std::string>> keys_;  // per part and line, what it is matched by
  std::map<std::string, Line> lines_;           // by key
  std::vector<std::string> order_;  // of keys: as the last version has them, then the others
  std::vector<Ratio> left_;         // beside the grants of the period
  Lines on_bill_;                   // bill lines and pools in money, as the last version has them
  mutable std::vector<Lines> outputs_;  // per part, with the amounts of the whole
  Int128 total_ = 0;
};

}  // namespace toll::runtime
