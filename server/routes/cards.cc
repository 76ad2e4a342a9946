#include "server/routes/cards.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <filesystem>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "dsl/parse.h"
#include "dsl/table_file.h"
#include "server/cards/card_views.h"
#include "server/cards/folder_status.h"
#include "server/cards/revision_store.h"
#include "server/event_log.h"
#include "server/routes/answers.h"
#include "wire/diagnostic_json.h"
#include "wire/file_texts_json.h"
#include "wire/json_writer.h"
#include "wire/text.h"

namespace toll::server {
namespace {

using http::Request;
using http::Response;
using Expect = Precondition::Kind;
using runtime::VersionKey;

/// A file of cards or of a table, directly in the folder.
bool is_file_name(std::string_view name) {
  const bool plain = wire::id_fault(name).empty() && !name.starts_with('.') && !name.contains('/');
  return plain && (name.ends_with(".toll") || dsl::is_table_file(name));
}

/// What the path of a route names.
std::expected<VersionKey, Response> version_of(const Request& request) {
  const std::string_view card = request.capture("card");
  const auto from = parse_date(request.capture("from"));
  if (!from)
    return std::unexpected(
        http::problem(404, fmt::format("`{}` is not a date: write the version like 2026-01-01",
                                       wire::shown(request.capture("from")))));
  if (!is_file_name(fmt::format("{}@.toll", card)))
    return std::unexpected(
        http::problem(404, fmt::format("`{}` is no name of a card", wire::shown(card))));
  return VersionKey(card, *from);
}

const LiveVersion* find_live(const FolderStatus& status, const VersionKey& version) {
  const auto found = std::ranges::find_if(status.versions, [&](const LiveVersion& live) {
    const dsl::RateCard& card = live.revision->card();
    return card.name == version.first && card.from == version.second;
  });
  return found == status.versions.end() ? nullptr : &*found;
}

/// The file that a version stands in, whether it is right or not, or that it would stand in.
std::string file_of(const FolderStatus& status, const VersionKey& version) {
  if (const LiveVersion* live = find_live(status, version))
    return live->revision->card().source.file;
  for (const dsl::HeldBack& held : status.cards->held_back())
    if (held.card == version.first && held.from == version.second) return held.file;
  return fmt::format("{}@{}.toll", version.first, to_string(version.second));
}

/// The first version that can be read in a text.
std::optional<VersionKey> version_in(const std::string& text) {
  const dsl::Parsed parsed = dsl::parse({"text", text}, 0);
  for (const dsl::syntax::Declaration& declaration : parsed.tree.declarations) {
    const auto* card = std::get_if<dsl::syntax::Card>(&declaration);
    if (!card) continue;
    for (const dsl::syntax::Header& header : card->headers)
      if (const auto* from = std::get_if<dsl::syntax::From>(&header))
        return VersionKey(card->name.text, from->from.value);
  }
  return std::nullopt;
}

std::unexpected<Response> bad_condition(std::string_view why) {
  return std::unexpected(http::problem(400, why));
}

/// `"TAG"` without its quotes; empty where it is not written so.
std::optional<std::string> tag_in(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  const std::string_view tag = text.substr(1, text.size() - 2);
  if (tag.contains('"')) return std::nullopt;
  return std::string(tag);
}

std::expected<Precondition, Response> precondition_of(const Request& request) {
  const auto match = request.header("If-Match"), none = request.header("If-None-Match");
  if (match && none) return bad_condition("If-Match and If-None-Match exclude one another");
  if (none) {
    if (*none != "*") return bad_condition("If-None-Match is `*` here: the file is not there yet");
    return Precondition{.kind = Expect::Absent};
  }
  if (!match) return Precondition{};
  if (*match == "*") return Precondition{.kind = Expect::Present};
  auto tag = tag_in(*match);
  if (!tag) return bad_condition("If-Match is one tag in quotes, as ETag gives it, or `*`");
  return Precondition{.kind = Expect::Same, .tag = *std::move(tag)};
}

/// The diagnostics, and sentences about what is wrong beyond the texts, as objects of one array.
void write_errors(const ChangeOutcome& outcome, wire::JsonWriter& json) {
  for (const dsl::Diagnostic& diagnostic : outcome.diagnostics)
    wire::write_diagnostic(diagnostic, outcome.files, json);
  for (const std::string& failure : outcome.failures)
    json.begin_object().text("severity", "error").text("message", failure).end_object();
}

Response refused_change(const ChangeOutcome& outcome) {
  Response response = http::problem(422, outcome.why);
  response.body.clear();
  wire::JsonWriter json(response.body);
  json.begin_object().text("type", "about:blank").text("title", http::reason_phrase(422));
  json.number("status", 422).text("detail", outcome.why);
  json.key("errors").begin_array();
  write_errors(outcome, json);
  json.end_array().end_object();
  return response;
}

/// The answer where a change was not made; nothing where it was.
std::optional<Response> failed_change(const ChangeOutcome& outcome) {
  using Kind = ChangeOutcome::Kind;
  switch (outcome.kind) {
    case Kind::Accepted:
      return std::nullopt;
    case Kind::Refused:
      return refused_change(outcome);
    case Kind::Conflict:
      return http::problem(409, outcome.why);
    case Kind::Unconditional:
      return http::problem(428, outcome.why);
    case Kind::Unwritable:
      break;
  }
  log_event(LogLevel::Error, "change_unwritten", {{"why", outcome.why}});
  Response response = http::problem(507, "the folder of the service cannot be read or written");
  response.headers.emplace_back("Retry-After", "10");
  return response;
}

/// Makes a change that is about one version, and answers with that. `way_out` is said behind the
/// reason where examples refuse it.
Response change_version(CardFolder& folder, const FolderChange& change,
                        std::string_view way_out = {}) {
  ChangeOutcome outcome = folder.change(change);
  if (!outcome.failures.empty()) outcome.why += way_out;
  if (auto failed = failed_change(outcome)) return *std::move(failed);
  const auto status = folder.status();
  const LiveVersion* live = find_live(*status, *change.version);
  if (!live) return http::problem(409, "the version was removed meanwhile");
  Response response = card_answer(folder, *status, *live->revision);
  if (outcome.created) response.status = 201;
  return response;
}

void write_version_ids(const ChangeOutcome& outcome, wire::JsonWriter& json) {
  json.key("versions").begin_array();
  for (const auto& revision : outcome.versions)
    json.begin_object()
        .text("card", revision->card().name)
        .text("version", revision->version())
        .text("hash", revision->card().hash)
        .end_object();
  json.end_array();
}

/// The text that was live before the one that is, or the one that is where its file is in error.
std::optional<RevisionStore::Entry> previous_good(const RevisionStore& store,
                                                  const FolderStatus& status,
                                                  const VersionKey& version) {
  const auto history = store.history(version.first, version.second);
  if (history.empty()) return std::nullopt;
  const LiveVersion* live = find_live(status, version);
  if (!live || live->kept) return history.back();
  for (auto entry = history.rbegin(); entry != history.rend(); ++entry)
    if (entry->hash != live->revision->card().hash) return *entry;
  return std::nullopt;
}

/// The version's own file and the tables that it names, as they were.
std::expected<FolderChange, Response> change_back(const RevisionStore& store,
                                                  const FolderStatus& status,
                                                  const VersionKey& version,
                                                  const RevisionStore::Entry& entry) {
  const runtime::RevisionId id{version.first, version.second, entry.hash};
  const auto files = store.texts(id);
  const dsl::SourceFile* own = files ? find_file(*files, entry.file) : nullptr;
  if (!own) {
    log_event(LogLevel::Error, "revision_damaged",
              {{"card", id.card},
               {"hash", id.hash},
               {"why", files ? "its own file is missing" : files.error().message}});
    return std::unexpected(
        http::problem(409, "what is kept of the revision before this one is damaged"));
  }
  FolderChange change{.files = {{file_of(status, version), own->text}}, .version = version};
  change.hash = entry.hash;
  for (const std::string& table : dsl::tables_named(own->text)) {
    const dsl::SourceFile* then = find_file(*files, table);
    const dsl::SourceFile* now = find_file(status.files, table);
    if (!then || (now && now->text == then->text)) continue;
    const Precondition expected =
        now ? Precondition{.kind = Expect::Same, .tag = file_tag(now->text)}
            : Precondition{.kind = Expect::Absent};
    change.files.push_back({table, then->text, expected});
  }
  return change;
}

/// The files that a body names, as part of a change of the folder.
std::expected<std::vector<FolderChange::File>, Response> files_of(std::string_view body) {
  const auto texts = wire::read_file_texts(body);
  if (!texts)
    return std::unexpected(
        problem(400, "the body is no object of texts by file name", texts.error()));
  std::vector<FolderChange::File> files;
  std::vector<runtime::UsageFault> faults;
  for (const auto& [name, text] : *texts) {
    if (!is_file_name(name))
      faults.push_back({"/" + runtime::pointer_token(name), "is no name of a card or table file"});
    files.push_back({name, text, {.kind = Expect::Any}});
  }
  if (!faults.empty())
    return std::unexpected(problem(400, "the body names what is no file", faults));
  return files;
}

/// Takes along what a rollback's body says of other files. REQUIRES: `change` is what goes back.
std::optional<Response> take_along(std::string_view body, const Precondition& expected,
                                   FolderChange& change) {
  if (expected.kind != Expect::Same)
    return http::problem(428,
                         "say with If-Match which folder is changed, since other files are taken "
                         "along: its ETag is that of GET /v1/cards");
  auto files = files_of(body);
  if (!files) return files.error();
  std::vector<runtime::UsageFault> faults;
  for (const FolderChange::File& file : *files)
    if (std::ranges::find(change.files, file.name, &FolderChange::File::name) != change.files.end())
      faults.push_back(
          {"/" + runtime::pointer_token(file.name), "is what the rollback itself brings back"});
  if (!faults.empty()) return problem(400, "the body names what goes back anyway", faults);
  std::ranges::move(*files, std::back_inserter(change.files));
  change.folder_tag = expected.tag;
  change.files.front().expected = {.kind = Expect::Any};
  return std::nullopt;
}

/// What whoever rolls back alone can do where examples stand against it.
constexpr std::string_view kTakeAlong =
    ". Invoices that were changed with the price go back with it: send the texts that their files "
    "had then in the body of the rollback, by file name";

}  // namespace

std::string entity_tag(std::string_view tag) { return fmt::format("\"{}\"", tag); }

Response card_answer(const CardFolder& folder, const FolderStatus& status,
                     const runtime::Revision& revision) {
  Response response = json_answer(card_json(status, revision, folder.store()));
  if (const auto* file = find_file(status.files, revision.card().source.file))
    response.headers.emplace_back("ETag", entity_tag(file_tag(file->text)));
  return response;
}

Response put_card(CardFolder& folder, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const auto version = version_of(request);
  if (!version) return version.error();
  const auto expected = precondition_of(request);
  if (!expected) return expected.error();
  const std::string name = file_of(*folder.status(), *version);
  return change_version(
      folder, {.files = {{name, std::string(request.body), *expected}}, .version = *version});
}

Response roll_back(CardFolder& folder, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const auto version = version_of(request);
  if (!version) return version.error();
  const auto expected = precondition_of(request);
  if (!expected) return expected.error();
  const RevisionStore* const store = folder.store();
  if (!store)
    return http::problem(409, "earlier revisions are not kept: start the service with --data");
  const auto status = folder.status();
  const auto entry = previous_good(*store, *status, *version);
  if (!entry)
    return http::problem(404, fmt::format("no earlier revision of `{}` {} is kept", version->first,
                                          to_string(version->second)));
  auto change = change_back(*store, *status, *version, *entry);
  if (!change) return change.error();
  if (!request.body.empty()) {
    if (auto refusal = take_along(request.body, *expected, *change)) return *std::move(refusal);
    return change_version(folder, *change);
  }
  change->files.front().expected = *expected;
  return change_version(folder, *change, kTakeAlong);
}

Response patch_cards(CardFolder& folder, const Request& request) {
  if (auto refusal = refuse_parameters(request)) return *std::move(refusal);
  const auto expected = precondition_of(request);
  if (!expected) return expected.error();
  if (expected->kind != Expect::Same)
    return http::problem(428,
                         "say with If-Match which folder is changed: its ETag is that of "
                         "GET /v1/cards");
  auto files = files_of(request.body);
  if (!files) return files.error();
  const ChangeOutcome outcome =
      folder.change({.files = *std::move(files), .folder_tag = expected->tag});
  if (auto failed = failed_change(outcome)) return *std::move(failed);
  Response response = json_answer({});
  wire::JsonWriter json(response.body);
  json.begin_object();
  write_version_ids(outcome, json);
  json.end_object();
  response.headers.emplace_back("ETag", entity_tag(folder_tag(outcome.files)));
  return response;
}

Response check_card(const CardFolder& folder, const Request& request) {
  constexpr std::string_view kKnown[] = {"file"};
  if (auto refusal = refuse_parameters(request, kKnown)) return *std::move(refusal);
  FolderChange change{.files = {{"", std::string(request.body)}}};
  std::string& name = change.files.front().name;
  if (const auto file = request.parameter("file")) {
    name = *file;
  } else {
    const auto version = version_in(*change.files.front().text);
    name = version ? file_of(*folder.status(), *version) : std::string("text.toll");
  }
  if (!is_file_name(name))
    return http::problem(400,
                         fmt::format("`{}` is no name of a card or table file", wire::shown(name)));
  const ChangeOutcome outcome = folder.check(change);
  if (outcome.kind == ChangeOutcome::Kind::Unwritable) return *failed_change(outcome);
  Response response = json_answer({});
  wire::JsonWriter json(response.body);
  json.begin_object().key("ok").boolean(outcome.kind == ChangeOutcome::Kind::Accepted);
  json.text("file", name);
  if (!outcome.why.empty()) json.text("why", outcome.why);
  write_version_ids(outcome, json);
  json.key("errors").begin_array();
  write_errors(outcome, json);
  json.end_array().end_object();
  return response;
}

}  // namespace toll::server
