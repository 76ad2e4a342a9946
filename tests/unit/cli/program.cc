#include "tests/unit/cli/program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace toll::cli {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Outcome shell(const std::string& line, std::string_view input) {
  std::string pattern = (std::filesystem::temp_directory_path() / "toll-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  std::ofstream(folder / "in", std::ios::binary) << input;
  const int status = std::system(
      fmt::format("unset CI NO_COLOR; cd '{}' && {{ {}\n}} <'{}/in' >'{}/out' 2>'{}/err'",
                  TOLL_SOURCE_DIR, line, folder.string(), folder.string(), folder.string())
          .c_str());
  Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(folder / "out"),
                  contents(folder / "err")};
  std::filesystem::remove_all(folder);
  return outcome;
}

Outcome toll(const std::string& arguments, std::string_view input) {
  return shell(fmt::format("'{}' {}", TOLL_PROGRAM, arguments), input);
}

}  // namespace toll::cli
