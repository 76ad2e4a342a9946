// The command line: its verbs, and the one that was asked for.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace toll::cli {

class CommandLine {
 public:
  explicit CommandLine(std::string program);
  CommandLine(const CommandLine&) = delete;

  const std::string& program() const { return program_; }  ///< as it was called

  /// A verb with an example that works as pasted, below a group or by itself.
  CLI::App* add_verb(const std::string& name, const std::string& does, const std::string& example,
                     std::function<int()> run, CLI::App* group = nullptr);
  /// A word that verbs stand behind.
  CLI::App* add_group(const std::string& name, const std::string& does);

  /// Runs the verb that was asked for, or says what makes no sense; the exit code.
  int run(int argc, const char* const* argv);

 private:
  std::vector<std::string> verb_names();
  int unknown_verb(const std::string& word);
  int wrong_command(const CLI::ParseError& error);

  const std::string program_;
  CLI::App app_{"Toll: rate cards as code, from a text to an invoice"};
  std::function<int()> chosen_;
};

}  // namespace toll::cli
