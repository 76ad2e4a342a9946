// What a character is to a reader of messages and of JSON.
#pragma once

#include "base/utf8.h"

namespace toll::wire {

/// Characters that leave no mark: controls, and what Unicode calls default-ignorable (zero-width
/// and directional characters, fillers, variation selectors, tags), line and paragraph separators.
bool is_hidden(char32_t character);

}  // namespace toll::wire
