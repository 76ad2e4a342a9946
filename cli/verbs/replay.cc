// `toll replay`: the quotes of a decision log, made again.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <expected>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/instant.h"
#include "cli/cards/opened_folder.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/verbs.h"
#include "runtime/quote.h"
#include "server/decision_log.h"
#include "server/kept_revisions.h"
#include "server/keys.h"
#include "server/tenants.h"
#include "wire/answer_json.h"
#include "wire/text.h"
#include "wire/usage_json.h"

namespace toll::cli {
namespace {

using server::Decision;

/// What the answer says of itself, which is at its beginning: "api" of `{"card":"api",...`.
std::string named_in(std::string_view answer, std::string_view field) {
  const std::string before = fmt::format("\"{}\":\"", field);
  const size_t at = answer.find(before);
  if (at == answer.npos) return {};
  const size_t begin = at + before.size();
  return std::string(answer.substr(begin, answer.find('"', begin) - begin));
}

/// Where two answers part, with what each says there.
std::string difference(std::string_view given, std::string_view now) {
  const auto [first, second] = std::ranges::mismatch(given, now);
  const auto place = static_cast<size_t>(first - given.begin());
  // From the field that differs on, so that both can be read.
  const size_t comma = given.substr(0, place).rfind(',');
  const size_t from = comma == given.npos || place - comma > 40 ? place : comma + 1;
  return fmt::format("byte {}: `{}` was given, and it is `{}`", place,
                     wire::shown(given.substr(from), 60), wire::shown(now.substr(from), 60));
}

class Replay {
 public:
  Replay(runtime::CardSet cards, std::string tenant, bool interpreter)
      : cards_(std::move(cards)), tenant_(std::move(tenant)), interpreter_(interpreter) {}

  /// What is wrong with a line; nothing if its quote is the one that was given, or another
  /// tenant's.
  std::optional<std::string> check(std::string_view line) {
    const auto decision = server::decision_of_line(line);
    if (decision && decision->tenant != tenant_) return std::nullopt;
    ++quotes_;
    std::optional<std::string> fault =
        decision ? check(*decision) : std::optional<std::string>("the line is no decision");
    if (fault) ++different_;
    return fault;
  }

  uint64_t quotes() const { return quotes_; }
  uint64_t different() const { return different_; }
  /// Why quotes have no revision, and how many.
  const std::map<std::string, uint64_t>& without_revision() const { return without_revision_; }

 private:
  std::optional<std::string> check(const Decision& decision) {
    auto document = wire::read_usage(decision.request);
    if (!document) return "the request is no usage document: " + document.error().front().message;
    document->card = named_in(decision.answer, "card");
    document->hash = named_in(decision.answer, "hash");
    const auto revision = runtime::choose(cards_, *document);
    if (!revision) {
      std::string why = refusal_of(revision.error());
      if (++without_revision_[why] == 1) return why;
      ++different_;  // and it was said
      return std::nullopt;
    }
    if (!document->on && !document->period)
      document->on = local_time(decision.at, (*revision)->card().time_zone).day;
    if (!interpreter_)
      if (const auto made = add_native_code(cards_, *document); !made) return made.error().message;
    const auto answer = runtime::quote(cards_, *document);
    if (!answer) return "it is refused now: " + answer.error().faults.front().message;
    std::string text;
    wire::write_answer(*answer, text);
    if (text == decision.answer) return std::nullopt;
    return difference(decision.answer, text);
  }

  std::string refusal_of(const runtime::Refusal& refusal) const {
    std::string why = refusal.faults.front().message;
    if (refusal.faults.front().pointer == "/hash" && !cards_.earlier())
      why += "; --data finds those that a service kept";
    return why;
  }

  runtime::CardSet cards_;
  const std::string tenant_;
  const bool interpreter_;
  uint64_t quotes_ = 0, different_ = 0;
  std::map<std::string, uint64_t> without_revision_;
};

/// False where a file cannot be read.
bool replay_file(const std::string& path, Replay& replay) {
  std::ifstream opened;
  if (path != "-") {
    opened.open(path, std::ios::binary);
    if (!opened) {
      complain(fmt::format("cannot read `{}`: {}", path, std::strerror(errno)));
      return false;
    }
  }
  std::istream& in = path == "-" ? std::cin : opened;
  std::string line;
  for (size_t number = 1; std::getline(in, line); ++number)
    if (const auto fault = replay.check(line))
      complain(fmt::format("{}:{}: {}", path, number, *fault));
  if (!in.bad()) return true;
  complain(fmt::format("`{}` cannot be read to its end", path));
  return false;
}

}  // namespace

int replay(const ReplayOptions& options) {
  const std::string tenant = options.tenant == server::kDefaultTenant ? "" : options.tenant;
  auto folder = open_tenants_folder(options.folder, tenant);
  if (!folder) {
    complain(folder.error().message);
    return kFailed;
  }
  if (!options.data.empty()) {
    auto kept = server::read_kept_revisions(server::kept_revisions_folder(
        options.data, tenant.empty() ? server::kDefaultTenant : std::string_view(tenant)));
    if (!kept) {
      complain(kept.error().message, "--data is the folder that `toll serve --data` has");
      return kFailed;
    }
    folder->cards =
        runtime::CardSet(folder->cards.revisions(), folder->cards.held_back(), *std::move(kept));
  }
  Replay replay(std::move(folder->cards), tenant, options.interpreter);
  for (const std::string& file : options.files)
    if (!replay_file(file, replay)) return kFailed;
  for (const auto& [why, quotes] : replay.without_revision())
    if (quotes > 1) complain(fmt::format("{}: {}", counted(quotes - 1, "more quote"), why));
  print(fmt::format("{} quotes: {} as they were given, {} not\n", replay.quotes(),
                    replay.quotes() - replay.different(), replay.different()));
  return replay.different() == 0 ? kOk : kMismatch;
}

}  // namespace toll::cli
