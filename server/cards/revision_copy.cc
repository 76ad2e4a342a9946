// A copy of the revisions that a folder keeps, made while a service adds to them.
#include <fmt/format.h>

#include <cstdint>
#include <system_error>
#include <utility>

#include "server/cards/durable_file.h"
#include "server/cards/revision_store.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFileBytesMax = size_t{1} << 30;
constexpr size_t kGroupBytes = size_t{16} << 20;

/// Writes files as they are in another folder, in groups.
class FileCopy {
 public:
  Result<void> add(const fs::path& from, const fs::path& to) {
    auto text = read_whole(from, kFileBytesMax);
    if (!text) return std::unexpected(std::move(text.error()));
    return add_text(*std::move(text), to);
  }

  Result<void> add_text(std::string text, const fs::path& to) {
    bytes_ += text.size();
    files_.push_back({to, std::move(text)});
    return bytes_ < kGroupBytes ? Result<void>() : write();
  }

  /// All files of a folder, but for those that are being written: they have hidden names.
  Result<void> add_folder(const fs::path& from, const fs::path& to) {
    std::error_code fault;
    fs::create_directories(to, fault);
    if (fault) return std::unexpected(Error{fmt::format("`{}`: {}", to.string(), fault.message())});
    for (const auto& file : fs::directory_iterator(from, fault)) {
      const fs::path name = file.path().filename();
      if (name.string().starts_with('.')) continue;
      if (auto added = add(file.path(), to / name); !added) return added;
    }
    if (fault)
      return std::unexpected(Error{fmt::format("`{}`: {}", from.string(), fault.message())});
    return {};
  }

  Result<void> write() {
    const std::vector<NewFile> group = std::exchange(files_, {});
    bytes_ = 0;
    return write_durably(group);
  }

 private:
  std::vector<NewFile> files_;
  size_t bytes_ = 0;
};

}  // namespace

/// Whether each revision of the history can be read.
Result<void> RevisionStore::check_texts() const {
  for (const auto& [version, past] : past_) {
    for (const Entry& entry : past.entries) {
      const auto found = texts({version.first, version.second, entry.hash});
      if (!found) return std::unexpected(found.error());
    }
  }
  return {};
}

Result<void> RevisionStore::copy(const fs::path& from, const fs::path& to) {
  std::error_code fault;
  if (!fs::exists(from / "revisions", fault)) return {};
  const auto source = open_to_read(from);
  if (!source) return std::unexpected(source.error());
  if (auto whole = (*source)->check_texts(); !whole) return whole;

  // What a line of the history names was written before it, and what a record names before that:
  // read in this order each finds all that it needs.
  FileCopy files;
  std::string history;
  if (fs::exists(from / "history", fault)) {
    auto text = read_whole(from / "history", kFileBytesMax);
    if (!text) return std::unexpected(std::move(text.error()));
    history = text->substr(0, text->rfind('\n') + 1);
  }
  for (const char* folder : {"revisions", "texts"})
    if (auto added = files.add_folder(from / folder, to / folder); !added) return added;
  if (auto added = files.add_text(std::move(history), to / "history"); !added) return added;
  if (auto written = files.write(); !written) return written;

  const auto copied = open_to_read(to);
  return copied ? (*copied)->check_texts() : std::unexpected(copied.error());
}

}  // namespace toll::server
