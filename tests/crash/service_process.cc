#include "tests/crash/service_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string>

extern char** environ;

namespace toll::crash {
namespace {

/// What the service says when it listens: "listening on http://127.0.0.1:PORT ...".
uint16_t read_port(int from) {
  std::string line;
  for (char c = 0; read(from, &c, 1) == 1 && c != '\n';) line += c;
  constexpr std::string_view kBefore = "127.0.0.1:";
  const size_t at = line.find(kBefore);
  uint16_t port = 0;
  if (at != line.npos)
    std::from_chars(line.data() + at + kBefore.size(), line.data() + line.size(), port);
  EXPECT_NE(port, 0) << "the service said: " << line;
  return port;
}

}  // namespace

ServiceProcess::ServiceProcess(const std::filesystem::path& cards,
                               const std::filesystem::path& data,
                               const std::vector<std::string>& more) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(pipe2(pipe.data(), O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<std::string> words = {TOLL_PROGRAM, "serve",       "--cards",  cards.string(),
                                    "--data",     data.string(), "--listen", "127.0.0.1:0"};
  words.insert(words.end(), more.begin(), more.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  EXPECT_EQ(posix_spawn(&pid_, TOLL_PROGRAM, &actions, nullptr, arguments.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe[1]);
  port_ = read_port(pipe[0]);
  close(pipe[0]);
}

void ServiceProcess::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int ServiceProcess::end() {
  ::kill(pid_, SIGTERM);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace toll::crash
