// How a diagnostic looks on a terminal:
//
//   api.toll:19:5: error[E301]: money lines come after the prices they change
//      |
//   19 |     discount 10%
//      |     ^^^^^^^^ nothing has been priced yet
//   20 |     at 0.0040 USD per call
//      |     -- the price is here
//      = help: move line 19 below line 20
//
// Places of the same file are shown in the order of the text, those of other files below, each
// under a line `--> file:line:column`. Carets are placed by the columns that a terminal gives to
// characters, not by bytes.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/scan/unicode.h"

namespace toll::dsl {
namespace {

constexpr size_t kColumnsMax = 110;    ///< of an excerpt, without the gutter
constexpr size_t kColumnsBefore = 30;  ///< kept before the caret of a line that is cut

struct Palette {
  std::string_view error, warning, strong, gutter, related, end;
};
constexpr Palette kPlain{};
constexpr Palette kColours{"\033[1;31m", "\033[1;33m", "\033[1m",
                           "\033[34m",   "\033[1;34m", "\033[0m"};

/// A mark below a line of an excerpt.
struct Mark {
  uint32_t line = 0;
  uint32_t begin = 0, end = 0;  ///< bytes in the line
  bool primary = false;
  std::string_view text;
};

/// A line's text as it can be shown, with the column at which each of its bytes begins.
class Shown {
 public:
  /// A byte order mark in front of the first line is shown as nothing.
  Shown(std::string_view line, bool first) {
    size_t at = 0;
    if (first && line.starts_with(scan::kByteOrderMark)) {
      at = scan::kByteOrderMark.size();
      column_of_byte_.assign(at, 0);
    }
    while (at < line.size()) {
      scan::CodePoint c = scan::decode(line, at);
      size_t width = append(line.substr(at, c.length), c);
      column_of_byte_.insert(column_of_byte_.end(), c.length, columns_);
      columns_ += width;
      at += c.length;
    }
    column_of_byte_.push_back(columns_);
  }

  /// The column, from 0, of a byte of the line; the end of the line for what lies beyond.
  size_t column(size_t byte) const {
    return column_of_byte_[std::min(byte, column_of_byte_.size() - 1)];
  }
  size_t columns() const { return columns_; }

  /// What stands in the columns [from, until).
  std::string text(size_t from, size_t until) const {
    std::string result;
    for (const Glyph& glyph : glyphs_) {
      if (glyph.column >= from && glyph.column + glyph.width <= until) result += glyph.text;
    }
    return result;
  }

 private:
  struct Glyph {
    std::string text;
    size_t column, width;
  };

  size_t append(std::string_view bytes, scan::CodePoint c) {
    if (c.value == '\t') return add(" ", 1);
    bool shown = c.valid && !scan::is_invisible(c.value) && !scan::is_bidi_control(c.value);
    if (!shown) return add("\uFFFD", 1);
    return add(std::string(bytes), static_cast<size_t>(scan::display_width(c.value)));
  }
  size_t add(std::string text, size_t width) {
    glyphs_.push_back({std::move(text), columns_, width});
    return width;
  }

  std::vector<Glyph> glyphs_;
  std::vector<size_t> column_of_byte_;
  size_t columns_ = 0;
};

/// The columns of a line that are shown: all, or those around its first mark.
struct Window {
  size_t from = 0, until = 0;
  bool cut_before = false, cut_after = false;

  Window(const Shown& shown, size_t first_mark) {
    until = shown.columns();
    if (until <= kColumnsMax) return;
    from = first_mark > kColumnsBefore ? first_mark - kColumnsBefore : 0;
    from = std::min(from, until - kColumnsMax);
    cut_before = from > 0;
    cut_after = from + kColumnsMax < until;
    until = from + kColumnsMax;
  }
};

class Renderer {
 public:
  Renderer(const Diagnostic& diagnostic, std::span<const SourceFile> files, RenderOptions options)
      : diagnostic_(diagnostic), files_(files), palette_(options.colour ? kColours : kPlain) {}

  std::string render() {
    head();
    group_by_file();
    for (const auto& [file, marks] : groups_) {
      for (const Mark& mark : marks) {
        gutter_width_ = std::max(gutter_width_, fmt::formatted_size("{}", mark.line));
      }
    }
    for (size_t i = 0; i < groups_.size(); ++i) {
      if (i > 0) other_file(groups_[i]);
      excerpt(groups_[i]);
    }
    for (const Note& note : diagnostic_.notes) notes(note);
    return std::move(out_);
  }

 private:
  struct Group {
    uint32_t file = 0;
    std::vector<Mark> marks;
  };

  template <typename... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  void head() {
    bool error = diagnostic_.severity == Severity::Error;
    const SourceFile& file = files_[diagnostic_.primary.place.file];
    LineColumn at = line_column(file, diagnostic_.primary.place.span.begin);
    print("{}{}:{}:{}:{} {}{}[{}]{}: {}{}{}\n", palette_.strong, file.path, at.line, at.column,
          palette_.end, error ? palette_.error : palette_.warning, error ? "error" : "warning",
          diagnostic_.code, palette_.end, palette_.strong, diagnostic_.message, palette_.end);
  }

