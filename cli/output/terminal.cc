#include "cli/output/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace toll::cli {
namespace {

bool colour_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDERR_FILENO) && (!no_color || *no_color == '\0');
}

}  // namespace

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void complain(std::string_view text, std::string_view help) {
  std::fflush(stdout);  // so that both streams keep their order in one log
  fmt::print(stderr, "toll: {}\n", text);
  if (!help.empty()) fmt::print(stderr, "help: {}\n", help);
}

void print_diagnostic(const dsl::Diagnostic& diagnostic, std::span<const dsl::SourceFile> files) {
  std::fflush(stdout);
  fmt::print(stderr, "{}", dsl::render(diagnostic, files, {.colour = colour_wanted()}));
}

size_t width(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string pad_right(std::string_view text, size_t columns) {
  return std::string(text) + std::string(columns - std::min(columns, width(text)), ' ');
}

std::string pad_left(std::string_view text, size_t columns) {
  return std::string(columns - std::min(columns, width(text)), ' ') + std::string(text);
}

std::string counted(size_t count, std::string_view singular) {
  return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

}  // namespace toll::cli
