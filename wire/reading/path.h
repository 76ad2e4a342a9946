// Where a reader is in a JSON document.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace toll::wire {

/// The objects and lists that are open, outermost first. Keeps its memory when a level is left.
class Path {
 public:
  void enter_object() { enter(false); }
  void enter_list() { enter(true); }
  void leave() { --depth_; }

  /// The field of the innermost object that is read now.
  void name(std::string_view name) {
    levels_[depth_ - 1].name = name;
    levels_[depth_ - 1].begun = true;
  }
  /// The next element of the innermost list.
  void next() {
    Level& list = levels_[depth_ - 1];
    if (list.begun) ++list.index;
    list.begun = true;
  }

  size_t depth() const { return depth_; }
  bool in_list() const { return depth_ > 0 && levels_[depth_ - 1].list; }

  /// RFC 6901: "/usage/2/at/model".
  std::string pointer() const;

  /// The same without the innermost object's field.
  std::string pointer_to_object() const { return pointer(depth_ - 1); }

 private:
  struct Level {
    bool list = false;
    bool begun = false;  ///< there is a field or an element
    std::string name;
    size_t index = 0;
  };
  void enter(bool list);
  std::string pointer(size_t levels) const;

  std::vector<Level> levels_;
  size_t depth_ = 0;
};

}  // namespace toll::wire
