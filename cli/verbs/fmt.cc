#include <fmt/format.h>

#include <filesystem>

#include "cli/cards/card_files.h"
#include "cli/cards/text_file.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "dsl/format.h"
#include "dsl/table_file.h"

namespace toll::cli {
namespace {

struct Formatting {
  size_t files = 0, changed = 0, failed = 0;
};

void complain_of(const dsl::Unformatted& unformatted, const dsl::SourceFile& file) {
  for (const dsl::Diagnostic& diagnostic : unformatted.diagnostics)
    print_diagnostic(diagnostic, {&file, 1});
  if (unformatted.diagnostics.empty())
    complain(fmt::format("`{}` is left as it is: formatting would change what it says", file.path),
             "this is a fault of Toll, not of the file");
}

/// The canonical text; empty, after a complaint, if there is none.
std::optional<std::string> formatted(const dsl::SourceFile& file, Formatting& counts) {
  ++counts.files;
  auto text = dsl::format(file);
  if (!text) {
    ++counts.failed;
    complain_of(text.error(), file);
    return std::nullopt;
  }
  if (*text != file.text) ++counts.changed;
  return *std::move(text);
}

void format_file(const dsl::SourceFile& file, bool check, Formatting& counts) {
  const auto text = formatted(file, counts);
  if (!text || *text == file.text) return;
  if (check) return print(fmt::format("{}\n", file.path));
  if (auto mistake = replace_text(file.path, *text)) {
    ++counts.failed;
    --counts.changed;
    return complain(mistake->message);
  }
  print(fmt::format("{}\n", file.path));
}

int exit_code(const Formatting& counts, bool check) {
  if (counts.failed) return kFailed;
  return check && counts.changed ? kWouldChange : kOk;
}

int format_standard_input(bool check) {
  auto text = read_standard_input();
  if (!text) {
    complain(text.error().message);
    return kFailed;
  }
  Formatting counts;
  const auto result = formatted({"standard input", *std::move(text)}, counts);
  if (result && !check) print(*result);
  return exit_code(counts, check);
}

std::string summary(const Formatting& counts, bool check) {
  const size_t clean = counts.files - counts.changed - counts.failed;
  std::string text = fmt::format("{}: ", counted(counts.files, "file"));
  text += counts.changed
              ? fmt::format("{} {}", counts.changed, check ? "would change" : "formatted")
              : "nothing to format";
  if (counts.changed && clean) text += fmt::format(", {} as they should be", clean);
  if (counts.failed) text += fmt::format(", {} failed", counts.failed);
  return text + "\n";
}

}  // namespace

int format(const FormatOptions& options) {
  if (options.paths == std::vector<std::string>{"-"}) return format_standard_input(options.check);
  const auto folders = read_paths(options.paths);
  if (!folders) {
    complain(folders.error().message);
    return kFailed;
  }
  Formatting counts;
  for (const CardFiles& folder : *folders)
    for (const dsl::SourceFile& file : folder.files)
      if (!dsl::is_table_file(file.path) &&
          folder.wants(std::filesystem::path(file.path).filename().string()))
        format_file(file, options.check, counts);
  print(summary(counts, options.check));
  return exit_code(counts, options.check);
}

}  // namespace toll::cli
