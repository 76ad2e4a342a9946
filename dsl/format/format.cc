#include "dsl/format.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "dsl/format/layout.h"
#include "dsl/format/same_tree.h"
#include "dsl/parse.h"
#include "dsl/scan/line.h"
#include "dsl/table_file.h"

namespace toll::dsl {
namespace {

constexpr size_t kDiagnosticsMax = 50;
constexpr uint32_t kNoLimit = std::numeric_limits<uint32_t>::max();

/// Wrong indentation and tabs: what formatting is the way out of.
bool is_layout(const Diagnostic& diagnostic) {
  return diagnostic.code == "E003" || diagnostic.code == "E012";
}

std::vector<std::string> comments_of(std::string_view text) {
  std::vector<std::string> comments;
  scan::LineScanner scanner(text, kNoLimit);
  for (scan::Line line; scanner.next(line);)
    if (line.comment)
      comments.push_back(formatting::tidied(
          text.substr(line.comment->begin, line.comment->end - line.comment->begin)));
  std::ranges::sort(comments);
  return comments;
}

/// Tabs that stay where they are, since they are part of what a label says.
std::vector<Diagnostic> tabs_in_labels(std::string_view text) {
  std::vector<Diagnostic> found;
  scan::LineScanner scanner(text, kNoLimit);
  for (scan::Line line; scanner.next(line);)
    for (const scan::Token& token : line.tokens)
      if (token.kind == scan::TokenKind::Label && token.text.contains('\t')) {
        found.push_back(diagnostic("E012", "a tab in a label", {0, token.span}));
        found.back().notes.push_back({"help", "write a blank instead"});
      }
  return found;
}

std::vector<Diagnostic> to_be_mended(const SourceFile& file, std::vector<Diagnostic> diagnostics) {
  std::erase_if(diagnostics, is_layout);
  if (diagnostics.empty()) diagnostics = tabs_in_labels(file.text);
  diagnostics.resize(std::min(diagnostics.size(), kDiagnosticsMax));
  return diagnostics;
}

}  // namespace

std::expected<std::string, Unformatted> format(const SourceFile& file) {
  // All diagnostics are wanted: one that is left out could be about more than layout.
  const ParseLimits limits{.diagnostics_max = kNoLimit};
  Parsed before = parse(file, 0, limits);
  auto wrong = to_be_mended(file, std::move(before.diagnostics));
  if (!wrong.empty()) return std::unexpected(Unformatted{std::move(wrong)});

  const formatting::UnitForms units = formatting::units_of(file.text);
  SourceFile result{file.path, formatting::laid_out(file.text, units)};
  const Parsed after = parse(result, 0, limits);
  const bool same = after.diagnostics.empty() &&
                    formatting::same_tree(before.tree, after.tree, units) &&
                    comments_of(file.text) == comments_of(result.text);
  if (!same) return std::unexpected(Unformatted{});
  return std::move(result.text);
}

CanonicalWords::CanonicalWords(std::span<const SourceFile> files) {
  const auto units = std::make_shared<formatting::UnitForms>();
  for (const SourceFile& file : files)
    if (!is_table_file(file.path)) units->add_declared(file.text);
  units_ = units;
}

std::string CanonicalWords::of(std::string_view lines) const {
  return formatting::said(lines, *units_);
}

}  // namespace toll::dsl
