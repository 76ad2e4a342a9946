#include "dsl/checker/titles.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// Of the examples of one card, or of the invoices of a file.
class TitlesSoFar {
 public:
  TitlesSoFar(std::string_view what, uint32_t file, Report& report)
      : what_(what), file_(file), report_(report) {}

  /// `card`: of an invoice, whose title may stand again for another card.
  void take(const syntax::Example& example, const std::string& card) {
    const auto [known, fresh] =
        known_.emplace(std::pair(example.title.text, card), example.title.span);
    if (fresh) return;
    report_
        .add("W329", fmt::format("two {} are called \"{}\"", what_, example.title.text),
             {file_, example.title.span})
        .see({file_, known->second}, "the first one")
        .help("give each its own title: where one of them fails, its title says which");
  }

 private:
  std::string_view what_;
  uint32_t file_;
  Report& report_;
  std::map<std::pair<std::string, std::string>, Span> known_;
};

}  // namespace

void warn_about_equal_titles(const syntax::File& tree, uint32_t file, Report& report) {
  TitlesSoFar invoices("invoices for one card", file, report);
  for (const auto& declaration : tree.declarations) {
    const auto* const invoice = std::get_if<syntax::Example>(&declaration);
    if (invoice && invoice->card) invoices.take(*invoice, invoice->card->text);
    const auto* const card = std::get_if<syntax::Card>(&declaration);
    if (!card) continue;
    TitlesSoFar examples("examples of one card", file, report);
    for (const syntax::Item& item : card->items)
      if (const auto* const example = std::get_if<syntax::Example>(&item))
        examples.take(*example, {});
  }
}

}  // namespace toll::dsl::checker
