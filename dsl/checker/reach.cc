#include "dsl/checker/reach.h"

#include <fmt/format.h>

#include "base/money.h"
#include "dsl/checker/grain.h"
#include "dsl/checker/table.h"
#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// "2 rows: x86, arm", or of many the number only.
std::string rows_of(const ChargeDraft& draft, uint64_t cells) {
  constexpr uint64_t kNamed = 6;
  std::string text = counted(cells, "row");
  if (draft.by.size() != 1 || cells > kNamed) return text;
  return fmt::format("{}: {}", text, fmt::join(draft.by.front()->dimension.values, ", "));
}

/// In an `each` charge an amount is one for all items, or one for each of them.
void check_reach_of_items(const ReachQuestion& question, const ChargeDraft& draft,
                          CardContext& context) {
  const auto item = word_of(draft.charge.grain);
  const auto line = context.read.text(question.line);
  if (question.reach == Reach::Unsaid) {
    context.report
        .add("E306",
             fmt::format("is this {} shared by the {}s, or does each {} get it?", question.what,
                         item, item),
             context.read.at(question.line))
        .see(context.read.at(draft.syntax.each->span), fmt::format("each {} by itself", item))
        .help(fmt::format("write `{} shared` or `{} each`", line, line));
  } else if (question.reach == Reach::InEachRow) {
    context.report
        .add("E308",
             fmt::format("in a charge by {} the {} is shared, or for each {}", item, question.what,
                         item),
             context.read.at(question.line))
        .see(context.read.at(draft.syntax.each->span), fmt::format("each {} by itself", item))
        .help(fmt::format("write `{} shared` or `{} each`", line, line));
  }
}

}  // namespace

void check_reach(const ReachQuestion& question, const ChargeDraft& draft, CardContext& context) {
  if (draft.charge.grain != Grain::Cell) return check_reach_of_items(question, draft, context);
  if (question.reach == Reach::Each) {
    context.report.add("E308", "this charge has no items or days", context.read.at(question.line))
        .help(
            fmt::format("leave `each` out, or end the line of the charge with `each {}`",
                        draft.meter.meter.declaration->aggregate.text == "lists" ? "item" : "day"));
    return;
  }
  if (draft.charge.by.empty()) {
    if (question.reach == Reach::Unsaid) return;
    context.report
        .add("E308", fmt::format("this charge has no rows that could share the {}", question.what),
             context.read.at(question.line))
        .help(fmt::format("leave {} out",
                          question.reach == Reach::Shared ? "`shared`" : "`in each row`"));
    return;
  }
  if (question.reach != Reach::Unsaid) return;
  const auto cells = count_cells(draft.value_counts);
  if (!cells) return;  // too many, which is reported as such
  std::string label;
  const Decimal& one = question.quantity->value;
  if (auto all = checked_mul(one.mantissa, *cells); all && !question.only_shared) {
    label = fmt::format("{} in total, or {}?", group_thousands(one.to_string()),
                        group_thousands(Decimal{*all, one.scale}.to_string()));
  }
  const auto line = context.read.text(question.line);
  const Span by{draft.syntax.by.front().span.begin, draft.syntax.by.back().span.end};
  context.report
      .add("E306",
           question.only_shared
               ? fmt::format("this {} is shared by the rows, and has to say so", question.what)
               : fmt::format("is this {} shared by the rows, or does each row get it?",
                             question.what),
           context.read.at(question.line), label)
      .see(context.read.at(by), rows_of(draft, *cells))
      .help(question.only_shared
                ? fmt::format("write `{} shared`: such an allowance is for all rows", line)
                : fmt::format("write `{} shared` or `{} in each row`", line, line));
}

}  // namespace toll::dsl::checker
