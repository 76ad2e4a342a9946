// A file that the command line names, where - is a standard stream.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

namespace toll::cli {

/// Leaves the standard streams open, which belong to the program.
struct CloseNamed {
  void operator()(std::FILE* file) const {
    if (file != stdin && file != stdout) std::fclose(file);
  }
};
using NamedFile = std::unique_ptr<std::FILE, CloseNamed>;

/// Nothing, with errno, where it cannot be opened.
inline NamedFile open_input(const std::string& name) {
  return NamedFile(name == "-" ? stdin : std::fopen(name.c_str(), "rb"));
}

}  // namespace toll::cli
