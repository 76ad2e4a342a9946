// What the command line says of cards: the verbs that read card files, and usage or events beside
// them.
#pragma once

#include "cli/line/command_line.h"
#include "cli/verbs/verbs.h"

namespace toll::cli {

class CardVerbs {
 public:
  /// Adds them to the line. REQUIRES: this and the line outlive what is run.
  explicit CardVerbs(CommandLine& line);
  CardVerbs(const CardVerbs&) = delete;

 private:
  void add_check();
  void add_fmt();
  void add_test();
  void add_cover();
  void add_prove();
  void add_diff();
  void add_quote();
  void add_explain();
  void add_rate();
  void add_show();
  void add_meter();
  void add_explain_error();

  CommandLine& line_;
  CheckOptions check_;
  FormatOptions format_;
  TestOptions test_;
  CoverOptions cover_;
  ProveOptions prove_;
  DiffOptions diff_;
  QuoteOptions quote_;
  RateOptions rate_;
  ShowOptions show_;
  MeterOptions meter_;
  ExplainErrorOptions explain_error_;
};

}  // namespace toll::cli
