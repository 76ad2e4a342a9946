#include "cli/cli.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "cli/output/terminal.h"
#include "cli/output/version.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "dsl/diagnostic.h"
#include "wire/text.h"

namespace toll::cli {
namespace {

/// The command line: options of all verbs, and the verb that was asked for.
class Commands {
 public:
  explicit Commands(std::string program) : program_(std::move(program)) {
    app_.name(program_);
    app_.require_subcommand(1);
    app_.set_version_flag("--version", fmt::format("toll {}", version()),
                          "Print which release this is");
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
    add_ingest();
    add_audit();
    add_rebuild();
    add_backup();
    add_restore();
    add_explain_error();
    add_serve();
    add_keys();
    add_replay();
  }

  int run(int argc, const char* const* argv) {
    if (argc < 2) {
      std::fputs(app_.help().c_str(), stderr);
      return kWrongCommand;
    }
    if (const std::string word = argv[1];
        !word.starts_with('-') && std::ranges::count(verb_names(), word) == 0)
      return unknown_verb(word);
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& request) {  // --help
      return app_.exit(request);
    } catch (const CLI::ParseError& error) {
      return wrong_command(error);
    }
    return chosen_();
  }

 private:
  CLI::App* add_verb(const std::string& name, const std::string& does, const std::string& example,
                     std::function<int()> run) {
    CLI::App* const verb = app_.add_subcommand(name, does);
    verb->footer("Example, from the root of the repository:\n  " + example);
    verb->callback([this, run = std::move(run)] { chosen_ = run; });
    return verb;
  }

  void add_check() {
    CLI::App* const verb =
        add_verb("check", "Say what is wrong in card files", program_ + " check ratecards",
                 [this] { return check(check_); });
    add_paths(verb, check_.paths);
    verb->add_flag("--strict", check_.strict, "Exit with 3 where there are warnings");
    add_choice(verb, "--format", "FORMAT (default text)",
               "text, json, sarif (2.1.0), or github: annotations of a pull request",
               {"text", "json", "sarif", "github"},
               [this](size_t chosen) { check_.format = static_cast<CheckFormat>(chosen); });
  }

  void add_fmt() {
    CLI::App* const verb =
        add_verb("fmt", "Write card files in their one canonical form",
                 program_ + " fmt --check ratecards", [this] { return format(format_); });
    verb->add_option("PATH", format_.paths,
                     "Card files, and folders with all folders below; - is standard input, and "
                     "the text goes to standard output")
        ->required()
        ->option_text(" ");
    verb->add_flag("--check", format_.check,
                   "Write nothing; exit with 11 where something would change");
  }

  void add_test() {
    CLI::App* const verb =
        add_verb("test", "Run the examples and golden invoices of card files",
                 program_ + " test ratecards/founding", [this] { return test(test_); });
    add_paths(verb, test_.paths);
    verb->add_option("--junit", test_.junit, "Write the results as JUnit XML as well")
        ->option_text("FILE");
    verb->add_flag("--update", test_.update,
                   "Write the amounts that the cards give into failing `expect` lines, exit with "
                   "10; refused where CI is set");
  }

  void add_cover() {
    CLI::App* const verb =
        add_verb("cover", "List prices and tier bounds that no example or golden invoice reaches",
                 program_ + " cover ratecards/founding --min 60", [this] { return cover(cover_); });
    add_paths(verb, cover_.paths);
    add_percent(verb, "--min", cover_.min, "Exit with 4 where fewer price lines are reached");
    add_percent(verb, "--min-bounds", cover_.min_bounds,
                "Exit with 4 where fewer tier bounds are tested, at the bound and above it");
    add_choice(
        verb, "--files", "KIND (default rows)",
        "What counts of a file of prices: rows, each of them, or whole, the file as one price",
        {"rows", "whole"}, [this](size_t chosen) { cover_.whole_files = chosen == 1; });
  }

