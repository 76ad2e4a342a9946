#include "cli/line/data_verbs.h"

#include <fmt/format.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "cli/line/options.h"

namespace toll::cli {

DataVerbs::DataVerbs(CommandLine& line) : line_(line) {
  add_ingest();
  add_audit();
  add_rebuild();
  add_backup();
  add_restore();
  add_serve();
  add_keys();
  add_replay();
}

void DataVerbs::add_ingest() {
  CLI::App* const verb = line_.add_verb("ingest", "Store the events of files, each exactly once",
                                        line_.program() +
                                            " ingest examples/events/llm_requests.ndjson --cards "
                                            "ratecards/founding --data build/data",
                                        [this] { return ingest(ingest_); });
  verb->add_option("FILE", ingest_.files,
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
  verb->add_option("--data", ingest_.data, "The folder that keeps events; made where there is none")
      ->required()
      ->option_text("DIR");
}

void DataVerbs::add_audit() {
  CLI::App* const verb = line_.add_verb(
      "audit", "Work out again what is kept beside the events, and compare",
      line_.program() +
          " ingest examples/events/llm_requests.ndjson --cards ratecards/founding --data "
          "build/data &&\n  " +
          line_.program() + " audit --data build/data --cards ratecards/founding",
      [this] { return audit(audit_); });
  verb->add_option("--data", audit_.data, "The folder that keeps events")
      ->required()
      ->option_text("DIR");
  verb->add_option("--cards", audit_.folder,
                   "The folder of card files: work out the sums of days as well")
      ->option_text("DIR");
}

void DataVerbs::add_rebuild() {
  CLI::App* const verb = line_.add_verb(
      "rebuild", "Count the sums of days anew, so that bills are fast again",
      line_.program() +
          " ingest examples/events/llm_requests.ndjson --cards ratecards/founding --data "
          "build/data &&\n  " +
          line_.program() + " rebuild --data build/data --cards ratecards/founding",
      [this] { return rebuild(rebuild_); });
  verb->add_option("--data", rebuild_.data, "The folder that keeps events")
      ->required()
      ->option_text("DIR");
  add_folder(verb, rebuild_.folder);
}

void DataVerbs::add_backup() {
  CLI::App* const verb = line_.add_verb(
      "backup", "Copy what a data folder keeps, while a service writes to it",
      line_.program() +
          " ingest examples/events/llm_requests.ndjson --cards ratecards/founding --data "
          "build/data &&\n  " +
          line_.program() + " backup build/backup --data build/data",
      [this] { return backup(backup_); });
  verb->add_option("TO", backup_.copy, "The new folder")->required()->option_text(" ");
  verb->add_option("--data", backup_.data, "The folder that keeps events")
      ->required()
      ->option_text("DIR");
}

void DataVerbs::add_restore() {
  CLI::App* const verb =
      line_.add_verb("restore", "Make a data folder of a backup",
                     line_.program() + " restore build/backup --data build/restored",
                     [this] { return restore(restore_); });
  verb->add_option("FROM", restore_.copy, "The folder of the backup")->required()->option_text(" ");
  verb->add_option("--data", restore_.data, "The new folder: none is written over")
      ->required()
      ->option_text("DIR");
}

void DataVerbs::add_serve() {
  CLI::App* const verb = line_.add_verb(
      "serve", "Serve quotes over HTTP, and card files as they are saved",
      line_.program() + " serve --cards examples/cards", [this] { return serve(serve_); });
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

void DataVerbs::add_keys() {
  CLI::App* const keys = line_.add_group("keys", "Make, list and revoke API keys");
  const auto add = [&](const std::string& name, const std::string& does, const std::string& example,
                       std::function<int()> run) {
    CLI::App* const verb = line_.add_verb(name, does, example, std::move(run), keys);
    verb->add_option("--keys", keys_.file, "The file that holds them")
        ->required()
        ->option_text("FILE");
    return verb;
  };
  const std::string create = line_.program() +
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
      create + " &&\n  " + line_.program() + " keys list --keys build/keys",
      [this] { return list_keys(keys_); });
  CLI::App* const revoke = add("revoke", "Let nobody in with a key any more",
                               "id=$(" + create + " | cut -c6-13) &&\n  " + line_.program() +
                                   " keys revoke $id --keys build/keys",
                               [this] { return revoke_key(keys_); });
  revoke->add_option("ID", keys_.id, "The id that `keys list` shows")->required()->option_text(" ");
}

void DataVerbs::add_replay() {
  CLI::App* const verb = line_.add_verb(
      "replay", "Make the quotes of a decision log again, and say which differ",
      line_.program() + " replay examples/service/decisions.ndjson --cards ratecards/founding",
      [this] { return replay(replay_); });
  verb->add_option("FILE", replay_.files, "What `serve --decisions` wrote; - is standard input")
      ->required()
      ->option_text(" ");
  add_folder(verb, replay_.folder);
  verb->add_option("--data", replay_.data,
                   "The folder of `serve --data`: finds revisions that are not in --cards any more")
      ->option_text("DIR");
  verb->add_option("--tenant", replay_.tenant,
                   "Whose quotes (default: those of a service without tenants)")
      ->option_text("NAME");
  add_choice(verb, "--engine", "ENGINE (default native)",
             "native or interpreter: both give the same answers", {"native", "interpreter"},
             [this](size_t chosen) { replay_.interpreter = chosen == 1; });
}

}  // namespace toll::cli
