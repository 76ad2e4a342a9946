// A page of a list: as many entries as an answer may have, and where there are more, the cursor
// that the next request gives.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "http/message.h"
#include "wire/json_writer.h"

namespace toll::server {

class Page {
 public:
  using Write = std::function<void(wire::JsonWriter&)>;

  struct Bounds {
    size_t entries;
    size_t bytes = std::numeric_limits<size_t>::max();  ///< after which no other entry begins
  };

  /// `head` writes what stands before the list.
  Page(std::string_view list, Bounds bounds, const Write& head = {});
  Page(const Page&) = delete;

  /// Adds an entry, or says that there are more: then it ends, and so does whoever reads them.
  /// `cursor` says where the page behind this entry begins.
  template <typename Entry, typename WriteEntry, typename Cursor>
  bool add(const Entry& entry, const WriteEntry& write, const Cursor& cursor) {
    more_ = entries_ == bounds_.entries || body_.size() >= bounds_.bytes;
    if (more_) return false;
    write(entry, json_);
    ++entries_;
    last_ = cursor(entry);
    return true;
  }

  /// Ends it although it has room; the page behind it begins there.
  void end_at(std::string cursor) {
    more_ = true;
    last_ = std::move(cursor);
  }

  /// Once, last.
  http::Response answer();

 private:
  const Bounds bounds_;
  std::string body_;
  wire::JsonWriter json_{body_};
  size_t entries_ = 0;
  bool more_ = false;
  std::string last_;
};

}  // namespace toll::server
