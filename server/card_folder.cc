#include "server/card_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "compiler/native.h"
#include "runtime/cell_raters.h"
#include "runtime/loader.h"
#include "runtime/watcher.h"
#include "server/cards/changing.h"
#include "server/cards/folder_status.h"
#include "server/cards/load_log.h"
#include "server/cards/native_maker.h"
#include "server/cards/one_thread.h"
#include "server/cards/revision_store.h"
#include "server/event_log.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;
using runtime::CardSet;
using std::chrono::steady_clock;

/// Where days would be refused that are answered now, the folder is read again after so long: the
/// files of one change may come one after the other, and some editors take a file away for a
/// moment.
constexpr std::chrono::milliseconds kSettle{200};

bool has_version(const CardSet& cards, const std::string& card, Date from) {
  const CardSet::Versions* versions = cards.versions(card);
  return versions && std::ranges::any_of(*versions, [&](const auto& version) {
           return version->card().from == from;
         });
}

/// Whether a version has gone, or one has come that is in error and has no text to go on with.
bool loses_days(const CardSet& before, const CardSet& now) {
  for (const auto& [name, versions] : before.cards())
    for (const auto& version : versions)
      if (!has_version(now, name, version->card().from)) return true;
  return std::ranges::any_of(now.held_back(), [&](const dsl::HeldBack& held) {
    const auto is_it = [&](const dsl::HeldBack& other) {
      return other.card == held.card && other.from == held.from && other.file == held.file;
    };
    return !has_version(now, held.card, held.from) &&
           std::ranges::none_of(before.held_back(), is_it);
  });
}

/// How long the first load waits for files that somebody is writing.
constexpr std::chrono::milliseconds kWait{20};
constexpr int kWaitsMax = 50;

}  // namespace

struct CardFolder::Impl {
  Impl(fs::path path, compiler::NativeCompiler native, std::shared_ptr<RevisionStore> kept)
      : folder(std::move(path)), compiler(std::move(native)), store(std::move(kept)) {
    cards.exchange(
        std::make_shared<const CardSet>(CardSet::Revisions(), std::vector<dsl::HeldBack>(), store));
  }

  /// Reads the folder and makes what is right live. REQUIRES: called by one thread at a time.
  /// `noticed` is when there was something to load.
  Result<void> load(steady_clock::time_point noticed) {
    const auto before = cards.get();
    const auto status_before = get_status();
    auto loaded =
        runtime::load_folder(folder, compiler, kMakeAtOnce, *before, {status_before->files});
    if (loaded && loses_days(*before, *loaded->cards)) {
      std::this_thread::sleep_for(kSettle);
      loaded = runtime::load_folder(folder, compiler, kMakeAtOnce, *before, {status_before->files});
    }
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    return go_live(*loaded, noticed);
  }

  /// The first load. What is in error goes on with the text that was live when it was written down.
  Result<void> load_first(steady_clock::time_point noticed) {
    auto loaded = runtime::load_folder(folder, compiler, kMakeAtOnce, *cards.get());
    // What is being written now is there in a moment, and is waited for once, at the start.
    for (int i = 0; i < kWaitsMax && loaded && !loaded->being_written.empty(); ++i) {
      std::this_thread::sleep_for(kWait);
      loaded = runtime::load_folder(folder, compiler, kMakeAtOnce, *cards.get());
    }
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    if (!store || !loaded->has_errors()) return go_live(*loaded, noticed);
    CardSet::Revisions revisions = loaded->cards->revisions();
    const size_t found = revisions.size();
    add_last_good(*loaded, revisions);
    if (revisions.size() == found) return go_live(*loaded, noticed);
    const CardSet previous(std::move(revisions), {}, store);
    *loaded = runtime::load_files(std::move(loaded->files), {}, compiler, kMakeAtOnce, previous);
    return go_live(*loaded, noticed);
  }

  /// Versions that were live, are not in the set, and have a file in the folder.
  void add_last_good(const runtime::Loaded& loaded, CardSet::Revisions& revisions) const {
    std::set<std::pair<std::string, Date>> present;
    for (const auto& [name, versions] : loaded.cards->cards())
      for (const auto& revision : versions) present.emplace(name, revision->card().from);
    for (const auto& [version, entry] : store->live()) {
      const auto is_it = [&](const dsl::SourceFile& file) {
        return fs::path(file.path).filename() == entry.file;
      };
      if (present.contains(version) || std::ranges::none_of(loaded.files, is_it)) continue;
      const auto offers = store->restore({version.first, version.second, entry.hash});
      if (offers)
        std::ranges::copy(*offers, std::back_inserter(revisions));
      else
        log_event(LogLevel::Error, "revision_damaged",
                  {{"card", version.first}, {"hash", entry.hash}, {"why", offers.error().message}});
    }
  }