  void group_by_file() {
    add(diagnostic_.primary, true);
    for (const Label& label : diagnostic_.related) add(label, false);
    for (Group& group : groups_) {
      std::ranges::sort(group.marks, {},
                        [](const Mark& m) { return std::tuple(m.line, m.begin, m.end); });
    }
  }

  void add(const Label& label, bool primary) {
    uint32_t file = label.place.file;
    auto group = std::ranges::find(groups_, file, &Group::file);
    if (group == groups_.end()) group = groups_.insert(groups_.end(), Group{file, {}});
    LineIndex& index = index_of(file);
    Span span = label.place.span;
    uint32_t line = index.line(span.begin);
    uint32_t begin = index.bytes(line).begin;
    group->marks.push_back({line, span.begin - begin, span.end - begin, primary, label.text});
  }

  LineIndex& index_of(uint32_t file) {
    for (auto& [known, index] : indices_) {
      if (known == file) return index;
    }
    return indices_.emplace_back(file, LineIndex(files_[file].text)).second;
  }

  void other_file(const Group& group) {
    const SourceFile& file = files_[group.file];
    const Mark& mark = group.marks.front();
    uint32_t begin = index_of(group.file).bytes(mark.line).begin;
    LineColumn at = line_column(file, begin + mark.begin);
    print("{:{}}{}-->{} {}:{}:{}\n", "", gutter_width_, palette_.gutter, palette_.end, file.path,
          at.line, at.column);
  }

  void gutter(std::string_view number) {
    print("{}{:>{}} |{}", palette_.gutter, number, gutter_width_, palette_.end);
  }

  void excerpt(const Group& group) {
    gutter("");
    print("\n");
    for (size_t first = 0; first < group.marks.size();) {
      size_t last = first;
      while (last < group.marks.size() && group.marks[last].line == group.marks[first].line) ++last;
      line(group.file, std::span(group.marks).subspan(first, last - first));
      first = last;
    }
  }

  /// A line and the marks below it, which are all of that line.
  void line(uint32_t file, std::span<const Mark> marks) {
    Span bytes = index_of(file).bytes(marks[0].line);
    std::string_view text(files_[file].text);
    Shown shown(text.substr(bytes.begin, bytes.end - bytes.begin), marks[0].line == 1);
    auto primary = std::ranges::find(marks, true, &Mark::primary);
    const Mark& first = primary == marks.end() ? marks[0] : *primary;
    Window window(shown, shown.column(first.begin));

    gutter(fmt::format("{}", marks[0].line));
    if (shown.columns() > 0) {
      print(" {}{}{}", window.cut_before ? "…" : "", shown.text(window.from, window.until),
            window.cut_after ? "…" : "");
    }
    print("\n");
    for (const Mark& mark : marks) underline(mark, shown, window);
  }

  void underline(const Mark& mark, const Shown& shown, const Window& window) {
    size_t from = shown.column(mark.begin);
    size_t until = std::max(shown.column(mark.end), from + 1);
    bool outside = from >= std::max(window.until, window.from + 1) && window.cut_after;
    if (outside || until <= window.from) return;
    from = std::max(from, window.from);
    if (window.cut_after) until = std::min(until, window.until);

    gutter("");
    print(" {:{}}{}", "", from - window.from + (window.cut_before ? 1 : 0),
          !mark.primary                             ? palette_.related
          : diagnostic_.severity == Severity::Error ? palette_.error
                                                    : palette_.warning);
    print("{}", std::string(until - from, mark.primary ? '^' : '-'));
    if (!mark.text.empty()) print(" {}", mark.text);
    print("{}\n", palette_.end);
  }

  /// Further lines of a note stand below its first word.
  void notes(const Note& note) {
    std::string head = fmt::format("{}: ", note.kind);
    std::string_view rest = note.text;
    for (bool first = true; first || !rest.empty(); first = false) {
      size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view text = rest.substr(0, end);
      if (first) {
        print("{:{}} {}={} {}{}{}{}\n", "", gutter_width_, palette_.gutter, palette_.end,
              palette_.strong, head, palette_.end, text);
      } else {
        print("{:{}}{}\n", "", gutter_width_ + 3 + head.size(), text);
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  const Diagnostic& diagnostic_;
  std::span<const SourceFile> files_;
  const Palette& palette_;
  std::vector<Group> groups_;
  std::vector<std::pair<uint32_t, LineIndex>> indices_;
  size_t gutter_width_ = 0;
  std::string out_;
};

}  // namespace

std::string render(const Diagnostic& diagnostic, std::span<const SourceFile> files,
                   RenderOptions options) {
  return Renderer(diagnostic, files, options).render();
}

}  // namespace toll::dsl
