#include "server/cards/card_views.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <vector>

#include "server/cards/folder_status.h"
#include "server/cards/revision_store.h"
#include "wire/diagnostic_json.h"
#include "wire/json_writer.h"

namespace toll::server {
namespace {

using runtime::Revision;
using wire::JsonWriter;

/// RFC 3339, to the second, in UTC.
std::string timestamp(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     std::chrono::time_point_cast<std::chrono::seconds>(time));
}

void write_day(JsonWriter& json, std::string_view name, const std::optional<Date>& day) {
  if (day)
    json.text(name, to_string(*day));
  else
    json.key(name).null();
}

/// The day on which its last customers have another version, and that on which new ones have.
void write_days(JsonWriter& json, const runtime::CardSet& cards, const Revision& revision) {
  const Date from = revision.card().from;
  // Nobody keeps a version longer than who came with it.
  write_day(json, "until", cards.days_of(revision, from, from).until);
  write_day(json, "new_customers_until", cards.days_of(revision, from, std::nullopt).until);
}

void write_version(JsonWriter& json, const runtime::CardSet& cards, const LiveVersion& version) {
  const Revision& revision = *version.revision;
  json.begin_object().text("version", revision.version());
  write_days(json, cards, revision);
  json.text("hash", revision.card().hash);
  json.text("engine", revision.native() ? "native" : "interpreter");
  json.text("active_since", timestamp(version.active_since));
  json.text("file", revision.card().source.file);
  json.key("in_error").boolean(version.kept);
  json.end_object();
}

std::span<const LiveVersion> versions_of(const FolderStatus& status, std::string_view card) {
  const auto found = std::ranges::equal_range(
      status.versions, card, {},
      [](const LiveVersion& version) { return std::string_view(version.revision->card().name); });
  return {found.begin(), found.end()};
}

void write_versions(JsonWriter& json, const runtime::CardSet& cards,
                    std::span<const LiveVersion> versions) {
  json.key("versions").begin_array();
  for (const LiveVersion& version : versions) write_version(json, cards, version);
  json.end_array();
}

bool is_file_of_another_card(const FolderStatus& status, const std::string& file,
                             const std::string& card) {
  const auto stands_there = [&](const LiveVersion& version) {
    return version.revision->card().source.file == file && version.revision->card().name != card;
  };
  return std::ranges::any_of(status.versions, stands_there);
}

/// What keeps a version's file from going live: what is wrong in it and in the files that it may
/// read from, which are all but those of other cards.
std::vector<dsl::Diagnostic> errors_about(const FolderStatus& status, const std::string& card) {
  std::vector<dsl::Diagnostic> errors;
  for (const dsl::Diagnostic& diagnostic : status.diagnostics)
    if (diagnostic.severity == dsl::Severity::Error &&
        !is_file_of_another_card(status, status.files[diagnostic.primary.place.file].path, card))
      errors.push_back(diagnostic);
  return errors;
}

void write_diagnostics(JsonWriter& json, std::string_view name,
                       std::span<const dsl::Diagnostic> diagnostics,
                       const std::vector<dsl::SourceFile>& files) {
  json.key(name).begin_array();
  for (const dsl::Diagnostic& diagnostic : diagnostics)
    wire::write_diagnostic(diagnostic, files, json);
  json.end_array();
}

/// `at`, the diagnostics as objects, and as the text that `toll check` prints.
void write_last_error(JsonWriter& json, const FolderStatus& status, const std::string& card) {
  const std::vector<dsl::Diagnostic> errors = errors_about(status, card);
  std::string text;
  for (const dsl::Diagnostic& error : errors) text += dsl::render(error, status.files);
  for (const std::string& failure : status.failures) text += failure + "\n";
  json.key("last_error").begin_object().text("at", timestamp(status.loaded_at));
  write_diagnostics(json, "diagnostics", errors, status.files);
  json.text("text", text).end_object();
}

/// Versions in error of which no text is live: who would have one of them is refused.
void write_held_back(JsonWriter& json, const runtime::CardSet& cards) {
  json.key("held_back").begin_array();
  for (const dsl::HeldBack& held : cards.held_back()) {
    const bool dated = held.from != Date{};
    const auto* live = cards.versions(held.card);
    const bool kept = live && std::ranges::any_of(*live, [&](const auto& revision) {
                        return revision->card().from == held.from ||
                               (!dated && revision->card().source.file == held.file);
                      });
    if (kept) continue;
    json.begin_object().text("card", held.card).text("file", held.file);
    write_day(json, "version", dated ? std::optional(held.from) : std::nullopt);
    write_day(json, "until", held.until);
    json.end_object();
  }
  json.end_array();
}

/// The texts of a version that were live, the latest first.
void write_revisions(JsonWriter& json, const dsl::RateCard& card, const RevisionStore& store) {
  constexpr size_t kShown = 100;
  auto history = store.history(card.name, card.from);
  std::ranges::reverse(history);
  if (history.size() > kShown) history.resize(kShown);
  json.key("revisions").begin_array();
  for (const RevisionStore::Entry& entry : history)
    json.begin_object()
        .text("hash", entry.hash)
        .text("active_since", timestamp(entry.since))
        .end_object();
  json.end_array();
}

/// What is said of a revision that another has taken the place of.
void write_earlier(JsonWriter& json, const Revision& revision, const RevisionStore* store) {
  const dsl::RateCard& card = revision.card();
  std::string text;
  const auto files =
      store ? store->texts(runtime::id_of(revision)) : Result<std::vector<dsl::SourceFile>>();
  if (files)
    if (const auto* file = find_file(*files, card.source.file)) text = file->text;
  std::optional<RevisionStore::Time> since;
  if (store)
    for (const auto& entry : store->history(card.name, card.from))
      if (entry.hash == card.hash) since = entry.since;
  if (since) json.text("active_since", timestamp(*since));
  json.text("text", text).key("last_error").null();
}

}  // namespace

