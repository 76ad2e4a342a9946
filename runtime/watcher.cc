#include "runtime/watcher.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace toll::runtime {
namespace {

/// A burst of changes is over when nothing has come for this long: editors write, rename and remove
/// several files for one save.
constexpr int kQuietMs = 5;

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

Error system_error(std::string_view what) {
  return Error{fmt::format("{}: {}", what, std::strerror(errno))};
}

class InotifyWatcher : public Watcher {
 public:
  InotifyWatcher(Descriptor events, Descriptor stop, std::function<void()> changed)
      : events_(std::move(events)),
        stop_(std::move(stop)),
        changed_(std::move(changed)),
        thread_([this] { run(); }) {}

  ~InotifyWatcher() override {
    eventfd_write(stop_.number(), 1);
    thread_.join();
  }

 private:
  void run() {
    bool pending = false;
    while (true) {
      std::array<pollfd, 2> waiting = {pollfd{events_.number(), POLLIN, 0},
                                       pollfd{stop_.number(), POLLIN, 0}};
      const int ready = poll(waiting.data(), waiting.size(), pending ? kQuietMs : -1);
      if (waiting[1].revents != 0 || (ready < 0 && errno != EINTR)) return;
      if (waiting[0].revents != 0) {
        drain();
        pending = true;
      } else if (ready == 0) {
        pending = false;
        changed_();
      }
    }
  }

  /// What changed does not matter: the folder is read as a whole.
  void drain() {
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    while (read(events_.number(), buffer.data(), buffer.size()) > 0) {
    }
  }

  const Descriptor events_, stop_;
  const std::function<void()> changed_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Watcher>> Watcher::start(const std::filesystem::path& folder,
                                                std::function<void()> changed) {
  Descriptor events(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (events.number() < 0) return std::unexpected(system_error("cannot watch folders"));
  constexpr uint32_t kSaved = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE;
  if (inotify_add_watch(events.number(), folder.c_str(), kSaved | IN_ONLYDIR) < 0)
    return std::unexpected(system_error(fmt::format("cannot watch folder `{}`", folder.string())));
  Descriptor stop(eventfd(0, EFD_CLOEXEC));
  if (stop.number() < 0) return std::unexpected(system_error("cannot watch folders"));
  return std::make_unique<InotifyWatcher>(std::move(events), std::move(stop), std::move(changed));
}

}  // namespace toll::runtime
