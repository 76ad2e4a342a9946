// The bill of a period in which versions or plans follow one another.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/quoting/cut_bounds.h"
#include "runtime/quoting/cut_credits.h"
#include "runtime/quoting/cut_once.h"
#include "runtime/quoting/cut_period.h"

namespace toll::runtime {

/// Whether a line acts on the bill of all parts: bill lines and pools in money.
bool acts_on_bill(const Revision& revision, const compiler::LineOrigin& origin);

/// A fee or a charge of the card.
const std::string& name_of_item(const dsl::RateCard& card, const dsl::ItemRef& item);

/// What each line is matched by: its path, and which one of that path it is, since a charge may
/// have two shared minimums.
std::vector<std::string> keys_of(const Revision& revision, const compiler::RateInput& input);

/// A row of a charge in one version.
struct CutRow {
  const Revision* revision;
  uint32_t charge, cell;
};

class ShareRun;  // cut_shares.cc

class CutBill {
 public:
  /// Rates every part. `period` must outlive this.
  static std::expected<CutBill, Refusal> of(const CutPeriod& period, bool final);

  std::expected<Answer, Refusal> answer(bool explained) const;

  /// What the end of the period would add to this: line by line the difference to `closed`.
  std::expected<std::vector<AnswerLine>, Refusal> due_until(const CutBill& closed) const;

  /// Those of all parts, each once.
  std::vector<BilledLine> lines() const;

  /// What the pools have left; credits, or minor units. Of one that the last version does not have
  /// that is what was bought, and waits.
  std::map<std::string, Ratio> left() const;

  Int128 total() const { return total_; }

 private:
  using Lines = std::vector<compiler::LineAmount>;

  /// A line of fees, charges or pools of credits over all parts.
  struct Line {
    std::string item;        ///< the fee or charge
    Ratio exact;             ///< minor units, or credits
    Int128 amount = 0;       ///< of money, once it is rounded
    bool is_shared = false;  ///< by the rows of its charge
    bool takes_off = false;  ///< a discount or a maximum on the lines of its charge
    const dsl::CreditUnit* credit = nullptr;  ///< of a line in credits
    struct Share {
      size_t part;
      Ratio all, before;  ///< for usage up to the end of its days, and up to their begin
      const dsl::SourceLine* source;
      std::string of_all = {};  ///< " for 12 credits that no grant pays"
      /// Of a share of other charges and fees: what each of these came to, in minor units, that
      /// `all` and `before` are a share of; nothing before where it is new.
      std::vector<Int128> asked = {}, asked_before = {};
    };
    std::vector<Share> shares = {};
    /// A minimum or maximum that changed it, or, of a line that acts once on the sum of its charge,
    /// that sum.
    struct Bound {
      const dsl::SourceLine* source;
      Ratio before, after;
    };
    std::vector<Bound> bounds = {};
    int fee_days = 0;       ///< of a prorated fee: those that it is for
    std::string unit = {};  ///< of a fee, by the first part that bills it; of what is beyond a pool
    bool unit_differs = false;         ///< of a fee, by another part
    std::optional<Ratio> beyond = {};  ///< the credits that nothing paid
  };
  using LineByKey = std::map<std::string, Ratio>;

  explicit CutBill(const CutPeriod& period) : period_(&period), upto_(period.parts.size() - 1) {}

