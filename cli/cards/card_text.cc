#include "cli/cards/card_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "dsl/parse.h"

namespace toll::cli {
namespace {

namespace syntax = dsl::syntax;
using Kind = DeclarationText::Kind;

bool is_blank(std::string_view line) { return line.find_first_not_of(" \r") == line.npos; }

/// The line that begins at `offset`, with its line break.
std::string_view line_at(std::string_view text, size_t offset) {
  const size_t end = text.find('\n', offset);
  return text.substr(offset, end == text.npos ? text.npos : end + 1 - offset);
}

std::string with_line_break(std::string_view text) {
  while (!text.empty() && is_blank(text.substr(text.size() - 1))) text.remove_suffix(1);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text) + "\n";
}

/// The first line and the indented lines below it. In a checked file indentation tells the truth.
std::string block_from(std::string_view text, size_t begin) {
  size_t end = begin, at = begin;
  while (at < text.size()) {
    const std::string_view line = line_at(text, at);
    const bool comment = line.starts_with('#');
    if (at > begin && !comment && !is_blank(with_line_break(line).substr(0, 1)) &&
        !line.starts_with(' '))
      break;
    at += line.size();
    if (at - line.size() == begin || line.starts_with(' ')) end = at;
  }
  return with_line_break(text.substr(begin, end - begin));
}

/// The words of a text: units, names, fields. A hyphen separates, since it multiplies units.
std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : text) {
    const bool in_word =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
    if (in_word) {
      word += c;
    } else if (!word.empty()) {
      words.insert(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.insert(word);
  return words;
}

/// A declaration of any kind, with the words by which a card may reach it.
struct Found {
  DeclarationText declaration;
  std::vector<std::string> names;  ///< of a unit: singular and plural
};

std::optional<Found> find(const syntax::Declaration& declaration, std::string_view text) {
  const auto found = [&](Kind kind, const syntax::Word& name, const dsl::Span& span) {
    return Found{{kind, name.text, block_from(text, span.begin)}, {name.text}};
  };
  if (const auto* dimension = std::get_if<syntax::Dimension>(&declaration))
    return found(Kind::Dimension, dimension->name, dimension->span);
  if (const auto* meter = std::get_if<syntax::Meter>(&declaration))
    return found(Kind::Meter, meter->name, meter->span);
  if (const auto* unit = std::get_if<syntax::Unit>(&declaration)) {
    Found result = found(Kind::Unit, unit->singular, unit->span);
    if (unit->plural) result.names.push_back(unit->plural->text);
    return result;
  }
  return std::nullopt;
}

std::vector<Found> all_declarations(std::span<const dsl::SourceFile> files) {
  std::vector<Found> all;
  for (uint32_t i = 0; i < files.size(); ++i)
    for (const syntax::Declaration& declaration : dsl::parse(files[i], i).tree.declarations)
      if (auto found = find(declaration, files[i].text)) all.push_back(*std::move(found));
  return all;
}

std::string_view block_of(const dsl::RateCard& card, std::span<const dsl::SourceFile> files) {
  const uint32_t file = card.source.place.file;
  const dsl::Parsed parsed = dsl::parse(files[file], file);
  for (const syntax::Declaration& declaration : parsed.tree.declarations) {
    const auto* other = std::get_if<syntax::Card>(&declaration);
    if (other && other->span.begin == card.source.place.span.begin)
      return std::string_view(files[file].text)
          .substr(other->block.begin, other->block.end - other->block.begin);
  }
  return {};
}

template <typename Declared>
bool has_name(const std::vector<Declared>& declared, const std::string& name) {
  return std::ranges::find(declared, name, &Declared::name) != declared.end();
}

}  // namespace

std::vector<DeclarationText> declarations_of(const dsl::RateCard& card,
                                             std::span<const dsl::SourceFile> files) {
  std::vector<Found> all = all_declarations(files);
  std::set<std::pair<Kind, std::string>> known;
  std::erase_if(all, [&](const Found& found) {
    const DeclarationText& declaration = found.declaration;
    if (!known.emplace(declaration.kind, declaration.name).second) return true;
    if (declaration.kind == Kind::Meter) return !has_name(card.meters, declaration.name);
    return declaration.kind == Kind::Dimension && !has_name(card.dimensions, declaration.name);
  });

  std::set<std::string> words = words_of(block_of(card, files));
  for (const Found& found : all)
    if (found.declaration.kind == Kind::Meter) words.merge(words_of(found.declaration.text));
  std::set<const Found*> reached;
  const auto reach_units = [&] {  // a unit's size may name another unit
    const size_t before = reached.size();
    for (const Found& found : all) {
      const auto named = [&](const std::string& name) { return words.contains(name); };
      if (found.declaration.kind != Kind::Unit || std::ranges::none_of(found.names, named))
        continue;
      reached.insert(&found);
      words.merge(words_of(found.declaration.text));
    }
    return reached.size() > before;
  };
  while (reach_units()) {
  }

  std::vector<DeclarationText> result;
  for (const Found& found : all)
    if (found.declaration.kind != Kind::Unit || reached.contains(&found))
      result.push_back(found.declaration);
  return result;
}

std::string flattened(const dsl::RateCard& card, std::span<const dsl::SourceFile> files) {
  std::string text = "toll 1\n";
  bool one_line_before = false;
  for (const DeclarationText& declaration : declarations_of(card, files)) {
    const bool one_line = std::ranges::count(declaration.text, '\n') == 1;
    if (!one_line || !one_line_before) text += '\n';
    text += declaration.text;
    one_line_before = one_line;
  }
  return text + "\n" + with_line_break(block_of(card, files));
}

}  // namespace toll::cli
