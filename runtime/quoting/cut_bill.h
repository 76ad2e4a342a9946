// The bill of a period in which versions or plans follow one another.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "runtime/quoting/cut_period.h"

namespace toll::runtime {

class CutBill {
 public:
  /// Rates every part. `parts` must outlive this.
  static std::expected<CutBill, Refusal> of(const std::vector<CutPart>& parts, bool final);

  std::expected<Answer, Refusal> answer(bool explained) const;

  /// What the end of the period would add to this: line by line the difference to `closed`.
  std::expected<std::vector<AnswerLine>, Refusal> due_until(const CutBill& closed) const;

  Int128 total() const { return total_; }

 private:
  using Lines = std::vector<compiler::LineAmount>;

  /// A line of fees or charges over all parts.
  struct Line {
    std::string item;  ///< the fee or charge
    Ratio exact;       ///< minor units
    Int128 amount = 0;
    struct Share {
      size_t part;
      Ratio all, before;  ///< for usage up to the end of its days, and up to their begin
      const dsl::SourceLine* source;
    };
    std::vector<Share> shares = {};
    int fee_days = 0;       ///< of a prorated fee: those that it is for
    std::string unit = {};  ///< of a fee, by the first part that bills it
  };

  explicit CutBill(const std::vector<CutPart>& parts) : parts_(&parts) {}

  const BoundUsage& last() const { return *parts_->back().upto; }
  std::expected<void, Refusal> add_part(size_t part, bool final);
  std::expected<void, Refusal> add(size_t part, size_t at, const compiler::LineOrigin& origin,
                                   const Ratio& all, const Ratio& before, Int128 amount);
  std::expected<void, Refusal> settle();
  std::expected<void, Refusal> rate_bill(bool final);
  compiler::RateOutput output_of(size_t part) const;
  struct Shown {
    std::string key;
    AnswerLine line;
  };
  std::vector<Shown> shown(size_t part, std::vector<AnswerLine> lines) const;
  void add_gone_lines(std::vector<Shown>& lines) const;
  void finish_line(const std::string& key, AnswerLine& line, bool explained) const;
  void explain(const Line& line, AnswerLine& answer) const;

  const std::vector<CutPart>* parts_;
  std::vector<std::vector<std::string>> keys_;  // per part and line, what it is matched by
  std::map<std::string, Line> lines_;           // by key
  std::vector<std::string> order_;      // of keys: as the last version has them, then the others
  mutable std::vector<Lines> outputs_;  // per part, with the amounts of the whole
  Int128 total_ = 0;
};

}  // namespace toll::runtime
