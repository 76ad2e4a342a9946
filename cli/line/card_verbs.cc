#include "cli/line/card_verbs.h"

#include <cstddef>
#include <string>
#include <utility>

#include "cli/line/options.h"

namespace toll::cli {

CardVerbs::CardVerbs(CommandLine& line) : line_(line) {
  add_check();
  add_fmt();
  add_test();
  add_cover();
  add_prove();
  add_diff();
  add_quote();
  add_explain();
  add_rate();
  add_show();
  add_meter();
  add_explain_error();
}

void CardVerbs::add_check() {
  CLI::App* const verb =
      line_.add_verb("check", "Say what is wrong in card files",
                     line_.program() + " check ratecards", [this] { return check(check_); });
  add_paths(verb, check_.paths);
  verb->add_flag("--strict", check_.strict, "Exit with 3 where there are warnings");
  add_choice(verb, "--format", "FORMAT (default text)",
             "text, json, sarif (2.1.0), or github: annotations of a pull request",
             {"text", "json", "sarif", "github"},
             [this](size_t chosen) { check_.format = static_cast<CheckFormat>(chosen); });
}

void CardVerbs::add_fmt() {
  CLI::App* const verb = line_.add_verb("fmt", "Write card files in their one canonical form",
                                        line_.program() + " fmt --check ratecards",
                                        [this] { return format(format_); });
  verb->add_option("PATH", format_.paths,
                   "Card files, and folders with all folders below; - is standard input, and "
                   "the text goes to standard output")
      ->required()
      ->option_text(" ");
  verb->add_flag("--check", format_.check,
                 "Write nothing; exit with 11 where something would change");
}

void CardVerbs::add_test() {
  CLI::App* const verb =
      line_.add_verb("test", "Run the examples and golden invoices of card files",
                     line_.program() + " test ratecards/founding", [this] { return test(test_); });
  add_paths(verb, test_.paths);
  verb->add_option("--junit", test_.junit, "Write the results as JUnit XML as well")
      ->option_text("FILE");
  verb->add_flag("--update", test_.update,
                 "Write the amounts that the cards give into failing `expect` lines, exit with "
                 "10; refused where CI is set");
}

void CardVerbs::add_cover() {
  CLI::App* const verb = line_.add_verb(
      "cover", "List prices and tier bounds that no example or golden invoice reaches",
      line_.program() + " cover ratecards/founding --min 60", [this] { return cover(cover_); });
  add_paths(verb, cover_.paths);
  add_percent(verb, "--min", cover_.min, "Exit with 4 where fewer price lines are reached");
  add_percent(verb, "--min-bounds", cover_.min_bounds,
              "Exit with 4 where fewer tier bounds are tested, at the bound and above it");
  add_choice(verb, "--files", "KIND (default rows)",
             "What counts of a file of prices: rows, each of them, or whole, the file as one price",
             {"rows", "whole"}, [this](size_t chosen) { cover_.whole_files = chosen == 1; });
}

void CardVerbs::add_prove() {
  CLI::App* const verb = line_.add_verb(
      "prove", "Test the guarantees of cards, and show the bills that refute one",
      line_.program() + " prove ratecards/founding", [this] { return prove(prove_); });
  add_paths(verb, prove_.paths);
}

void CardVerbs::add_diff() {
  CLI::App* const verb = line_.add_verb(
      "diff", "Say what a change of cards does: to their lines, and to their examples' totals",
      line_.program() + " diff --against HEAD ratecards/founding", [this] { return diff(diff_); });
  verb->add_option("PATH", diff_.paths,
                   "OLD and NEW: two folders, or two card files, of which only their own cards "
                   "are compared; with --against the one to compare (default: .)")
      ->option_text(" ");
  verb->add_option("--against", diff_.against, "The old side is PATH at this git revision")
      ->option_text("REVISION");
  verb->add_option("--usage", diff_.usage, "Usage documents that both sides rate, too")
      ->option_text("FILE");
  add_choice(verb, "--format", "FORMAT (default text)", "text, or markdown for a pull request",
             {"text", "markdown"}, [this](size_t chosen) { diff_.markdown = chosen == 1; });
}

void CardVerbs::add_quote() {
  CLI::App* const verb = line_.add_verb(
      "quote", "Make an invoice from a usage document",
      line_.program() + " quote api --cards examples/cards --usage examples/usage.json",
      [this] { return quote(quote_); });
  add_card(verb, quote_.card, quote_.folder);
  add_document(verb, quote_);
  verb->get_option("--usage")->required();
  add_choice(verb, "--engine", "ENGINE (default native)",
             "native or interpreter: both give the same answers", {"native", "interpreter"},
             [this](size_t chosen) { quote_.interpreter = chosen == 1; });
  verb->add_flag("--batch", quote_.batch,
                 "One usage document a line; an answer in JSON, or an error, a line");
}

void CardVerbs::add_explain() {
  CLI::App* const verb = line_.add_verb(
      "explain", "Derive every line of an invoice from the card's lines",
      line_.program() +
          " explain api_platform --cards ratecards/founding --example \"Growing customer\"",
      [this] { return explain(quote_); });
  add_card(verb, quote_.card, quote_.folder);
  add_document(verb, quote_);
  verb->add_option("--example", quote_.example, "An example of the card, instead of --usage")
      ->option_text("TITLE");
}

void CardVerbs::add_rate() {
  CLI::App* const verb =
      line_.add_verb("rate", "Rate a table of usage, one bill a row",
                     line_.program() +
                         " rate api_platform --cards ratecards/founding --on 2026-03-01 --input "
                         "examples/usage.csv",
                     [this] { return rate(rate_); });
  add_card(verb, rate_.card, rate_.folder);
  verb->add_option("--input", rate_.input,
                   "CSV with a header, or an object a line; - is standard input")
      ->required()
      ->option_text("FILE|-");
  verb->add_option("--output", rate_.output,
                   "The same with a column `amount`, another file than the input; - is standard "
                   "output. Without it only the totals are printed")
      ->option_text("FILE|-");
  add_choice(verb, "--format", "FORMAT (default: as the input's name ends)",
             "csv, or ndjson: an object a line", {"csv", "ndjson"},
             [this](size_t chosen) { rate_.ndjson = chosen == 1; });
  verb->add_option("--on", rate_.on, "A day of the billing period (default: today)")
      ->option_text("DATE");
  verb->add_option("--plan", rate_.plan, "The customers' plan")->option_text("PLAN");
  verb->add_option("--currency", rate_.currency, "One of the card's currencies")
      ->option_text("CODE");
  verb->add_option("--customer", rate_.customer, "Whose deal, if there is one")->option_text("ID");
  verb->add_option("--customer-since", rate_.since, "Their first day as customers")
      ->option_text("DATE");
  verb->add_flag("--without-state", rate_.without_state, "Each row as if nothing was before it");
  verb->add_option("--keep", rate_.keep, "A column that is no usage, to be passed on")
      ->option_text("COLUMN");
  verb->add_option("--threads", rate_.threads, "Threads that rate (default: one per processor)")
      ->option_text("N");
}

void CardVerbs::add_show() {
  CLI::App* const verb =
      line_.add_verb("show", "Print a card as one text, what it reads, or what it became",
                     line_.program() + " show api_platform --cards ratecards/founding",
                     [this] { return show(show_); });
  add_card(verb, show_.card, show_.folder);
  verb->add_option("--on", show_.on, "A day on which the version is in force (default: today)")
      ->option_text("DATE");
  verb->add_option("--plan", show_.plan, "Only what a customer of this plan has")
      ->option_text("PLAN");
  verb->add_option("--currency", show_.currency, "Of which --ir and --asm are (default: the first)")
      ->option_text("CODE");
  verb->add_option("--customer", show_.customer, "The card that this customer has")
      ->option_text("ID");
  verb->add_flag("--inputs", show_.inputs, "Meters with their dimensions and events, and limits");
  verb->add_flag("--ir", show_.ir, "The rating program");
  verb->add_flag("--asm", show_.assembly, "The native code of this machine");
}

void CardVerbs::add_meter() {
  CLI::App* const verb = line_.add_verb("meter", "Count events by the meters of a card",
                                        line_.program() +
                                            " meter ai_tokens --cards ratecards/founding --events "
                                            "examples/events/llm_requests.ndjson --period 2026-03",
                                        [this] { return meter(meter_); });
  add_card(verb, meter_.card, meter_.folder);
  verb->add_option("--events", meter_.events, "CloudEvents, one a line; - is standard input")
      ->required()
      ->option_text("FILE|-");
  verb->add_option("--period", meter_.period, "The month, or a day of the billing period")
      ->required()
      ->option_text("MONTH|DATE");
  verb->add_option("--customer", meter_.customer, "Only the events of this subject")
      ->option_text("ID");
  verb->add_option("--plan", meter_.plan, "The customers' plan")->option_text("PLAN");
  verb->add_option("--customer-since", meter_.since, "The customers' first day as such")
      ->option_text("DATE");
  verb->add_option("--as-of", meter_.as_of,
                   "Count up to this moment of a period that goes on (RFC 3339)")
      ->option_text("TIME");
  verb->add_flag("--json", meter_.json, "Print usage documents, one a line");
}

void CardVerbs::add_explain_error() {
  CLI::App* const verb = line_.add_verb(
      "explain-error", "Say what an error means, with a wrong card and the right one",
      line_.program() + " explain-error E204", [this] { return explain_error(explain_error_); });
  verb->add_option("CODE", explain_error_.code, "Its code; without it all codes are listed")
      ->option_text(" ");
}

}  // namespace toll::cli
