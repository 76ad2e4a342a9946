#include "cli/cards/held_back.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <variant>

#include "cli/output/terminal.h"
#include "dsl/parse.h"
#include "dsl/table_file.h"

namespace toll::cli {
namespace {

/// Of the files that hold others back.
constexpr size_t kShownMax = 5;

/// The places of the files that have errors.
std::set<uint32_t> files_in_error(const runtime::CheckedFolder& checked) {
  std::set<uint32_t> files;
  for (const dsl::Diagnostic& diagnostic : checked.diagnostics)
    if (diagnostic.severity == dsl::Severity::Error) files.insert(diagnostic.primary.place.file);
  return files;
}

/// Whether a card or an invoice that begins in this line was made.
bool is_made(const runtime::CheckedFolder& checked, const std::string& file, uint32_t line) {
  const auto stands_there = [&](const dsl::SourceLine& source) {
    return source.file == file && source.line == line;
  };
  return std::ranges::any_of(checked.cards, [&](const runtime::CheckedCard& made) {
    return stands_there(made.card.source) ||
           std::ranges::any_of(made.card.examples, stands_there, &dsl::Example::source);
  });
}

bool is_held_back(const dsl::SourceFile& file, uint32_t index,
                  const runtime::CheckedFolder& checked) {
  const auto missing = [&](const auto& declared) {
    return !is_made(checked, base_name(file), dsl::line_column(file, declared.span.begin).line);
  };
  if (dsl::is_table_file(file.path)) return false;
  for (const dsl::syntax::Declaration& declaration : dsl::parse(file, index).tree.declarations) {
    const auto* const card = std::get_if<dsl::syntax::Card>(&declaration);
    const auto* const invoice = std::get_if<dsl::syntax::Example>(&declaration);
    if ((card && missing(*card)) || (invoice && missing(*invoice))) return true;
  }
  return false;
}

}  // namespace

bool complain_of_held_back(const CardFiles& folder, const runtime::CheckedFolder& checked) {
  const std::set<uint32_t> in_error = files_in_error(checked);
  std::string culprits;
  size_t count = 0;
  for (const uint32_t file : in_error) {
    if (folder.wants(base_name(folder.files[file])) || ++count > kShownMax) continue;
    culprits += fmt::format("{}`{}`", culprits.empty() ? "" : ", ", folder.files[file].path);
  }
  if (count > kShownMax) culprits += fmt::format(" and {} more", count - kShownMax);
  if (culprits.empty()) return false;
  bool any = false;
  for (uint32_t i = 0; i < folder.files.size(); ++i) {
    const dsl::SourceFile& file = folder.files[i];
    if (!folder.wants(base_name(file)) || in_error.contains(i) || !is_held_back(file, i, checked))
      continue;
    complain(fmt::format("`{}` is held back by errors in {}", file.path, culprits),
             "check the whole folder to see them");
    any = true;
  }
  return any;
}

}  // namespace toll::cli
