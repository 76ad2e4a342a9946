#include "server/cards/revision_store.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>

#include "base/sha256.h"
#include "dsl/table_file.h"
#include "server/cards/durable_file.h"
#include "server/event_log.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;
using runtime::CardSet;
using runtime::Revision;
using runtime::RevisionId;

constexpr size_t kHistoryBytesMax = size_t{1} << 30;
constexpr size_t kRecordBytesMax = size_t{8} << 20;
constexpr size_t kTextBytesMax = size_t{dsl::kTableFileBytesMax} + 1;
constexpr size_t kMadeMax = 64;
constexpr size_t kCheckDigits = 16;
constexpr std::string_view kHashKind = "sha256:";

/// A file's name as one word of a line.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == '%' || byte == 0x7f)
      text += fmt::format("%{:02X}", byte);
    else
      text += c;
  }
  return text;
}

std::string unescaped(std::string_view text) {
  std::string name;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 1] + 2, byte, 16).ec == std::errc()) {
      name += static_cast<char>(byte);
      i += 2;
    } else {
      name += text[i];
    }
  }
  return name;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const size_t end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1))
    lines.push_back(text.substr(0, end));
  return lines;
}

std::string checked_line(const std::string& words) {
  return fmt::format("{} {}\n", sha256_hex(words).substr(0, kCheckDigits), words);
}

const dsl::SourceFile* find_file(const std::vector<dsl::SourceFile>& files,
                                 const std::string& name) {
  const auto found = std::ranges::find(files, name, dsl::base_name);
  return found == files.end() ? nullptr : &*found;
}

/// Whether a version that is not in the set may only be in error, or in a file that is being
/// written.
bool may_come_back(const runtime::Loaded& loaded, const std::string& file) {
  return (loaded.has_errors() && find_file(loaded.files, file)) ||
         std::ranges::find(loaded.being_written, file) != loaded.being_written.end();
}

template <typename Visit>
void for_each_version(const CardSet& cards, Visit&& visit) {
  for (const auto& [name, versions] : cards.cards())
    for (const auto& revision : versions) visit(*revision);
}