  /// Keeps the texts first: what was answered from can be answered from again.
  Result<void> go_live(const runtime::Loaded& loaded, steady_clock::time_point noticed) {
    if (auto kept = keep(loaded); !kept) return kept;
    const auto before = cards.get();
    {
      const std::lock_guard lock(exchanging);
      cards.exchange(loaded.cards);
      const auto elapsed =
          std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - noticed);
      set_status(next_status(loaded, *get_status(), store.get()));
      log.loaded(loaded, *before, elapsed);
    }
    maker.wake();
    return {};
  }

  Result<void> keep(const runtime::Loaded& loaded) {
    if (!store) return {};
    if (auto kept = store->keep(loaded); !kept) return kept;
    return store->record(loaded, now());
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
    for (LiveVersion& version : now->versions) {
      const dsl::RateCard& card = version.revision->card();
      version.revision = *std::ranges::find(*set->versions(card.name), card.from,
                                            [](const auto& other) { return other->card().from; });
    }
    log.failures(failures);
    std::ranges::copy(failures, std::back_inserter(now->failures));
    set_status(std::move(now));
  }

  void reload() {
    const auto noticed = steady_clock::now();
    const std::lock_guard lock(loading);
    const Result<void> done = load(noticed);
    if (done) return;
    log.failed(folder.string(), done.error().message);
    const std::lock_guard exchange(exchanging);
    auto unread = std::make_shared<FolderStatus>(*get_status());
    unread->failures = {done.error().message};
    set_status(std::move(unread));
  }

  ChangeOutcome check(const FolderChange& change) {
    const auto status_now = get_status();
    auto files = read();
    if (!files) return {.kind = ChangeOutcome::Kind::Unwritable, .why = files.error().message};
    return Changing(change, *status_now).outcome(*std::move(files), compiler).first;
  }

  ChangeOutcome change(const FolderChange& change) {
    using Kind = ChangeOutcome::Kind;
    const auto noticed = steady_clock::now();
    const std::lock_guard lock(loading);
    const auto status_now = get_status();
    auto files = read();
    if (!files) return {.kind = Kind::Unwritable, .why = files.error().message};
    const Changing changing(change, *status_now);
    if (auto conflict = changing.conflict(folder, *files)) return *std::move(conflict);
    auto [outcome, loaded] = changing.outcome(*std::move(files), compiler);
    if (outcome.kind != Kind::Accepted) return std::move(outcome);
    // The texts are kept before the files are written, and written before they answer.
    Result<void> done = store ? store->keep(loaded) : Result<void>();
    if (done) done = changing.write(folder);
    if (done) done = go_live(loaded, noticed);
    if (!done) {
      outcome.kind = Kind::Unwritable;
      outcome.why = done.error().message;
    }
    return std::move(outcome);
  }

  Result<std::vector<dsl::SourceFile>> read() const {
    auto read = runtime::read_settled(folder, {get_status()->files});
    if (!read) return std::unexpected(std::move(read.error()));
    return std::move(read->files);
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
  runtime::CellRaters cell_raters{
      compiler, [](const runtime::Revision& revision, std::string_view why) {
        log_event(
            LogLevel::Error, "no_native_code",
            {{"why", fmt::format("{} {}: {}", revision.card().name, revision.version(), why)}});
      }};
  runtime::LiveCards cards;
  const std::shared_ptr<RevisionStore> store;  // null: nothing is kept
  std::mutex loading;
  std::mutex exchanging;  // held while cards, status and log go on together; taken after `loading`
  LoadLog log;
  mutable std::mutex status_mutex;
  std::shared_ptr<const FolderStatus> status =
      std::make_shared<const FolderStatus>(FolderStatus{.cards = cards.get()});
  NativeMaker maker{compiler, cards, [this](const auto& made, const auto& failures) {
                      take_native(made, failures);
                    }};
  OneThread checker;  // one check at a time, beside loads
  OneThread loader;
  std::unique_ptr<runtime::Watcher> watcher;  // these last: their threads end before the rest
};

CardFolder::CardFolder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CardFolder::~CardFolder() = default;

Result<std::unique_ptr<CardFolder>> CardFolder::open(fs::path folder, fs::path kept) {
  auto compiler = compiler::NativeCompiler::create();
  if (!compiler) return std::unexpected(std::move(compiler.error()));
  std::shared_ptr<RevisionStore> store;
  if (!kept.empty()) {
    auto opened = RevisionStore::open(std::move(kept));
    if (!opened) return std::unexpected(std::move(opened.error()));
    store = std::move(*opened);
  }
  auto impl = std::make_unique<Impl>(std::move(folder), std::move(*compiler), std::move(store));
  {
    // Watched before it is read, so that no change is missed; a change meanwhile waits for the
    // lock.
    const std::lock_guard lock(impl->loading);
    auto watcher = runtime::Watcher::start(
        impl->folder, [self = impl.get()] { self->loader.run([self] { self->reload(); }); });
    if (!watcher) return std::unexpected(std::move(watcher.error()));
    impl->watcher = std::move(*watcher);
    if (auto loaded = impl->load_first(steady_clock::now()); !loaded) {
      // The watcher's thread may be waiting for the lock, which goes before it does.
      return std::unexpected(std::move(loaded.error()));
    }
  }
  return std::unique_ptr<CardFolder>(new CardFolder(std::move(impl)));
}

const runtime::LiveCards& CardFolder::cards() const { return impl_->cards; }

std::shared_ptr<const FolderStatus> CardFolder::status() const { return impl_->get_status(); }

runtime::CellRaters& CardFolder::cell_raters() const { return impl_->cell_raters; }

const RevisionStore* CardFolder::store() const { return impl_->store.get(); }

ChangeOutcome CardFolder::check(const FolderChange& change) const {
  ChangeOutcome outcome;
  impl_->checker.run([&] { outcome = impl_->check(change); });
  return outcome;
}

ChangeOutcome CardFolder::change(const FolderChange& change) {
  ChangeOutcome outcome;
  impl_->loader.run([&] { outcome = impl_->change(change); });
  return outcome;
}

}  // namespace toll::server
