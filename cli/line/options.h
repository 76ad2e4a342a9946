// Options that several verbs have.
#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "cli/verbs/verbs.h"

namespace toll::cli {

/// Card files and folders; the one that the command runs in by default.
void add_paths(CLI::App* verb, std::vector<std::string>& paths);

/// An option whose value is one of the words.
void add_choice(CLI::App* verb, const std::string& name, const std::string& value,
                const std::string& does, std::vector<std::string> words,
                std::function<void(size_t)> choose);

/// An option whose value is a whole number; the verb says which are too large.
void add_count(CLI::App* verb, const std::string& name, int& count, const std::string& does);

/// One whose value is a whole number from 0 to 100.
void add_percent(CLI::App* verb, const std::string& name, int& percent, const std::string& does);

/// The folder of card files.
void add_folder(CLI::App* verb, std::string& folder);

/// The name of a card, and its folder.
void add_card(CLI::App* verb, std::string& card, std::string& folder);

/// A usage document, what it leaves out, and how its answer is printed.
void add_document(CLI::App* verb, QuoteOptions& options);

}  // namespace toll::cli