int64_t seconds(RevisionStore::Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

Result<std::shared_ptr<RevisionStore>> RevisionStore::open(fs::path folder) {
  std::shared_ptr<RevisionStore> store(new RevisionStore(std::move(folder)));
  std::error_code error;
  for (const char* name : {"texts", "revisions"}) {
    fs::create_directories(store->folder_ / name, error);
    if (error)
      return std::unexpected(Error{
          fmt::format("cannot make `{}`: {}", (store->folder_ / name).string(), error.message())});
  }
  if (auto read = store->read_history(/*mends=*/true); !read)
    return std::unexpected(std::move(read.error()));
  return store;
}

Result<std::shared_ptr<const RevisionStore>> RevisionStore::open_to_read(fs::path folder) {
  std::shared_ptr<RevisionStore> store(new RevisionStore(std::move(folder)));
  std::error_code error;
  if (!fs::exists(store->folder_ / "revisions", error))
    return std::unexpected(
        Error{fmt::format("no revisions are kept in `{}`", store->folder_.string())});
  if (auto read = store->read_history(/*mends=*/false); !read)
    return std::unexpected(std::move(read.error()));
  return store;
}

/// `mends`: takes a line away that was cut off at the end.
Result<void> RevisionStore::read_history(bool mends) {
  const fs::path path = folder_ / "history";
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  const auto text = read_whole(path, kHistoryBytesMax);
  if (!text) return std::unexpected(text.error());
  const size_t whole = text->rfind('\n') + 1;  // 0 where there is none
  if (mends && whole < text->size()) {
    log_event(LogLevel::Warning, "history_cut", {{"file", path.string()}});
    if (truncate(path.c_str(), static_cast<off_t>(whole)) != 0)
      return std::unexpected(Error{fmt::format("cannot write `{}`", path.string())});
  }
  size_t number = 0;
  for (const std::string_view line : lines_of(*text)) {
    ++number;
    if (!take(line))
      return std::unexpected(
          Error{fmt::format("line {} of `{}` is damaged: restore the folder from a backup; or move "
                            "it away, and cards in error have no last good text",
                            number, path.string())});
  }
  return {};
}

/// One line of the history; false where it is none.
bool RevisionStore::take(std::string_view line) {
  if (line.size() < kCheckDigits + 1) return false;
  const std::string_view rest = line.substr(kCheckDigits + 1);
  if (sha256_hex(rest).substr(0, kCheckDigits) != line.substr(0, kCheckDigits)) return false;
  const auto words = words_of(rest);  // TIME live CARD FROM HASH FILE, or TIME gone CARD FROM
  if (words.size() != 4 && words.size() != 6) return false;
  int64_t since = 0;
  const auto from = parse_date(words[3]);
  if (std::from_chars(words[0].data(), words[0].data() + words[0].size(), since).ec !=
          std::errc() ||
      !from)
    return false;
  const std::string card = unescaped(words[2]);
  Past& past = past_[{card, *from}];
  past.live = words.size() == 6;
  if (!past.live) return true;
  const std::string hash(words[4]);
  by_hash_[{card, hash}] = *from;
  past.entries.push_back({hash, Time(std::chrono::seconds(since)), unescaped(words[5])});
  return true;
}

fs::path RevisionStore::record_of(const RevisionId& id) const {
  const std::string_view hash = id.hash;
  return folder_ / "revisions" /
         fmt::format("{}.{}", to_string(id.from),
                     hash.substr(hash.starts_with(kHashKind) ? kHashKind.size() : 0));
}

bool RevisionStore::is_kept(const RevisionId& id) const {
  std::error_code error;
  return fs::exists(record_of(id), error);
}

Result<void> RevisionStore::keep(const runtime::Loaded& loaded) {
  std::vector<NewFile> texts, records;
  std::set<std::string> written;
  std::optional<Error> failure;
  for_each_version(*loaded.cards, [&](const Revision& revision) {
    const RevisionId id = runtime::id_of(revision);
    if (failure || is_kept(id)) return;
    std::vector<dsl::SourceFile> files;
    for (const uint32_t i : files_of(*loaded.cards, revision, loaded.files))
      files.push_back(loaded.files[i]);
    // What else a card may come to depend on is in the folder.
    if (!runtime::gives(files, id)) files = loaded.files;
    std::string record =
        fmt::format("card {}\nfrom {}\nhash {}\n", escaped(id.card), to_string(id.from), id.hash);
    for (const dsl::SourceFile& file : files) {
      const std::string name = sha256_hex(file.text);
      record += fmt::format("file {} {}\n", name, escaped(base_name(file)));
      std::error_code error;
      if (written.insert(name).second && !fs::exists(folder_ / "texts" / name, error))
        texts.push_back({folder_ / "texts" / name, file.text});
    }
    records.push_back({record_of(id), std::move(record)});
  });
  // A record stands there only with its texts.
  if (auto done = write_durably(texts); !done) return done;
  return write_durably(records);
}

Result<void> RevisionStore::record(const runtime::Loaded& loaded, Time now) {
  std::string lines;
  std::set<Version> present;
  const std::lock_guard lock(mutex_);
  for_each_version(*loaded.cards, [&](const Revision& revision) {
    const dsl::RateCard& card = revision.card();
    present.emplace(card.name, card.from);
    const auto past = past_.find({card.name, card.from});
    const Entry* last =
        past == past_.end() || !past->second.live ? nullptr : &past->second.entries.back();
    if (last && last->hash == card.hash && last->file == card.source.file) return;
    lines += checked_line(fmt::format("{} live {} {} {} {}", seconds(now), escaped(card.name),
                                      to_string(card.from), card.hash, escaped(card.source.file)));
  });
  for (const auto& [version, past] : past_) {
    if (!past.live || present.contains(version)) continue;
    if (may_come_back(loaded, past.entries.back().file)) continue;
    lines += checked_line(fmt::format("{} gone {} {}", seconds(now), escaped(version.first),
                                      to_string(version.second)));
  }
  if (lines.empty()) return {};
  if (auto done = append_durably(folder_ / "history", lines); !done) return done;
  for (const std::string_view line : lines_of(lines)) take(line);
  return {};
}

std::map<std::pair<std::string, Date>, RevisionStore::Entry> RevisionStore::live() const {
  const std::lock_guard lock(mutex_);
  std::map<Version, Entry> live;
  for (const auto& [version, past] : past_)
    if (past.live) live.emplace(version, past.entries.back());
  return live;
}

std::optional<RevisionStore::Time> RevisionStore::live_since(const RevisionId& id) const {
  const std::lock_guard lock(mutex_);
  const auto past = past_.find({id.card, id.from});
  if (past == past_.end() || past->second.entries.empty()) return std::nullopt;
  if (past->second.entries.back().hash != id.hash) return std::nullopt;
  return past->second.entries.back().since;
}

std::vector<RevisionStore::Entry> RevisionStore::history(const std::string& card, Date from) const {
  const std::lock_guard lock(mutex_);
  const auto past = past_.find({card, from});
  return past == past_.end() ? std::vector<Entry>() : past->second.entries;
}

Result<std::vector<dsl::SourceFile>> RevisionStore::texts(const RevisionId& id) const {
  const auto record = read_whole(record_of(id), kRecordBytesMax);
  if (!record) return std::unexpected(record.error());
  std::vector<dsl::SourceFile> files;
  for (const std::string_view line : lines_of(*record)) {
    const auto words = words_of(line);
    if (words.empty() || words[0] != "file") continue;
    if (words.size() != 3)
      return std::unexpected(Error{fmt::format("`{}` is damaged", record_of(id).string())});
    const fs::path path = folder_ / "texts" / fs::path(words[1]).filename();
    auto text = read_whole(path, kTextBytesMax);
    if (!text) return std::unexpected(std::move(text.error()));
    if (sha256_hex(*text) != words[1])
      return std::unexpected(Error{fmt::format("`{}` is damaged", path.string())});
    files.push_back({unescaped(words[2]), std::move(*text)});
  }
  return files;
}

Result<CardSet::Revisions> RevisionStore::restore(const RevisionId& id) const {
  const auto files = texts(id);
  if (!files) return std::unexpected(files.error());
  return runtime::restore(id, *files);
}

std::optional<Date> RevisionStore::first_day(std::string_view card, std::string_view hash) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_hash_.find(std::pair(std::string(card), std::string(hash)));
  return found == by_hash_.end() ? std::nullopt : std::optional(found->second);
}

Result<CardSet::Revisions> RevisionStore::find(std::string_view card, std::string_view hash) const {
  const auto from = first_day(card, hash);
  if (!from) return CardSet::Revisions();
  const RevisionId id{std::string(card), *from, std::string(hash)};
  const std::lock_guard lock(making_);
  const std::pair name(id.card, id.hash);
  const auto before = std::ranges::find(made_, name, &Made::name);
  if (before != made_.end()) {
    made_.splice(made_.begin(), made_, before);
    return made_.front().offers;
  }
  auto offers = restore(id);
  if (!offers) {
    log_event(LogLevel::Error, "revision_damaged",
              {{"card", id.card}, {"hash", id.hash}, {"why", offers.error().message}});
    return std::unexpected(Error{fmt::format(
        "revision `{}` of `{}` was live once, and what is kept of it is damaged", hash, card)});
  }
  made_.push_front({name, *offers});
  if (made_.size() > kMadeMax) made_.pop_back();
  return offers;
}

}  // namespace toll::server
