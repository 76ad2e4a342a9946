// `change charge`: its lines worked into those of the charge that it changes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/checker/extends/merge.h"

namespace toll::dsl::checker {

/// A line of a charge and the text in which it stands.
struct LineOf {
  CardText card;
  const syntax::ChargeLine* line = nullptr;
  std::string keys, head;  ///< of a row, in one form: its keys, and its keys and bound

  LineOf(const CardText& from, const syntax::ChargeLine& one, const Texts& texts);

  Span span() const {
    return std::visit([](const auto& each) { return each.span; }, *line);
  }
};

class ChargeChange {
 public:
  using Lines = std::vector<LineOf>;

  /// `lines` are those of `charge`, and are changed. REQUIRES: all outlive it.
  ChargeChange(const CardText& own, const syntax::Change& change, const syntax::Charge& charge,
               Lines& lines, const Texts& texts, Agreements& agreements, Report& report)
      : own_(own),
        change_(change),
        each_(charge.each.has_value()),
        lines_(lines),
        texts_(texts),
        agreements_(agreements),
        report_(report) {}

  void run();

 private:
  void take(const syntax::ChangeLine& line);
  void take_row(const syntax::ChangeLine& line);
  void take_included(const syntax::ChangeLine& line, const syntax::Included& included);
  Lines::iterator find_allowance(const syntax::ChangeLine& line, const syntax::Included& included);
  void add_allowance(LineOf line, const syntax::Included& included);
  void add_row(LineOf row);
  void replace(LineOf& there, Span price, const syntax::ChangeLine& line);
  bool is_own(const LineOf& line) const { return line.card.tree == own_.tree; }
  void report_twice(std::string_view code, std::string_view message, const syntax::ChangeLine& line,
                    const LineOf& there);
  void report_unsaid(const syntax::ChangeLine& line, const LineOf& there, Span price);

  Place at(Span span) const { return {own_.file, span}; }
  std::string_view text(const CardText& card, Span span) const {
    return texts_.text({card.file, span});
  }

  const CardText own_;
  const syntax::Change& change_;
  const bool each_;  ///< whether it is a charge by item or by day
  Lines& lines_;
  const Texts& texts_;
  Agreements& agreements_;
  Report& report_;
};

}  // namespace toll::dsl::checker