std::string card_list_json(const FolderStatus& status) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("cards").begin_array();
  std::string_view last;
  for (const LiveVersion& version : status.versions) {
    const dsl::RateCard& card = version.revision->card();
    if (card.name == last) continue;
    last = card.name;
    json.begin_object().text("card", card.name).text("label", card.label);
    write_versions(json, *status.cards, versions_of(status, card.name));
    json.end_object();
  }
  json.end_array().text("loaded_at", timestamp(status.loaded_at));
  write_held_back(json, *status.cards);
  write_diagnostics(json, "diagnostics", status.diagnostics, status.files);
  json.key("failures").begin_array();
  for (const std::string& failure : status.failures) json.text(failure);
  json.end_array().end_object();
  return text;
}

std::string card_json(const FolderStatus& status, const Revision& revision,
                      const RevisionStore* store) {
  const dsl::RateCard& card = revision.card();
  const std::span<const LiveVersion> versions = versions_of(status, card.name);
  const auto version = std::ranges::find(
      versions, &revision, [](const LiveVersion& other) { return other.revision.get(); });
  std::string text;
  JsonWriter json(text);
  json.begin_object().text("card", card.name).text("label", card.label);
  json.text("version", revision.version());
  write_days(json, *status.cards, revision);
  json.text("hash", card.hash).text("currency", card.currency.name());
  json.text("period", to_string(card.period)).text("time_zone", card.time_zone);
  json.text("engine", revision.native() ? "native" : "interpreter");
  json.text("file", card.source.file);
  json.key("live").boolean(version != versions.end());
  if (version == versions.end()) {
    write_earlier(json, revision, store);
  } else {
    json.text("active_since", timestamp(version->active_since)).text("text", version->text);
    if (version->kept)
      write_last_error(json, status, card.name);
    else
      json.key("last_error").null();
  }
  if (store) write_revisions(json, card, *store);
  write_versions(json, *status.cards, versions);
  json.end_object();
  return text;
}

}  // namespace toll::server
