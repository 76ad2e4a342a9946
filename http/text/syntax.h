// The lexical rules of HTTP/1.1 (RFC 9110, 9112) and of URIs (RFC 3986) that the guards share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace toll::http {

/// A method or field name: one or more of the characters RFC 9110 calls tchar.
bool is_token(std::string_view text);

/// A field value: no control characters but the tab. CR, LF and NUL are what injections are made
/// of.
bool is_field_value(std::string_view text);

/// ASCII letters only, as HTTP compares names.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Without spaces and tabs at both ends.
std::string_view trim(std::string_view text);

enum class Plus { Literal, Space };

/// True if every '%' is followed by two hexadecimal digits.
bool is_percent_encoded(std::string_view text);

/// Appends the decoded text. Decodes once: %2525 becomes %25.
/// REQUIRES: is_percent_encoded(text).
void append_decoded(std::string_view text, Plus plus, std::string& out);

/// Length of the well-formed UTF-8 character that `text` begins with (no overlong form, no
/// surrogate, at most U+10FFFF); 0 if there is none. REQUIRES: not empty.
size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace toll::http
