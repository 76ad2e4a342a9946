#include "cli/line/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wire/text.h"

namespace toll::cli {

void add_paths(CLI::App* verb, std::vector<std::string>& paths) {
  paths = {"."};
  verb->add_option("PATH", paths, "Card files, and folders with all folders below (default: .)")
      ->option_text(" ");
}

void add_choice(CLI::App* verb, const std::string& name, const std::string& value,
                const std::string& does, std::vector<std::string> words,
                std::function<void(size_t)> choose) {
  verb->add_option_function<std::string>(
          name,
          [words, choose = std::move(choose)](const std::string& word) {
            choose(static_cast<size_t>(std::ranges::find(words, word) - words.begin()));
          },
          does)
      ->option_text(value)
      ->check([name, words](const std::string& word) {
        if (std::ranges::count(words, word)) return std::string();
        std::string known = words.front();
        for (size_t i = 1; i < words.size(); ++i)
          known += (i + 1 < words.size() ? ", " : " or ") + words[i];
        return fmt::format("{} is {}, not `{}`", name, known, wire::shown(word));
      });
}

void add_count(CLI::App* verb, const std::string& name, int& count, const std::string& does) {
  verb->add_option(name, count, does)
      ->option_text(fmt::format("N (default {})", count))
      ->check([name](const std::string& text) {
        const bool digits = !text.empty() && text.size() <= 7 &&
                            std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
        return digits ? std::string() : name + " takes a whole number";
      });
}

void add_percent(CLI::App* verb, const std::string& name, int& percent, const std::string& does) {
  verb->add_option(name, percent, does)
      ->option_text("PERCENT")
      ->check([name](const std::string& text) {
        const bool digits = !text.empty() && text.size() <= 3 &&
                            std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
        return digits && std::stoi(text) <= 100
                   ? std::string()
                   : fmt::format("{} is a whole number from 0 to 100, not `{}`", name,
                                 wire::shown(text));
      });
}

void add_folder(CLI::App* verb, std::string& folder) {
  verb->add_option("--cards", folder, "The folder of card files")->required()->option_text("DIR");
}

void add_card(CLI::App* verb, std::string& card, std::string& folder) {
  verb->add_option("CARD", card, "The card's name")->required()->option_text(" ");
  add_folder(verb, folder);
}

void add_document(CLI::App* verb, QuoteOptions& options) {
  verb->add_option("--usage", options.usage, "The usage document (JSON); - is standard input")
      ->option_text("FILE|-");
  verb->add_option("--on", options.on, "The day that picks version and period")
      ->option_text("DATE");
  verb->add_option("--plan", options.plan, "The customer's plan")->option_text("PLAN");
  verb->add_option("--currency", options.currency,
                   "One of the card's currencies (default: its first)")
      ->option_text("CODE");
  verb->add_option("--customer", options.customer, "The customer")->option_text("ID");
  verb->add_option("--customer-since", options.since,
                   "Their first day as customers (default: they are new)")
      ->option_text("DATE");
  verb->add_flag("--json", options.json, "Print the answer as JSON, as the service gives it");
}

}  // namespace toll::cli
