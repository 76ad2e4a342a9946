// What each verb is told, and the verbs. Each returns an exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/server.h"

namespace toll::cli {

enum class CheckFormat { Text, Json, Sarif, Github };

struct CheckOptions {
  std::vector<std::string> paths;  ///< files and folders, the latter with all folders below
  bool strict = false;
  CheckFormat format = CheckFormat::Text;
};
/// Parses, checks and tests guarantees; says what is wrong.
int check(const CheckOptions& options);

struct FormatOptions {
  std::vector<std::string> paths;  ///< or `-`: standard input to standard output
  bool check = false;              ///< say what would change, and change nothing
};
/// Writes card files in canonical form.
int format(const FormatOptions& options);

struct TestOptions {
  std::vector<std::string> paths;
  std::string junit;    ///< a file for the results as JUnit XML; empty: none
  bool update = false;  ///< write the amounts that the cards give into failing `expect` lines
};
/// Runs examples and golden invoices, by interpreter and native code.
int test(const TestOptions& options);

struct DiffOptions {
  std::string against;             ///< a git revision: the old side of the one path
  std::vector<std::string> paths;  ///< old and new, or the one
  std::string usage;               ///< a file of usage documents that both sides rate; may be empty
  bool markdown = false;
};
/// Says what a change of cards does: to their lines, and to the totals of their examples.
int diff(const DiffOptions& options);

struct ProveOptions {
  std::vector<std::string> paths;
};
/// Says of each guarantee whether its test found a bill that refutes it.
int prove(const ProveOptions& options);

struct CoverOptions {
  std::vector<std::string> paths;
  int min = 0;               ///< percent of price lines that examples must reach
  int min_bounds = 0;        ///< percent of tier bounds that examples must test
  bool whole_files = false;  ///< a table file is one price line
};
/// Says which prices no example or golden invoice shows.
int cover(const CoverOptions& options);

struct QuoteOptions {
  std::string card;
  std::string folder;
  std::string usage;    ///< a file, or `-` for standard input
  std::string example;  ///< of explain: an example of the card instead of a usage document
  std::string on, plan, currency, customer,
      since;  ///< go before what the document says; empty: unsaid
  bool json = false;
  bool interpreter = false;
  bool batch = false;  ///< of quote: `usage` has a document a line
};
int quote(const QuoteOptions& options);
int explain(const QuoteOptions& options);

struct RateOptions {
  std::string card;
  std::string folder;
  std::string input;                         ///< a table, or `-` for standard input
  std::string output;                        ///< a file, or `-`; empty: totals only
  std::optional<bool> ndjson;                ///< else CSV; unsaid: as the input's name ends
  std::string on, plan, currency, customer;  ///< empty: unsaid
  std::string since;                         ///< their first day as customers; empty: unsaid
  std::vector<std::string> keep;             ///< columns that are no usage
  bool without_state = false;                ///< as if nothing had been before
  unsigned threads = 0;                      ///< 0: one per processor
};
/// Rates a table of usage.
int rate(const RateOptions& options);

struct ShowOptions {
  std::string card;
  std::string folder;
  std::string on;              ///< empty: today
  std::string plan, currency;  ///< empty: all plans; the first currency
  std::string customer;        ///< whose deal, if there is one
  bool inputs = false, ir = false, assembly = false;
};
/// Prints a card as text, what it reads, or what it became.
int show(const ShowOptions& options);

struct MeterOptions {
  std::string card;
  std::string folder;
  std::string events;    ///< a file, or `-` for standard input
  std::string period;    ///< a day of it, or a month
  std::string customer;  ///< empty: all
  std::string plan;      ///< empty: what is common to all plans
  std::string since;     ///< the customers' first day as such; empty: unsaid
  std::string as_of;     ///< a moment; empty: the period is over
  bool json = false;
};
/// Counts events by the meters of a card.
int meter(const MeterOptions& options);

struct ExplainErrorOptions {
  std::string code;  ///< empty: all codes are listed
};
/// Prints the page about a kind of diagnostic.
int explain_error(const ExplainErrorOptions& options);

struct IngestOptions {
  std::vector<std::string> files;  ///< or `-`: standard input
  std::string folder;
  std::string data;
  std::string tenant;                  ///< empty: that of a service without tenants
  std::string source, type, customer;  ///< of the events of a table, where no column says it
};
/// Stores the events of files.
int ingest(const IngestOptions& options);

struct AuditOptions {
  std::string data;
  std::string folder;  ///< of cards; empty: the sums of days are not worked out
};
/// Works out again what a data folder keeps beside its events, and compares.
int audit(const AuditOptions& options);

struct RebuildOptions {
  std::string data;
  std::string folder;  ///< of cards
};
/// Counts the sums of days of a data folder anew.
int rebuild(const RebuildOptions& options);

struct CopyOptions {
  std::string data;
  std::string copy;  ///< the folder of the backup
};
/// Copies a data folder that may be in use, and a backup into a new data folder.
int backup(const CopyOptions& options);
int restore(const CopyOptions& options);

struct ServeOptions {
  std::string folder;
  std::string data;  ///< the folder of the engine; empty: quotes only
  std::string listen = "127.0.0.1:8080";
  std::string keys;  ///< a file of API keys; empty: none are asked for, and only loopback is served
  std::string decisions;  ///< a folder for the decision log; empty: none is kept
  int connections = http::Limits{}.connections_max;  ///< that may be open at once
  int drain_delay =
      2;  ///< seconds from SIGTERM, when it is no longer ready, to the last connection
};
/// Serves until SIGINT or SIGTERM, then drains.
int serve(const ServeOptions& options);

struct ReplayOptions {
  std::vector<std::string> files;  ///< of a decision log, or `-`: standard input
  std::string folder;
  std::string data;    ///< of a service, whose kept revisions are read too; may be empty
  std::string tenant;  ///< whose quotes; empty: those of a service without tenants
  bool interpreter = false;
};
/// Makes the quotes of a decision log again, and says which differ.
int replay(const ReplayOptions& options);

struct KeysOptions {
  std::string file;
  std::string id;        ///< of revoke
  std::string name;      ///< from here on of create
  std::string scopes;    ///< words with commas or spaces between them
  std::string tenant;    ///< empty: that of a service without tenants
  std::string customer;  ///< empty: nobody's
  std::string expires;   ///< a day or a moment; empty: never
  int rate = -1;         ///< requests a second; -1: any number
  int burst = -1;        ///< at once; -1: as many as `rate`
};
/// Adds a key to a file and prints it, for the only time.
int create_key(const KeysOptions& options);
int list_keys(const KeysOptions& options);
int revoke_key(const KeysOptions& options);

}  // namespace toll::cli