  const std::vector<CutPart>& parts() const { return period_->parts; }
  const BoundUsage& last() const { return *parts().back().upto; }
  const compiler::RatingProgram& last_program() const { return parts().back().revision->program(); }
  std::expected<void, Refusal> add_part(size_t part, bool final);
  std::expected<void, Refusal> add(size_t part, size_t at, const compiler::LineOrigin& origin,
                                   const Ratio& all, const Ratio& before);
  Line& line_of(size_t part, size_t at, const compiler::LineOrigin& origin);
  bool is_due_in(size_t part, const dsl::Fee& fee) const;
  static void add_days_of_fee(const CutPart& cut, const dsl::Fee& fee, Line& line);
  void set_order();
  std::optional<size_t> last_with(const std::string& key, size_t part) const;
  std::optional<Ratio> amount_of(const Once& once, size_t part) const;
  /// What a prorated line that acts once has come to by the end of the days of a version.
  struct OfDays {
    size_t part;
    const dsl::SourceLine* source;
    Ratio until;
  };
  std::vector<OfDays> by_days(const Once& once) const;
  std::string days_text(const OfDays& of, const std::string& amount) const;
  /// The lines that act once on a row, and where each version up to the last that has it has it.
  struct OnceOfRow {
    std::vector<std::optional<CutRow>> rows;
    StepsByPart steps;
    std::vector<Once> lines;
  };
  OnceOfRow once_of_row(const std::string& key, size_t part) const;
  /// Amounts of a line, for people and exact.
  struct Amounts {
    std::function<std::string(const Ratio&)> shown, exact;
  };
  Amounts amounts_of(const Line& line) const;
  void explain_bound(const std::string& key, const Line& line, const dsl::SourceLine& source,
                     AnswerLine& answer) const;
  void explain_row_bound(const Once& once, const std::vector<std::optional<CutRow>>& rows,
                         const Amounts& amounts, AnswerLine& answer) const;
  void explain_days(const std::vector<OfDays>& days, const Amounts& amounts,
                    AnswerLine& answer) const;
  std::optional<Ratio> bound_of_row(const Once& once,
                                    const std::vector<std::optional<CutRow>>& rows) const;
  bool for_each_bound(const std::string& key, size_t part, bool final,
                      const std::function<bool(const OnceStep&)>& visit) const;
  std::expected<void, Refusal> bound_rows(bool final);
  std::optional<Ratio> bounded_row(const std::string& key, size_t part, Ratio exact) const;
  void for_each_charge(const std::function<void(size_t, uint32_t)>& visit) const;
  /// The lines that act once on the sum of a charge's rows, and where each version has the charge.
  struct OnceOnSum {
    std::vector<uint32_t> charges;  ///< by part
    StepsByPart steps;
    std::vector<Once> lines;
  };
  OnceOnSum once_on_sum(size_t part, uint32_t charge) const;
  const std::string& key_of(const OnceOnSum& sum, const Once& once) const;
  const std::string& key_of_shared(size_t part, uint32_t charge, uint32_t step) const;
  void take_off_parts();
  /// By fee and charge, rounded.
  using SumByItem = std::map<std::string, Int128>;
  /// A fee or a charge that a share names, over all parts.
  struct Named {
    std::vector<std::string> keys;  ///< of its lines, in their order
    /// Of a charge: the last part that has it, and which one it is there.
    std::optional<std::pair<size_t, uint32_t>> charge;
  };
  std::map<std::string, Named> named_by_shares() const;
  std::expected<void, Refusal> add_shares(bool final);
  std::expected<void, Refusal> add_share(size_t part, const ShareRun& run, uint32_t charge,
                                         const std::vector<SumByItem>& at_ends);
  std::expected<Int128, Refusal> come_to(const Named& item, size_t part, bool final) const;
  std::expected<void, Refusal> take_lines_until(const CutBill& whole, const Named& item,
                                                size_t part);
  static Ratio base_of(const std::vector<Int128>& asked);
  bool acts_later(const std::string& key) const;
  std::expected<void, Refusal> act_on_sums(bool final);
  std::expected<void, Refusal> act_on_sum(size_t part, uint32_t charge, bool final);
  bool is_above(const std::string& key, const std::string& discount) const;
  std::vector<std::string> acting_order() const;
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
  bool is_due_in(size_t part, const dsl::Commitment& commitment) const;
  /// A line that acts on the bill, by the version that says it.
  struct LineOfBill {
    size_t part = 0;
    uint32_t step = 0;  ///< of the card's bill lines
    bool due = false;   ///< of a commitment
    Int128 counted = 0;
    std::vector<OfDays> days = {};  ///< of one that is prorated
  };
  LineOfBill settled(const Once& once) const;
  class BillRun;
  std::expected<void, Refusal> rate_bill(bool final);
  Int128 counted_toward(uint32_t step) const;
  bool acts_on_bill(size_t part, const std::string& path) const;
  std::optional<size_t> place_on_bill(size_t part, const compiler::LineOrigin& origin) const;
  std::vector<Int128> money_at_end() const;
  void put_outputs();
  std::vector<Ratio> left_of_bound_grants() const;
  Ratio left_waiting(const std::string& pool) const;
  Int128 billed_toward(const dsl::Commitment& commitment, const dsl::RateCard& card) const;
  std::expected<void, Refusal> write_gone_state(Answer& answer) const;
  const CutPart& last_with_pool(const std::string& pool) const;
  std::vector<Ratio> left_of_gone_pools() const;
  void write_gone_pools(Answer& answer) const;
  compiler::RateOutput output_of(size_t part) const;
  struct Shown {
    std::string key;
    AnswerLine line;
    std::optional<size_t> on_bill;  ///< its place among the lines that act on the bill
    size_t part;                    ///< the version that says it
  };
  std::vector<Shown> shown(size_t part, std::vector<AnswerLine> lines) const;
  void add_gone_lines(std::vector<Shown>& lines) const;
  using StepsByKey = std::map<std::string, std::vector<Step>>;
  /// How the rows of a part came about, of all usage up to its end, and up to its begin.
  struct Rows {
    StepsByKey upto, before;
  };
  static StepsByKey rows_of(const BoundUsage& bound, const compiler::RatingProgram& program);
  Rows rows_of_part(size_t part) const;
  void put_rows_of_shares(size_t part, Rows& rows) const;
  void finish_line(Shown& shown, const std::vector<Rows>* rows) const;
  void explain(const std::string& key, const Line& line, const std::vector<Rows>& rows,
               AnswerLine& answer) const;
  static void add_rows(const std::string& key, const CutPart& part, const Rows& rows, bool is_share,
                       AnswerLine& answer);

  const CutPeriod* period_;
  size_t upto_;  ///< the part whose end the bill is for; minimums of later ones do not act yet
  std::vector<std::vector<std::string>> keys_;  // per part and line, what it is matched by
  // Per part and key, of the lines of charges.
  std::vector<std::map<std::string, compiler::LineOrigin>> origins_;
  std::map<std::string, Line> lines_;   // by key
  std::vector<std::string> order_;      // of keys: as the last version has them, then the others
  std::vector<Ratio> left_;             // beside the grants of the period
  std::vector<LineOfBill> bill_lines_;  // in the order in which they act
  Lines on_bill_;                       // of these, and then of the last version's pools in money
  mutable std::vector<Lines> outputs_;  // per part, with the amounts of the whole
  Int128 total_ = 0;
};

}  // namespace toll::runtime