  void add_prove() {
    CLI::App* const verb =
        add_verb("prove", "Test the guarantees of cards, and show the bills that refute one",
                 program_ + " prove ratecards/founding", [this] { return prove(prove_); });
    add_paths(verb, prove_.paths);
  }

  void add_diff() {
    CLI::App* const verb = add_verb(
        "diff", "Say what a change of cards does: to their lines, and to their examples' totals",
        program_ + " diff --against HEAD ratecards/founding", [this] { return diff(diff_); });
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

  void add_quote() {
    CLI::App* const verb =
        add_verb("quote", "Make an invoice from a usage document",
                 program_ + " quote api --cards examples/cards --usage examples/usage.json",
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

  void add_explain() {
    CLI::App* const verb = add_verb(
        "explain", "Derive every line of an invoice from the card's lines",
        program_ +
            " explain api_platform --cards ratecards/founding --example \"Growing customer\"",
        [this] { return explain(quote_); });
    add_card(verb, quote_.card, quote_.folder);
    add_document(verb, quote_);
    verb->add_option("--example", quote_.example, "An example of the card, instead of --usage")
        ->option_text("TITLE");
  }

  void add_show() {
    CLI::App* const verb = add_verb(
        "show", "Print a card as one text, what it reads, or what it became",
        program_ + " show api_platform --cards ratecards/founding", [this] { return show(show_); });
    add_card(verb, show_.card, show_.folder);
    verb->add_option("--on", show_.on, "A day on which the version is in force (default: today)")
        ->option_text("DATE");
    verb->add_option("--plan", show_.plan, "Only what a customer of this plan has")
        ->option_text("PLAN");
    verb->add_option("--currency", show_.currency,
                     "Of which --ir and --asm are (default: the first)")
        ->option_text("CODE");
    verb->add_option("--customer", show_.customer, "The card that this customer has")
        ->option_text("ID");
    verb->add_flag("--inputs", show_.inputs, "Meters with their dimensions and events, and limits");
    verb->add_flag("--ir", show_.ir, "The rating program");
    verb->add_flag("--asm", show_.assembly, "The native code of this machine");
  }

  void add_rate() {
    CLI::App* const verb =
        add_verb("rate", "Rate a table of usage, one bill a row",
                 program_ +
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
    verb->add_option("--customer", rate_.customer, "Whose deal, if there is one")
        ->option_text("ID");
    verb->add_option("--customer-since", rate_.since, "Their first day as customers")
        ->option_text("DATE");
    verb->add_option("--keep", rate_.keep, "A column that is no usage, to be passed on")
        ->option_text("COLUMN");
    verb->add_option("--threads", rate_.threads, "Threads that rate (default: one per processor)")
        ->option_text("N");
  }

  void add_meter() {
    CLI::App* const verb = add_verb("meter", "Count events by the meters of a card",
                                    program_ +
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

  void add_ingest() {
    CLI::App* const verb = add_verb("ingest", "Store the events of files, each exactly once",
                                    program_ +
                                        " ingest examples/events/llm_requests.ndjson --cards "
                                        "ratecards/founding --data build/data",
                                    [this] { return ingest(ingest_); });
    verb->add_option(
            "FILE", ingest_.files,
            "CloudEvents, one a line, or a table (.csv) with a header; - is standard input")
        ->required()
        ->option_text(" ");
    for (const auto& [name, field] : {std::pair("--source", &ingest_.source),
                                      {"--type", &ingest_.type},
                                      {"--customer", &ingest_.customer}})
      verb->add_option(name, *field, "Of a table's events, where no column says it")
          ->option_text("NAME");
    verb->add_option("--tenant", ingest_.tenant,
                     "Whose events they are (default: those of a service without tenants)")
        ->option_text("NAME");
    add_folder(verb, ingest_.folder);
    verb->add_option("--data", ingest_.data,
                     "The folder that keeps events; made where there is none")
        ->required()
        ->option_text("DIR");
  }

  void add_audit() {
    CLI::App* const verb = add_verb(
        "audit", "Work out again what is kept beside the events, and compare",
        program_ +
            " ingest examples/events/llm_requests.ndjson --cards ratecards/founding --data "
            "build/data &&\n  " +
            program_ + " audit --data build/data --cards ratecards/founding",
        [this] { return audit(audit_); });
    verb->add_option("--data", audit_.data, "The folder that keeps events")
        ->required()
        ->option_text("DIR");
    verb->add_option("--cards", audit_.folder,
                     "The folder of card files: work out the sums of days as well")
        ->option_text("DIR");
  }

  void add_rebuild() {
    CLI::App* const verb = add_verb(
        "rebuild", "Count the sums of days anew, so that bills are fast again",
        program_ +
            " ingest examples/events/llm_requests.ndjson --cards ratecards/founding --data "
            "build/data &&\n  " +
            program_ + " rebuild --data build/data --cards ratecards/founding",
        [this] { return rebuild(rebuild_); });
    verb->add_option("--data", rebuild_.data, "The folder that keeps events")
        ->required()
        ->option_text("DIR");
    add_folder(verb, rebuild_.folder);
  }

  void add_backup() {
    CLI::App* const verb = add_verb(
        "backup", "Copy what a data folder keeps, while a service writes to it",
        program_ +
            " ingest examples/events/llm_requests.ndjson --cards ratecards/founding --data "
            "build/data &&\n  " +
            program_ + " backup build/backup --data build/data",
        [this] { return backup(backup_); });
    verb->add_option("TO", backup_.copy, "The new folder")->required()->option_text(" ");
    verb->add_option("--data", backup_.data, "The folder that keeps events")
        ->required()
        ->option_text("DIR");
  }

  void add_restore() {
    CLI::App* const verb = add_verb("restore", "Make a data folder of a backup",
                                    program_ + " restore build/backup --data build/restored",
                                    [this] { return restore(restore_); });
    verb->add_option("FROM", restore_.copy, "The folder of the backup")
        ->required()
        ->option_text(" ");
    verb->add_option("--data", restore_.data, "The new folder: none is written over")
        ->required()
        ->option_text("DIR");
  }

  void add_explain_error() {
    CLI::App* const verb = add_verb(
        "explain-error", "Say what an error means, with a wrong card and the right one",
        program_ + " explain-error E204", [this] { return explain_error(explain_error_); });
    verb->add_option("CODE", explain_error_.code, "Its code; without it all codes are listed")
        ->option_text(" ");
  }

  void add_serve() {
    CLI::App* const verb =
        add_verb("serve", "Serve quotes over HTTP, and card files as they are saved",
                 program_ + " serve --cards examples/cards", [this] { return serve(serve_); });
    add_folder(verb, serve_.folder);
    verb->add_option("--data", serve_.data,
                     "The folder that keeps events and subscriptions; made where there is none "
                     "(default: no events, quotes only)")
        ->option_text("DIR");
    verb->add_option("--listen", serve_.listen, "Address and port; port 0 takes any free one")
        ->option_text(fmt::format("ADDRESS (default {})", serve_.listen));
    verb->add_option("--keys", serve_.keys,
                     "API keys, of which each request needs one (default: none, and only loopback "
                     "is served)")
        ->option_text("FILE");
    verb->add_option("--decisions", serve_.decisions,
                     "The folder for a log of every quote, which `replay` reads (default: none)")
        ->option_text("DIR");
    add_count(verb, "--connections", serve_.connections, "Connections that may be open at once");
    add_count(verb, "--drain-delay", serve_.drain_delay,
              "Seconds from SIGTERM, from when it is not ready, until it stops listening");
  }

  void add_replay() {
    CLI::App* const verb =
        add_verb("replay", "Make the quotes of a decision log again, and say which differ",
                 program_ + " replay examples/service/decisions.ndjson --cards ratecards/founding",
                 [this] { return replay(replay_); });
    verb->add_option("FILE", replay_.files, "What `serve --decisions` wrote; - is standard input")
        ->required()
        ->option_text(" ");
    add_folder(verb, replay_.folder);
    verb->add_option(
            "--data", replay_.data,
            "The folder of `serve --data`: finds revisions that are not in --cards any more")
        ->option_text("DIR");
    verb->add_option("--tenant", replay_.tenant,
                     "Whose quotes (default: those of a service without tenants)")
        ->option_text("NAME");
    add_choice(verb, "--engine", "ENGINE (default native)",
               "native or interpreter: both give the same answers", {"native", "interpreter"},
               [this](size_t chosen) { replay_.interpreter = chosen == 1; });
  }

  void add_keys() {
    CLI::App* const keys = app_.add_subcommand("keys", "Make, list and revoke API keys");
    keys->require_subcommand(1);
    const auto add = [&](const std::string& name, const std::string& does,
                         const std::string& example, std::function<int()> run) {
      CLI::App* const verb = keys->add_subcommand(name, does);
      verb->footer("Example, from the root of the repository:\n  " + example);
      verb->callback([this, run = std::move(run)] { chosen_ = run; });
      verb->add_option("--keys", keys_.file, "The file that holds them")
          ->required()
          ->option_text("FILE");
      return verb;
    };
    const std::string create = program_ +
                               " keys create --keys build/keys --name checkout --scopes "
                               "quotes:read";
    CLI::App* const verb = add("create", "Make a key, and print it for the only time", create,
                               [this] { return create_key(keys_); });
    verb->add_option("--name", keys_.name, "Whose it is")->required()->option_text("NAME");
    verb->add_option("--scopes", keys_.scopes,
                     "What it is for, with commas: quotes:read, cards:read, cards:write, "
                     "events:write, usage:read, accounts:write, ledger:write, billing:write, "
                     "metrics:read, or admin for all of it")
        ->required()
        ->option_text("SCOPES");
    verb->add_option("--tenant", keys_.tenant,
                     "Whose cards and events it sees: cards of the folder DIR/NAME (default: those "
                     "of DIR itself)")
        ->option_text("NAME");
    verb->add_option("--customer", keys_.customer,
                     "It reads what is this customer's, and nothing else")
        ->option_text("ID");
    verb->add_option("--expires", keys_.expires, "From when it is good no more (default: never)")
        ->option_text("DATE|TIME");
    add_count(verb, "--rate", keys_.rate, "Requests a second that it may ask");
    add_count(verb, "--burst", keys_.burst, "Requests at once after a pause");
    verb->get_option("--rate")->option_text("N (default: any number)");
    verb->get_option("--burst")->option_text("N (default: as --rate)");
    add("list", "List keys, without what is secret",
        create + " &&\n  " + program_ + " keys list --keys build/keys",
        [this] { return list_keys(keys_); });
    CLI::App* const revoke = add("revoke", "Let nobody in with a key any more",
                                 "id=$(" + create + " | cut -c6-13) &&\n  " + program_ +
                                     " keys revoke $id --keys build/keys",
                                 [this] { return revoke_key(keys_); });
    revoke->add_option("ID", keys_.id, "The id that `keys list` shows")
        ->required()
        ->option_text(" ");
  }

  static void add_paths(CLI::App* verb, std::vector<std::string>& paths) {
    paths = {"."};
    verb->add_option("PATH", paths, "Card files, and folders with all folders below (default: .)")
        ->option_text(" ");
  }

  /// An option whose value is one of the words.
  static void add_choice(CLI::App* verb, const std::string& name, const std::string& value,
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

  /// An option whose value is a whole number; the verb says which are too large.
  static void add_count(CLI::App* verb, const std::string& name, int& count,
                        const std::string& does) {
    verb->add_option(name, count, does)
        ->option_text(fmt::format("N (default {})", count))
        ->check([name](const std::string& text) {
          const bool digits =
              !text.empty() && text.size() <= 7 &&
              std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
          return digits ? std::string() : name + " takes a whole number";
        });
  }

  static void add_percent(CLI::App* verb, const std::string& name, int& percent,
                          const std::string& does) {
    verb->add_option(name, percent, does)
        ->option_text("PERCENT")
        ->check([name](const std::string& text) {
          const bool digits =
              !text.empty() && text.size() <= 3 &&
              std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
          return digits && std::stoi(text) <= 100
                     ? std::string()
                     : fmt::format("{} is a whole number from 0 to 100, not `{}`", name,
                                   wire::shown(text));
        });
  }

  static void add_folder(CLI::App* verb, std::string& folder) {
    verb->add_option("--cards", folder, "The folder of card files")->required()->option_text("DIR");
  }

  static void add_card(CLI::App* verb, std::string& card, std::string& folder) {
    verb->add_option("CARD", card, "The card's name")->required()->option_text(" ");
    add_folder(verb, folder);
  }

  static void add_document(CLI::App* verb, QuoteOptions& options) {
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

  std::vector<std::string> verb_names() {
    std::vector<std::string> names;
    for (const CLI::App* verb : app_.get_subcommands({})) names.push_back(verb->get_name());
    return names;
  }

  int unknown_verb(const std::string& word) {
    const std::vector<std::string> verbs = verb_names();
    const std::string meant = dsl::suggest(word, verbs);
    complain(fmt::format("there is no verb `{}`", wire::shown(word)),
             meant.empty() ? fmt::format("the verbs are {}", fmt::join(verbs, ", "))
                           : fmt::format("did you mean `{}`?", meant));
    return kWrongCommand;
  }

  /// The library's error in our own words.
  int wrong_command(const CLI::ParseError& error) {
    CLI::App* verb = &app_;
    std::string command = program_;
    for (auto verbs = verb->get_subcommands(); !verbs.empty(); verbs = verb->get_subcommands()) {
      verb = verbs.front();
      command += " " + verb->get_name();
    }
    const std::string what = error.what();
    std::string help = fmt::format("see `{} --help`", command);
    std::string text = what;  // "--cards is required", and what --engine's check says
    // A misspelled option is the cause where a required one is missing too.
    if (const std::vector<std::string> unknown = app_.remaining(true); !unknown.empty()) {
      text = fmt::format("`{}` means nothing here", wire::shown(unknown.front()));
      if (const std::string meant = dsl::suggest(unknown.front(), option_names(*verb));
          !meant.empty())
        help = fmt::format("did you mean `{}`?", meant);
    } else if (error.get_name() == "ArgumentMismatch") {
      text = fmt::format("{} takes one value", what.substr(0, what.find(':')));
    } else if (error.get_name() == "ValidationError") {
      text = what.substr(what.find(": ") + 2);
    }
    complain(text, help);
    return kWrongCommand;
  }

  static std::vector<std::string> option_names(const CLI::App& verb) {
    std::vector<std::string> names;
    for (const CLI::Option* option : verb.get_options())
      if (option->get_name().starts_with("--")) names.push_back(option->get_name());
    return names;
  }

  const std::string program_;
  CLI::App app_{"Toll: rate cards as code, from a text to an invoice"};
  CheckOptions check_;
  FormatOptions format_;
  TestOptions test_;
  CoverOptions cover_;
  ProveOptions prove_;
  DiffOptions diff_;
  QuoteOptions quote_;
  ShowOptions show_;
  MeterOptions meter_;
  RateOptions rate_;
  IngestOptions ingest_;
  AuditOptions audit_;
  RebuildOptions rebuild_;
  CopyOptions backup_, restore_;
  ExplainErrorOptions explain_error_;
  ServeOptions serve_;
  KeysOptions keys_;
  ReplayOptions replay_;
  std::function<int()> chosen_;
};

}  // namespace

int run(int argc, const char* const* argv) {
  const int code = Commands(argc > 0 ? argv[0] : "toll").run(argc, argv);
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
  complain("the output could not be written");
  return code == kOk ? kFailed : code;
}

}  // namespace toll::cli
