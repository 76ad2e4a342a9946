#include "server/decision_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/event_log.h"

namespace toll::server {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kOpenFile = "decisions.ndjson";
constexpr std::string_view kFullFile = "decisions-";

}  // namespace

/// The file that is written to now, and those before it.
class DecisionFiles {
 public:
  DecisionFiles(fs::path folder, const DecisionBounds& bounds)
      : folder_(std::move(folder)), bounds_(bounds) {}
  DecisionFiles(const DecisionFiles&) = delete;
  ~DecisionFiles() { close(); }

  /// Opens or makes the file; the mistake.
  std::optional<Error> open() {
    descriptor_ = ::open((folder_ / kOpenFile).c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC,
                         S_IRUSR | S_IWUSR);
    struct stat about{};
    if (descriptor_ < 0 || fstat(descriptor_, &about) != 0) return failed("open");
    bytes_ = static_cast<uint64_t>(about.st_size);
    // A service that was killed may have left part of a line.
    char last = '\n';
    if (bytes_ > 0 && pread(descriptor_, &last, 1, about.st_size - 1) == 1 && last != '\n')
      return write("\n");
    return std::nullopt;
  }

  std::optional<Error> write(std::string_view text) {
    if (descriptor_ < 0)
      if (auto fault = open()) return fault;
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failed("write");
      text.remove_prefix(static_cast<size_t>(written));
      bytes_ += static_cast<uint64_t>(written);
    }
    return bytes_ >= bounds_.file_bytes ? change() : std::nullopt;
  }

 private:
  std::optional<Error> failed(std::string_view what) const {
    return Error{
        fmt::format("cannot {} `{}`: {}", what, (folder_ / kOpenFile).string(), strerror(errno))};
  }

  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  /// The file is full: the next takes its place, and the oldest goes.
  std::optional<Error> change() {
    close();
    const Instant now =
        std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    std::error_code error;
    // Nanoseconds since the epoch have as many digits for the next two centuries: by name is by
    // age.
    fs::rename(folder_ / kOpenFile,
               folder_ / fmt::format("{}{}.ndjson", kFullFile, now.time_since_epoch().count()),
               error);
    if (error)
      return Error{
          fmt::format("cannot rename `{}`: {}", (folder_ / kOpenFile).string(), error.message())};
    remove_oldest();
    return open();
  }

  void remove_oldest() const {
    std::vector<fs::path> full;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error))
      if (entry.path().filename().string().starts_with(kFullFile)) full.push_back(entry.path());
    std::ranges::sort(full);
    for (size_t i = 0; i + bounds_.files <= full.size(); ++i) fs::remove(full[i], error);
  }

  const fs::path folder_;
  const DecisionBounds bounds_;
  int descriptor_ = -1;
  uint64_t bytes_ = 0;
};

struct DecisionLog::Impl {
  Impl(const fs::path& folder, const DecisionBounds& with) : bounds(with), files(folder, with) {}
  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    changed.notify_all();
  }

  bool has_room(size_t bytes) const {
    return waiting.empty() || waiting.size() + bytes <= bounds.waiting_bytes;
  }

  void write_on() {
    std::unique_lock lock(mutex);
    std::string now;
    bool failing = false;
    while (true) {
      changed.wait(lock, [this] { return ending || !waiting.empty(); });
      if (waiting.empty()) return;
      now.clear();
      now.swap(waiting);
      const uint64_t lines = std::exchange(waiting_lines, 0);
      room.notify_all();
      lock.unlock();
      const auto fault = files.write(now);
      (fault ? left_out : recorded) += lines;
      // Said once, not with every quote.
      if (fault && !std::exchange(failing, true))
        log_event(LogLevel::Error, "decisions_unwritten", {{"why", fault->message}});
      failing = fault.has_value();
      lock.lock();
    }
  }

  const DecisionBounds bounds;
  DecisionFiles files;
  std::atomic<uint64_t> recorded = 0, left_out = 0;
  std::mutex mutex;
  std::condition_variable changed, room;
  std::string waiting;
  uint64_t waiting_lines = 0;
  bool ending = false;
  std::jthread writer;  // last: it ends before the rest
};

DecisionLog::DecisionLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DecisionLog::~DecisionLog() = default;

Result<std::unique_ptr<DecisionLog>> DecisionLog::open(const fs::path& folder,
                                                       const DecisionBounds& bounds) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return std::unexpected(
        Error{fmt::format("cannot make `{}`: {}", folder.string(), error.message())});
  auto impl = std::make_unique<Impl>(folder, bounds);
  if (auto fault = impl->files.open()) return std::unexpected(*std::move(fault));
  impl->writer = std::jthread([self = impl.get()] { self->write_on(); });
  return std::unique_ptr<DecisionLog>(new DecisionLog(std::move(impl)));
}

void DecisionLog::record(const Decision& decision, Pace pace) {
  const std::string line = to_line(decision);
  {
    std::unique_lock lock(impl_->mutex);
    if (pace == Pace::Patient) impl_->room.wait(lock, [&] { return impl_->has_room(line.size()); });
    if (!impl_->has_room(line.size())) {
      ++impl_->left_out;
      return;
    }
    impl_->waiting += line;
    ++impl_->waiting_lines;
  }
  impl_->changed.notify_one();
}

uint64_t DecisionLog::recorded() const { return impl_->recorded; }
uint64_t DecisionLog::left_out() const { return impl_->left_out; }

}  // namespace toll::server
