// Source files as the rules read them: line by line, with code and comments told apart.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace toll::architecture {

struct SourceFile {
  std::string path;  ///< from the root, with slashes: "dsl/grammar/row.cc"
  std::string text;
};

struct Line {
  std::string raw;
  std::string code;     ///< without comments; literals are there, but empty: `f("")`
  std::string comment;  ///< what stands in comments of either kind, without the slashes and stars
};

/// The lines of a C++ text. Comments, strings, characters and raw strings may span lines.
std::vector<Line> split_lines(std::string_view text);

/// REQUIRES: the file can be read.
SourceFile read_file(const std::filesystem::path& root, std::string_view path);

/// All files below `folder` of `root` whose name ends in one of `endings`, in order of their path.
/// None if there is no such folder.
std::vector<SourceFile> read_files(const std::filesystem::path& root, std::string_view folder,
                                   const std::vector<std::string_view>& endings);

}  // namespace toll::architecture
