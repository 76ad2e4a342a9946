#include "cli/cards/declared_examples.h"

#include <variant>

#include "dsl/parse.h"
#include "dsl/table_file.h"

namespace toll::cli {

std::vector<DeclaredExample> declared_examples(const dsl::SourceFile& file) {
  const dsl::LineIndex lines(file.text);
  std::vector<DeclaredExample> found;
  const auto add = [&](const dsl::syntax::Example& example) {
    found.push_back({example.title.text, lines.line(example.span.begin)});
  };
  if (dsl::is_table_file(file.path)) return found;
  for (const dsl::syntax::Declaration& declaration : dsl::parse(file, 0).tree.declarations) {
    if (const auto* const invoice = std::get_if<dsl::syntax::Example>(&declaration)) add(*invoice);
    if (const auto* const card = std::get_if<dsl::syntax::Card>(&declaration))
      for (const dsl::syntax::Item& item : card->items)
        if (const auto* const example = std::get_if<dsl::syntax::Example>(&item)) add(*example);
  }
  return found;
}

}  // namespace toll::cli
