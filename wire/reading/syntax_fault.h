// Says in plain words why a text is no JSON, at the place where a JSON reader gave up.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace toll::wire {

/// What may stand next in a JSON text.
enum class Next {
  Document,            ///< nothing has been read
  NameOrEndOfObject,   ///< after {
  Colon,               ///< after a name
  CommaOrEndOfObject,  ///< after a field
  ValueOrEndOfList,    ///< after [
  CommaOrEndOfList,    ///< after an element
  EndOfText,           ///< after the document
};

/// Letters, digits and signs that numbers, true, false and null are made of, and misspelled ones.
bool is_word_character(char c);

struct SyntaxFault {
  size_t offset = 0;
  std::string message;    ///< a sentence without its place
  std::string_view word;  ///< that stands where a value belongs, or empty
};

/// REQUIRES: `text` up to `offset` was read as JSON, `next` is what may follow, and what follows is
/// not that.
SyntaxFault find_syntax_fault(std::string_view text, size_t offset, Next next);

/// "line 3, column 14", both from 1; the column counts characters.
std::string place_in(std::string_view text, size_t offset);

}  // namespace toll::wire
