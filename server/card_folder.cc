#include "server/card_folder.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

#include "compiler/native.h"
#include "runtime/loader.h"
#include "runtime/watcher.h"
#include "server/cards/load_log.h"
#include "server/cards/native_maker.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;
using runtime::CardSet;
using runtime::Revision;

/// New cards that get native code before they go live, so that a saved price is fast at once. In a
/// folder with more of them those beyond answer by the interpreter first.
constexpr size_t kMadeAtOnceMax = 32;

const dsl::SourceFile* find_file(const std::vector<dsl::SourceFile>& files,
                                 std::string_view base_name) {
  const auto found = std::ranges::find(files, base_name, &dsl::SourceFile::path);
  return found == files.end() ? nullptr : &*found;
}

const LiveVersion* find_version(const FolderStatus& status, const dsl::RateCard& card) {
  const auto found = std::ranges::find_if(status.versions, [&](const LiveVersion& version) {
    const dsl::RateCard& other = version.revision->card();
    return other.name == card.name && other.from == card.from;
  });
  return found == status.versions.end() ? nullptr : &*found;
}

/// What is said about `revision` after a load, given what was said before it.
LiveVersion next_version(const std::shared_ptr<const Revision>& revision,
                         const FolderStatus& before, const FolderStatus& now) {
  const LiveVersion* const previous = find_version(before, revision->card());
  LiveVersion version{revision, {}, now.loaded_at, false};
  if (previous && previous->revision->card().hash == revision->card().hash)
    version.active_since = previous->active_since;
  // The loader makes a new Revision of every card that it could check, and carries over the others.
  version.kept = previous && previous->revision == revision;
  if (version.kept)
    version.text = previous->text;
  else if (const dsl::SourceFile* file = find_file(now.files, revision->card().source.file))
    version.text = file->text;
  return version;
}

std::shared_ptr<const FolderStatus> next_status(const runtime::Loaded& loaded,
                                                const FolderStatus& before) {
  auto now = std::make_shared<FolderStatus>();
  now->loaded_at = std::chrono::system_clock::now();
  now->cards = loaded.cards;
  now->files = loaded.files;
  for (dsl::SourceFile& file : now->files) file.path = fs::path(file.path).filename().string();
  now->diagnostics = loaded.diagnostics;
  now->failures = loaded.failures;
  for (const auto& [name, versions] : loaded.cards->cards())
    for (const std::shared_ptr<const Revision>& revision : versions)
      now->versions.push_back(next_version(revision, before, *now));
  return now;
}

}  // namespace

struct CardFolder::Impl {
  Impl(fs::path path, compiler::NativeCompiler native)
      : folder(std::move(path)), compiler(std::move(native)) {}

  /// Reads the folder and makes what is right live. REQUIRES: called by one thread at a time.
  /// `noticed` is when there was something to load.
  Result<void> load(std::chrono::steady_clock::time_point noticed) {
    const auto before = cards.get();
    auto loaded = runtime::load_folder(folder, compiler, {.at_once_max = kMadeAtOnceMax}, *before);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    {
      const std::lock_guard lock(exchanging);
      cards.exchange(loaded->cards);
      const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::steady_clock::now() - noticed);
      set_status(next_status(*loaded, *get_status()));
      log.loaded(*loaded, *before, elapsed);
    }
    maker.wake();
    return {};
  }

  /// Gives live cards code that was made for them. Where they were loaded again meanwhile, and this
  /// code is not in their set, it is made once more.
  void take_native(const std::vector<runtime::MadeNative>& made,
                   const std::vector<std::string>& failures) {
    const std::lock_guard lock(exchanging);
    const auto set = runtime::with_native(*cards.get(), made);
    cards.exchange(set);
    auto now = std::make_shared<FolderStatus>(*get_status());
    now->cards = set;
    for (LiveVersion& version : now->versions)
      version.revision =
          set->find_hash(version.revision->card().name, version.revision->card().hash);
    log.failures(failures);
    std::ranges::copy(failures, std::back_inserter(now->failures));
    set_status(std::move(now));
  }

  void reload() {
    const auto noticed = std::chrono::steady_clock::now();
    const std::lock_guard lock(loading);
    const Result<void> done = load(noticed);
    if (done) return;
    log.failed(folder.string(), done.error().message);
    const std::lock_guard exchange(exchanging);
    auto unread = std::make_shared<FolderStatus>(*get_status());
    unread->failures = {done.error().message};
    set_status(std::move(unread));
  }

  std::shared_ptr<const FolderStatus> get_status() const {
    const std::lock_guard lock(status_mutex);
    return status;
  }
  void set_status(std::shared_ptr<const FolderStatus> next) {
    const std::lock_guard lock(status_mutex);
    status.swap(next);
  }

  const fs::path folder;
  const compiler::NativeCompiler compiler;
  runtime::LiveCards cards;
  std::mutex loading;
  std::mutex exchanging;  // held while cards, status and log go on together; taken after `loading`
  LoadLog log;
  mutable std::mutex status_mutex;
  std::shared_ptr<const FolderStatus> status =
      std::make_shared<const FolderStatus>(FolderStatus{.cards = cards.get()});
  NativeMaker maker{compiler, cards, [this](const auto& made, const auto& failures) {
                      take_native(made, failures);
                    }};
  std::unique_ptr<runtime::Watcher> watcher;  // these two last: their threads end before the rest
};

CardFolder::CardFolder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CardFolder::~CardFolder() = default;

Result<std::unique_ptr<CardFolder>> CardFolder::open(fs::path folder) {
  auto compiler = compiler::NativeCompiler::create();
  if (!compiler) return std::unexpected(std::move(compiler.error()));
  auto impl = std::make_unique<Impl>(std::move(folder), std::move(*compiler));
  {
    // Watched before it is read, so that no change is missed; a change meanwhile waits for the
    // lock.
    const std::lock_guard lock(impl->loading);
    auto watcher = runtime::Watcher::start(impl->folder, [self = impl.get()] { self->reload(); });
    if (!watcher) return std::unexpected(std::move(watcher.error()));
    impl->watcher = std::move(*watcher);
    if (auto loaded = impl->load(std::chrono::steady_clock::now()); !loaded) {
      // The watcher's thread may be waiting for the lock, which goes before it does.
      return std::unexpected(std::move(loaded.error()));
    }
  }
  return std::unique_ptr<CardFolder>(new CardFolder(std::move(impl)));
}

const runtime::LiveCards& CardFolder::cards() const { return impl_->cards; }

std::shared_ptr<const FolderStatus> CardFolder::status() const { return impl_->get_status(); }

}  // namespace toll::server
