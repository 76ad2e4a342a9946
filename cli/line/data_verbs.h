// What the command line says of the service: the verb that runs it, and those about what it keeps.
#pragma once

#include "cli/line/command_line.h"
#include "cli/verbs/verbs.h"

namespace toll::cli {

class DataVerbs {
 public:
  /// Adds them to the line. REQUIRES: this and the line outlive what is run.
  explicit DataVerbs(CommandLine& line);
  DataVerbs(const DataVerbs&) = delete;

 private:
  void add_ingest();
  void add_audit();
  void add_rebuild();
  void add_backup();
  void add_restore();
  void add_serve();
  void add_keys();
  void add_replay();

  CommandLine& line_;
  IngestOptions ingest_;
  AuditOptions audit_;
  RebuildOptions rebuild_;
  CopyOptions backup_, restore_;
  ServeOptions serve_;
  KeysOptions keys_;
  ReplayOptions replay_;
};

}  // namespace toll::cli
