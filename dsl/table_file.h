// Files of price rows that stand beside a card: `rows from "sms.csv"`.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace toll::dsl {

/// What one such file may hold. A larger one is refused.
inline constexpr uint32_t kTableFileBytesMax = 8 << 20;

/// Whether a path is that of a table file, and not of a card file: it ends in `.csv`.
bool is_table_file(std::string_view path);

/// Whether a card may name this file: one that stands in the card's own folder, so that a card
/// reads nothing from elsewhere and a change of the file is a change of the folder.
bool is_table_name(std::string_view name);

/// The table files that the text of a card file names and that may be read for it. Linear in the
/// text; says nothing about whether the text is right.
std::set<std::string> tables_named(std::string_view text);

}  // namespace toll::dsl
