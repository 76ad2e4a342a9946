#include "runtime/watcher.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace toll::runtime {
namespace {

/// A burst of changes is over when nothing has come for this long: editors write, rename and remove
/// several files for one save.
constexpr std::chrono::milliseconds kQuiet{5};

/// How often a folder that is missing is looked for.
constexpr std::chrono::milliseconds kRetry{200};

constexpr uint32_t kEntries = IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE;
constexpr uint32_t kGone = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;

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

/// The folder at a path, and the entry of that name in its parent, whatever they come to stand for.
/// Not thread-safe.
class WatchedPath {
 public:
  WatchedPath(Descriptor events, std::filesystem::path folder)
      : events_(std::move(events)), folder_(std::move(folder)) {
    const std::filesystem::path plain =
        folder_.has_filename() ? folder_ : folder_.parent_path();  // without a slash at the end
    name_ = plain.filename().string();
    // `.` and `..` are no entries that could be replaced.
    if (name_.empty() || name_ == "." || name_ == "..") return;
    parent_ = plain.has_parent_path() ? plain.parent_path() : std::filesystem::path(".");
  }

  int number() const { return events_.number(); }
  bool missing() const { return folder_watch_ < 0; }

  /// Watches what stands at the path now; errno says why not. The parent comes first, so that what
  /// takes the folder's place meanwhile is heard of.
  bool renew() {
    if (!parent_.empty()) renew(parent_watch_, parent_, kEntries);
    renew(folder_watch_, folder_, kEntries | IN_CLOSE_WRITE);
    return !missing();
  }

  /// Reads all events that have come; whether one of them means a change. What changed in the
  /// folder does not matter: it is read as a whole.
  bool drain() {
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    bool changed = false, replaced = false;
    for (ssize_t bytes; (bytes = read(number(), buffer.data(), buffer.size())) > 0;) {
      for (ssize_t at = 0; at < bytes;) {
        const auto& event = *reinterpret_cast<const inotify_event*>(buffer.data() + at);
        at += static_cast<ssize_t>(sizeof(inotify_event) + event.len);
        replaced = replaced || replaces(event);
        changed = changed || event.wd == folder_watch_;
      }
    }
    if (replaced) renew();
    return changed || replaced;
  }

 private:
  void renew(int& watch, const std::filesystem::path& path, uint32_t events) {
    const int before = std::exchange(
        watch,
        inotify_add_watch(number(), path.c_str(),
                          events | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD));
    if (before < 0 || before == watch) return;
    const int why = errno;
    inotify_rm_watch(number(), before);
    errno = why;
  }

  /// Whether another folder may stand at the path after this event, or none.
  bool replaces(const inotify_event& event) const {
    if (event.mask & IN_Q_OVERFLOW) return true;
    if (event.wd == parent_watch_ && event.len > 0 && name_ == event.name) return true;
    return (event.wd == folder_watch_ || event.wd == parent_watch_) && (event.mask & kGone);
  }

  Descriptor events_;
  std::filesystem::path folder_;
  std::string name_;
  std::filesystem::path parent_;  ///< empty: not watched
  int folder_watch_ = -1, parent_watch_ = -1;
};

class InotifyWatcher : public Watcher {
 public:
  InotifyWatcher(WatchedPath path, Descriptor stop, std::function<void()> changed)
      : path_(std::move(path)),
        stop_(std::move(stop)),
        changed_(std::move(changed)),
        thread_([this] { run(); }) {}

  ~InotifyWatcher() override {
    eventfd_write(stop_.number(), 1);
    thread_.join();
  }

 private:
  using Clock = std::chrono::steady_clock;

  void run() {
    while (true) {
      std::array<pollfd, 2> waiting = {pollfd{path_.number(), POLLIN, 0},
                                       pollfd{stop_.number(), POLLIN, 0}};
      const int ready = poll(waiting.data(), waiting.size(), wait_ms());
      if (waiting[1].revents != 0 || (ready < 0 && errno != EINTR)) return;
      const Clock::time_point now = Clock::now();
      if (waiting[0].revents != 0 && path_.drain()) call_at_ = now + kQuiet;
      if (path_.missing() && now >= retry_at_) {
        retry_at_ = now + kRetry;
        if (path_.renew()) call_at_ = now + kQuiet;
      }
      if (call_at_ && now >= *call_at_) {
        call_at_.reset();
        changed_();
      }
    }
  }

  /// For poll(): until something is due, or for ever. Events beside the folder, which mean nothing,
  /// put off neither.
  int wait_ms() const {
    if (!call_at_ && !path_.missing()) return -1;
    Clock::time_point due = call_at_.value_or(retry_at_);
    if (path_.missing()) due = std::min(due, retry_at_);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
    return static_cast<int>(std::max<int64_t>(wait.count(), 0));
  }

  WatchedPath path_;
  const Descriptor stop_;
  const std::function<void()> changed_;
  std::optional<Clock::time_point> call_at_;  ///< the end of a burst
  Clock::time_point retry_at_ = {};           ///< while the folder is missing
  std::thread thread_;                        // last: it uses the rest
};

}  // namespace

Result<std::unique_ptr<Watcher>> Watcher::start(const std::filesystem::path& folder,
                                                std::function<void()> changed) {
  Descriptor events(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (events.number() < 0) return std::unexpected(system_error("cannot watch folders"));
  WatchedPath path(std::move(events), folder);
  if (!path.renew())
    return std::unexpected(system_error(fmt::format("cannot watch folder `{}`", folder.string())));
  Descriptor stop(eventfd(0, EFD_CLOEXEC));
  if (stop.number() < 0) return std::unexpected(system_error("cannot watch folders"));
  return std::make_unique<InotifyWatcher>(std::move(path), std::move(stop), std::move(changed));
}

}  // namespace toll::runtime
