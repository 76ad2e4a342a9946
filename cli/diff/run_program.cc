#include "cli/diff/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace toll::cli {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
/// A file without a name. Output and input go through such files rather than pipes, so that no
/// side ever waits for the other.
using Scratch = std::unique_ptr<std::FILE, Close>;

std::string contents(const Scratch& file) {
  std::string text;
  std::rewind(file.get());
  char buffer[4096];
  while (const size_t bytes = std::fread(buffer, 1, sizeof buffer, file.get()))
    text.append(buffer, bytes);
  return text;
}

/// The exit status, or the number of a system error, negative.
int run(const std::vector<std::string>& command, const Scratch& in, const Scratch& out,
        const Scratch& err) {
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));  // which posix_spawn leaves alone
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(err.get()), STDERR_FILENO);
  pid_t child = 0;
  const int mistake =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (mistake) return -mistake;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -errno;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& command, std::string_view input) {
  const Scratch in(std::tmpfile()), out(std::tmpfile()), err(std::tmpfile());
  const bool written =
      in && out && err && std::fwrite(input.data(), 1, input.size(), in.get()) == input.size();
  if (!written || std::fflush(in.get()) != 0)
    return std::unexpected(Error{"cannot write a temporary file"});
  std::rewind(in.get());
  const int status = run(command, in, out, err);
  if (status < 0)
    return std::unexpected(
        Error{fmt::format("cannot run `{}`: {}", command.front(), std::strerror(-status))});
  if (status == 0) return contents(out);
  std::string said = contents(err);
  while (said.ends_with('\n')) said.pop_back();
  return std::unexpected(
      Error{fmt::format("`{}` failed: {}", fmt::join(command, " "),
                        said.empty() ? fmt::format("exit code {}", status) : said)});
}

}  // namespace toll::cli
