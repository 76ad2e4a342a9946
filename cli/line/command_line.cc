#include "cli/line/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "cli/output/terminal.h"
#include "cli/output/version.h"
#include "cli/verbs/exit_codes.h"
#include "dsl/diagnostic.h"
#include "wire/text.h"

namespace toll::cli {
namespace {

std::vector<std::string> option_names(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::Option* option : verb.get_options())
    if (option->get_name().starts_with("--")) names.push_back(option->get_name());
  return names;
}

}  // namespace

CommandLine::CommandLine(std::string program) : program_(std::move(program)) {
  app_.name(program_);
  app_.require_subcommand(1);
  app_.set_version_flag("--version", fmt::format("toll {}", version()),
                        "Print which release this is");
}

CLI::App* CommandLine::add_verb(const std::string& name, const std::string& does,
                                const std::string& example, std::function<int()> run,
                                CLI::App* group) {
  CLI::App* const verb = (group ? *group : app_).add_subcommand(name, does);
  verb->footer("Example, from the root of the repository:\n  " + example);
  verb->callback([this, run = std::move(run)] { chosen_ = run; });
  return verb;
}

CLI::App* CommandLine::add_group(const std::string& name, const std::string& does) {
  CLI::App* const group = app_.add_subcommand(name, does);
  group->require_subcommand(1);
  return group;
}

int CommandLine::run(int argc, const char* const* argv) {
  if (argc < 2) {
    std::fputs(app_.help().c_str(), stderr);
    return kWrongCommand;
  }
  if (const std::string word = argv[1];
      !word.starts_with('-') && std::ranges::count(verb_names(), word) == 0)
    return unknown_verb(word);
  try {
    app_.parse(argc, argv);
  } catch (const CLI::Success& request) {  // --help
    return app_.exit(request);
  } catch (const CLI::ParseError& error) {
    return wrong_command(error);
  }
  return chosen_();
}

std::vector<std::string> CommandLine::verb_names() {
  std::vector<std::string> names;
  for (const CLI::App* verb : app_.get_subcommands({})) names.push_back(verb->get_name());
  return names;
}

int CommandLine::unknown_verb(const std::string& word) {
  const std::vector<std::string> verbs = verb_names();
  const std::string meant = dsl::suggest(word, verbs);
  complain(fmt::format("there is no verb `{}`", wire::shown(word)),
           meant.empty() ? fmt::format("the verbs are {}", fmt::join(verbs, ", "))
                         : fmt::format("did you mean `{}`?", meant));
  return kWrongCommand;
}

/// The library's error in our own words.
int CommandLine::wrong_command(const CLI::ParseError& error) {
  CLI::App* verb = &app_;
  std::string command = program_;
  for (auto verbs = verb->get_subcommands(); !verbs.empty(); verbs = verb->get_subcommands()) {
    verb = verbs.front();
    command += " " + verb->get_name();
  }
  const std::string what = error.what();
  std::string help = fmt::format("see `{} --help`", command);
  std::string text = what;  // "--cards is required", and what --engine's check says
  // A misspelled option is the cause where a required one is missing too.
  if (const std::vector<std::string> unknown = app_.remaining(true); !unknown.empty()) {
    text = fmt::format("`{}` means nothing here", wire::shown(unknown.front()));
    if (const std::string meant = dsl::suggest(unknown.front(), option_names(*verb));
        !meant.empty())
      help = fmt::format("did you mean `{}`?", meant);
  } else if (error.get_name() == "ArgumentMismatch") {
    text = fmt::format("{} takes one value", what.substr(0, what.find(':')));
  } else if (error.get_name() == "ValidationError") {
    text = what.substr(what.find(": ") + 2);
  }
  complain(text, help);
  return kWrongCommand;
}

}  // namespace toll::cli
