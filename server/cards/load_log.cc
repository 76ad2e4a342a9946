#include "server/cards/load_log.h"

#include <algorithm>
#include <utility>

#include "dsl/diagnostic.h"
#include "server/event_log.h"

namespace toll::server {
namespace {

using runtime::CardSet;
using runtime::Revision;

bool has_same_text(const CardSet& cards, const Revision& revision) {
  return cards.find_hash(revision.card().name, revision.card().hash) != nullptr;
}

bool has_version(const CardSet& cards, const Revision& revision) {
  const CardSet::Versions* versions = cards.versions(revision.card().name);
  return versions && std::ranges::find(*versions, revision.card().from, [](const auto& other) {
                       return other->card().from;
                     }) != versions->end();
}

template <typename Visit>
void for_each_revision(const CardSet& cards, Visit&& visit) {
  for (const auto& [name, versions] : cards.cards())
    for (const auto& revision : versions) visit(*revision);
}

void log_diagnostic(const dsl::Diagnostic& diagnostic, const std::vector<dsl::SourceFile>& files,
                    const std::string& rendered) {
  const dsl::Place& place = diagnostic.primary.place;
  const dsl::SourceFile& file = files[place.file];
  const dsl::LineColumn at = dsl::line_column(file, place.span.begin);
  const bool error = diagnostic.severity == dsl::Severity::Error;
  log_event(error ? LogLevel::Error : LogLevel::Warning, error ? "card_error" : "card_warning",
            {{"file", file.path},
             {"line", std::to_string(at.line)},
             {"column", std::to_string(at.column)},
             {"code", diagnostic.code},
             {"text", rendered}});
}

}  // namespace

void LoadLog::loaded(const runtime::Loaded& loaded, const CardSet& before,
                     std::chrono::milliseconds elapsed) {
  for_each_revision(*loaded.cards, [&](const Revision& revision) {
    if (has_same_text(before, revision)) return;
    log_event(LogLevel::Info, "card_live",
              {{"card", revision.card().name},
               {"version", revision.version()},
               {"hash", revision.card().hash},
               {"ms", std::to_string(elapsed.count())}});
  });
  for_each_revision(before, [&](const Revision& revision) {
    if (has_version(*loaded.cards, revision)) return;
    log_event(LogLevel::Info, "card_gone",
              {{"card", revision.card().name}, {"version", revision.version()}});
  });
  say_diagnostics(loaded);
  failures(loaded.failures);
  for (const std::string& failed : loaded.failed_examples)
    log_event(LogLevel::Error, "example_failed", {{"why", failed}});
  for (const std::string& file : loaded.being_written)
    log_event(LogLevel::Info, "file_being_written", {{"file", file}});
  for (const std::string& kept : loaded.kept)
    log_event(LogLevel::Warning, "card_kept", {{"card", kept}});
  if (loaded.cards->cards().empty())
    log_event(LogLevel::Warning, "no_cards", {{"files", std::to_string(loaded.files.size())}});
}

void LoadLog::failures(const std::vector<std::string>& failures) {
  for (const std::string& failure : failures)
    log_event(LogLevel::Error, "no_native_code", {{"why", failure}});
}

void LoadLog::say_diagnostics(const runtime::Loaded& loaded) {
  std::set<std::string> now;
  for (const dsl::Diagnostic& diagnostic : loaded.diagnostics) {
    std::string text = dsl::render(diagnostic, loaded.files);
    if (!said_.contains(text)) log_diagnostic(diagnostic, loaded.files, text);
    now.insert(std::move(text));
  }
  said_ = std::move(now);
}

void LoadLog::failed(const std::string& folder, const std::string& why) {
  log_event(LogLevel::Error, "folder_unread", {{"folder", folder}, {"why", why}});
}

}  // namespace toll::server
