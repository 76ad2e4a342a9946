#include "tests/architecture/rules.h"

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <regex>
#include <set>

namespace toll::architecture {
namespace {

constexpr size_t kLinesMax = 600;

struct Room {
  std::string_view name;
  std::vector<std::string_view> stands_on;  ///< directly
};

// base -> dsl -> compiler -> runtime -> wire -> metering -> engine -> server -> cli, base -> http
// -> server, wire -> embed.
const std::vector<Room> kRooms = {
    {"base", {}},           {"dsl", {"base"}},
    {"compiler", {"dsl"}},  {"runtime", {"compiler"}},
    {"wire", {"runtime"}},  {"embed", {"wire"}},
    {"metering", {"wire"}}, {"engine", {"metering"}},
    {"http", {"base"}},     {"server", {"engine", "http"}},
    {"cli", {"server"}},
};

// A library is known by how its includes begin.
struct Library {
  std::string_view begins_with;
  std::set<std::string_view> rooms;
};

const std::vector<Library> kLibraries = {
    {"date/", {"base"}},
    {"openssl/", {"base"}},
    {"boost/crc.hpp", {"engine"}},
    {"boost/", {"dsl"}},
    {"llvm/", {"compiler"}},
    {"llvm-c/", {"compiler"}},
    {"nlohmann/", {"wire"}},
    {"simdjson.h", {"wire", "metering"}},
    {"rocksdb/", {"engine"}},
    {"httplib.h", {"http"}},
    {"spdlog/", {"server", "cli"}},
    {"prometheus/", {"server"}},
    {"CLI/", {"cli"}},
};

constexpr std::string_view kFormatLibrary = "fmt/";  // in every room, but in .cc files only

const std::set<std::string_view> kSystemHeaders = {"cxxabi.h",  "dlfcn.h",   "fcntl.h",  "netdb.h",
                                                   "poll.h",    "pthread.h", "signal.h", "spawn.h",
                                                   "termios.h", "unistd.h"};
const std::vector<std::string_view> kSystemFolders = {"arpa/", "linux/", "netinet/", "sys/"};

const std::set<std::string_view> kExactRooms = {"base",     "dsl",    "compiler", "runtime",
                                                "metering", "engine", "embed"};

const std::vector<std::string_view> kSourceEndings = {".h",   ".cc",  ".inc", ".def",
                                                      ".hpp", ".cpp", ".cxx", ".c"};
const std::vector<std::string_view> kMeasuredEndings = {
    ".h", ".cc", ".inc", ".def",  ".hpp",   ".cpp",          ".cxx",
    ".c", ".js", ".css", ".html", ".cmake", "CMakeLists.txt"};

const Room* find_room(std::string_view name) {
  const auto found = std::ranges::find(kRooms, name, &Room::name);
  return found == kRooms.end() ? nullptr : &*found;
}

/// Empty where the path has no folder.
std::string_view first_folder(std::string_view path) {
  const size_t slash = path.find('/');
  return slash == path.npos ? std::string_view{} : path.substr(0, slash);
}

bool stands_on(const Room& room, std::string_view below) {
  return std::ranges::any_of(room.stands_on, [&](std::string_view name) {
    return name == below || stands_on(*find_room(name), below);
  });
}

std::string in_backticks(std::string_view text) { return "`" + std::string(text) + "`"; }

// ---- one include ----

struct Include {
  bool angled = false;
  std::string_view target;
};

/// Empty for an `#include` whose target is neither in quotes nor in angles.
std::optional<Include> read_include(std::string_view raw) {
  const size_t open = raw.find_first_of("\"<");
  if (open == raw.npos) return std::nullopt;
  const bool angled = raw[open] == '<';
  const size_t close = raw.find(angled ? '>' : '"', open + 1);
  if (close == raw.npos) return std::nullopt;
  return Include{angled, raw.substr(open + 1, close - open - 1)};
}

bool is_include_line(const Line& line) {
  static const std::regex pattern(R"(^\s*#\s*include\b.*)");
  return std::regex_match(line.code, pattern);
}

/// What is wrong with including a file of the tree; empty if nothing is.
std::string fault_of_room_include(const Room& room, std::string_view target) {
  const Room* const other = find_room(first_folder(target));
  if (other == nullptr) {
    return in_backticks(target) +
           " begins with no room: includes are written from the root, and those of "
           "libraries in angles";
  }
  if (other == &room) return {};
  if (!stands_on(room, other->name)) {
    return "room " + in_backticks(room.name) + " does not stand on room " +
           in_backticks(other->name);
  }
  if (!is_door(target)) {
    return in_backticks(target) + " is a helper of room " + in_backticks(other->name) +
           ", not one of its doors";
  }
  return {};
}

bool is_standard(std::string_view target) { return target.find_first_of("./") == target.npos; }

bool is_system(std::string_view target) {
  return kSystemHeaders.contains(target) || std::ranges::any_of(kSystemFolders, [&](auto folder) {
           return target.starts_with(folder);
         });
}

std::string fault_of_library_include(const Room& room, std::string_view path,
                                     std::string_view target) {
  if (is_standard(target)) return {};
  if (is_door(path))
    return "a door includes " + in_backticks(target) + ": doors are free of libraries";
  if (is_system(target)) return {};
  if (target.starts_with(kFormatLibrary)) {
    if (path.ends_with(".cc")) return {};
    return in_backticks(target) + " may be included in .cc files only";
  }
  const auto library = std::ranges::find_if(
      kLibraries, [&](const Library& l) { return target.starts_with(l.begins_with); });
  if (library == kLibraries.end())
    return in_backticks(target) + " belongs to no library of the table";
  if (library->rooms.contains(room.name)) return {};
  return "room " + in_backticks(room.name) + " may not use " + in_backticks(target);
}

// ---- toll_room lines ----

/// Rooms by name, each with the rooms that its target links, as CMakeLists.txt has them.
std::map<std::string, std::set<std::string>> read_room_targets(const std::string& text) {
  static const std::regex line_pattern(R"(^\s*toll_room\(\s*(\w+)([^)]*)\))");
  static const std::regex word_pattern(R"(\S+)");
  std::map<std::string, std::set<std::string>> targets;
  for (const Line& line : split_lines(text)) {
    std::smatch match;
    if (!std::regex_search(line.raw, match, line_pattern)) continue;
    std::set<std::string>& rooms = targets[match[1]];
    const std::string rest = match[2];
    bool in_rooms = false;
    for (std::sregex_iterator word(rest.begin(), rest.end(), word_pattern), end; word != end;
         ++word) {
      if (word->str() == "ROOMS" || word->str() == "PRIVATE") {
        in_rooms = word->str() == "ROOMS";
      } else if (in_rooms) {
        rooms.insert(word->str());
      }
    }
  }
  return targets;
}

std::string list_of(const std::set<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : " ") + name;
  return list.empty() ? "nothing" : list;
}

void append(Violations& all, Violations some) {
  all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Violation& violation) {
  return out << violation.path << ":" << violation.line << ": " << violation.text;
}

std::vector<std::string_view> room_names() {
  std::vector<std::string_view> names;
  for (const Room& room : kRooms) names.push_back(room.name);
  return names;
}

bool is_door(std::string_view path) {
  return find_room(first_folder(path)) != nullptr && std::ranges::count(path, '/') == 1 &&
         !path.ends_with(".cc");
}

Violations check_includes(const SourceFile& file) {
  const Room& room = *find_room(first_folder(file.path));
  Violations violations;
  size_t number = 0;
  for (const Line& line : split_lines(file.text)) {
    ++number;
    if (!is_include_line(line)) continue;
    const auto include = read_include(line.raw);
    const std::string fault = !include ? "this include cannot be checked: write out its path"
                              : include->angled
                                  ? fault_of_library_include(room, file.path, include->target)
                                  : fault_of_room_include(room, include->target);
    if (!fault.empty()) violations.push_back({file.path, number, fault});
  }
  return violations;
}

Violations check_length(const SourceFile& file) {
  size_t lines = static_cast<size_t>(std::ranges::count(file.text, '\n'));
  if (!file.text.empty() && file.text.back() != '\n') ++lines;
  if (lines <= kLinesMax) return {};
  return {{file.path, lines, "the file has more than " + std::to_string(kLinesMax) + " lines"}};
}

Violations check_floating_point(const SourceFile& file) {
  static const std::regex floating(R"(\b(double|float)\b)");
  static const std::regex reason(R"(\w+\W+\w+)");  // one word would be no sentence
  if (!kExactRooms.contains(first_folder(file.path))) return {};
  Violations violations;
  size_t number = 0;
  for (const Line& line : split_lines(file.text)) {
    ++number;
    std::smatch type;
    if (!std::regex_search(line.code, type, floating)) continue;
    if (std::regex_search(line.comment, reason)) continue;
    violations.push_back({file.path, number,
                          in_backticks(type.str()) +
                              " in a room of exact numbers, without a comment on "
                              "this line that says why"});
  }
  return violations;
}

Violations check_room_targets(const SourceFile& cmake_lists) {
  Violations violations;
  auto targets = read_room_targets(cmake_lists.text);
  for (const Room& room : kRooms) {
    const std::string name(room.name);
    const std::set<std::string> expected(room.stands_on.begin(), room.stands_on.end());
    const auto found = targets.find(name);
    if (found == targets.end()) {
      violations.push_back({cmake_lists.path, 1, "room " + in_backticks(name) + " has no target"});
      continue;
    }
    if (found->second != expected) {
      violations.push_back({cmake_lists.path, 1,
                            "room " + in_backticks(name) + " stands on " + list_of(expected) +
                                " by the table, on " + list_of(found->second) + " by its target"});
    }
    targets.erase(found);
  }
  for (const auto& [name, rooms] : targets) {
    violations.push_back(
        {cmake_lists.path, 1, "room " + in_backticks(name) + " is not in the table"});
  }
  return violations;
}

Violations check_tree(const std::filesystem::path& root) {
  Violations violations = check_room_targets(read_file(root, "CMakeLists.txt"));
  for (const std::string_view room : room_names()) {
    for (const SourceFile& file : read_files(root, room, kSourceEndings)) {
      append(violations, check_includes(file));
      append(violations, check_floating_point(file));
    }
    for (const SourceFile& file : read_files(root, room, kMeasuredEndings)) {
      append(violations, check_length(file));
    }
  }
  for (const SourceFile& file : read_files(root, "tests", kMeasuredEndings)) {
    append(violations, check_length(file));
  }
  return violations;
}

}  // namespace toll::architecture
