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

/// A line of a text: its number from 1, and its bytes without the line break.
struct LineAt {
  uint32_t number = 1;
  uint32_t begin = 0, end = 0;
};

LineAt line_at(std::string_view text, uint32_t offset) {
  size_t at = std::min<size_t>(offset, text.size());
  size_t before = at == 0 ? text.npos : text.rfind('\n', at - 1);
  size_t begin = before == text.npos ? 0 : before + 1;
  size_t end = std::min(text.find('\n', at), text.size());
  if (end < text.size() && end > begin && text[end - 1] == '\r') --end;
  auto number = 1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(begin), '\n');
  return {static_cast<uint32_t>(number), static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
}

/// A mark below a line of an excerpt.
struct Mark {
  LineAt line;
  uint32_t begin = 0, end = 0;  ///< bytes from the beginning of the line
  bool primary = false;
  std::string_view text;
};

/// A line as a terminal can show it. Columns count from 0.
class Shown {
 public:
  /// A byte order mark in front of the first line is shown as nothing.
  Shown(std::string_view line, bool first) : line_(line) {
    if (first && line.starts_with(scan::kByteOrderMark)) skipped_ = scan::kByteOrderMark.size();
  }

  /// The column at which a byte of the line is shown; the end of the line for what lies beyond.
  size_t column(size_t byte) const {
    size_t column = 0;
    each([&](const Glyph& glyph) {
      if (glyph.byte >= byte) return false;
      column = glyph.column + glyph.width;
      return true;
    });
    return column;
  }
  size_t columns() const { return column(line_.size()); }

  /// What stands in the columns [from, until).
  std::string text(size_t from, size_t until) const {
    std::string result;
    each([&](const Glyph& glyph) {
      bool inside = glyph.column >= from && glyph.column + glyph.width <= until;
      if (inside) result += glyph.text;
      bool cut = glyph.column < from && glyph.column + glyph.width > from;
      if (cut) result += ' ';  // half of a wide character
      return glyph.column < until;
    });
    return result;
  }

 private:
  struct Glyph {
    std::string_view text;
    size_t byte = 0, column = 0, width = 0;
  };

  /// Calls `visit` for each character, until it says false.
  template <typename Visit>
  void each(Visit visit) const {
    size_t column = 0;
    for (size_t at = skipped_; at < line_.size();) {
      scan::CodePoint c = scan::decode(line_, at);
      Glyph glyph{line_.substr(at, c.length), at, column, 1};
      bool hidden = !c.valid || scan::is_invisible(c.value) || scan::is_bidi_control(c.value);
      if (c.value == '\t') {
        glyph.text = " ";
      } else if (hidden) {
        glyph.text = "\uFFFD";
      } else {
        glyph.width = static_cast<size_t>(scan::display_width(c.value));
      }
      if (!visit(glyph)) return;
      column += glyph.width;
      at += c.length;
    }
  }

  std::string_view line_;
  size_t skipped_ = 0;
};

/// What a terminal would not show, or would obey, as U+FFFD: sentences quote labels and cells,
/// which hold what people write.
std::string visible(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    const scan::CodePoint c = scan::decode(text, at);
    const bool hidden = !c.valid || scan::is_invisible(c.value) || scan::is_bidi_control(c.value);
    result += hidden ? "\uFFFD" : text.substr(at, c.length);
    at += c.length;
  }
  return result;
}

/// The columns of a line that are shown: all, or those around its first mark.
struct Window {
  size_t from = 0, until = 0;
  bool cut_before = false, cut_after = false;

  Window(size_t columns, size_t first_mark) {
    until = columns;
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
        gutter_width_ = std::max(gutter_width_, fmt::formatted_size("{}", mark.line.number));
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
    print("{}{}:{}:{}:{} {}{}[{}]{}: {}{}{}\n", palette_.strong, visible(file.path), at.line,
          at.column, palette_.end, error ? palette_.error : palette_.warning,
          error ? "error" : "warning", diagnostic_.code, palette_.end, palette_.strong,
          visible(diagnostic_.message), palette_.end);
  }

  void group_by_file() {
    add(diagnostic_.primary, true);
    for (const Label& label : diagnostic_.related) add(label, false);
    for (Group& group : groups_) {
      std::ranges::sort(group.marks, {},
                        [](const Mark& m) { return std::tuple(m.line.number, m.begin, m.end); });
    }
  }

  void add(const Label& label, bool primary) {
    uint32_t file = label.place.file;
    auto group = std::ranges::find(groups_, file, &Group::file);
    if (group == groups_.end()) group = groups_.insert(groups_.end(), Group{file, {}});
    Span span = label.place.span;
    LineAt line = line_at(files_[file].text, span.begin);
    group->marks.push_back(
        {line, span.begin - line.begin, span.end - line.begin, primary, label.text});
  }

  void other_file(const Group& group) {
    const SourceFile& file = files_[group.file];
    const Mark& mark = group.marks.front();
    LineColumn at = line_column(file, mark.line.begin + mark.begin);
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
      while (last < group.marks.size() &&
             group.marks[last].line.number == group.marks[first].line.number)
        ++last;
      line(group.file, std::span(group.marks).subspan(first, last - first));
      first = last;
    }
  }

  /// A line and the marks below it, which are all of that line.
  void line(uint32_t file, std::span<const Mark> marks) {
    const LineAt& at = marks[0].line;
    std::string_view text(files_[file].text);
    Shown shown(text.substr(at.begin, at.end - at.begin), at.number == 1);
    auto primary = std::ranges::find(marks, true, &Mark::primary);
    const Mark& first = primary == marks.end() ? marks[0] : *primary;
    Window window(shown.columns(), shown.column(first.begin));

    gutter(fmt::format("{}", at.number));
    if (window.until > 0) {
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
    if (!mark.text.empty()) print(" {}", visible(mark.text));
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
              palette_.strong, head, palette_.end, visible(text));
      } else {
        print("{:{}}{}\n", "", gutter_width_ + 3 + head.size(), visible(text));
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  const Diagnostic& diagnostic_;
  std::span<const SourceFile> files_;
  const Palette& palette_;
  std::vector<Group> groups_;
  size_t gutter_width_ = 0;
  std::string out_;
};

}  // namespace

std::string render(const Diagnostic& diagnostic, std::span<const SourceFile> files,
                   RenderOptions options) {
  return Renderer(diagnostic, files, options).render();
}

}  // namespace toll::dsl
