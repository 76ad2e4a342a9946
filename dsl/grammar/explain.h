// The words for lines that are not what they should be.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "dsl/diagnostic.h"
#include "dsl/grammar/grammar.h"
#include "dsl/grammar/statements.h"

namespace toll::dsl::grammar {

/// Whether `bill` before a line makes it one of the bill: `discount 5%`, which may be meant for all
/// of it.
bool could_be_of_bill(Tokens line);

/// Why a line is not the statement that it begins as.
Diagnostic explain(const Misreading& misreading, Tokens line, const Statement& statement,
                   uint32_t file_index);

/// The line begins with a word that means nothing here. `suggestion` may be empty.
Diagnostic unknown_statement(Tokens line, std::span<const Level> allowed,
                             const Statement* suggestion, uint32_t file_index);

/// The line begins with a word that belongs elsewhere. `first_item` is the first token of the open
/// card's first item, if there is one: what ends the header.
/// REQUIRES: the statement is neither a declaration nor a dimension's value.
Diagnostic misplaced_statement(Tokens line, const Statement& statement,
                               std::optional<Span> first_item, uint32_t file_index);

}  // namespace toll::dsl::grammar
