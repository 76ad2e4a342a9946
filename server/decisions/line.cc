#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "server/decision_log.h"
#include "wire/json_writer.h"

namespace toll::server {
namespace {

/// Takes a text off the front; false if it does not stand there.
bool take(std::string_view& rest, std::string_view text) {
  if (!rest.starts_with(text)) return false;
  rest.remove_prefix(text.size());
  return true;
}

/// Takes what stands before a quotation mark, and the mark.
std::string_view take_text(std::string_view& rest) {
  const std::string_view text = rest.substr(0, rest.find('"'));
  rest.remove_prefix(std::min(text.size() + 1, rest.size()));
  return text;
}

}  // namespace

std::string to_line(const Decision& decision) {
  std::string line;
  line.reserve(decision.request.size() + decision.answer.size() + 128);
  wire::JsonWriter json(line);
  json.begin_object().text("at", to_string(decision.at)).text("key", decision.caller);
  if (!decision.tenant.empty()) json.text("tenant", decision.tenant);
  json.number("bytes", static_cast<int64_t>(decision.request.size()));
  json.key("request");
  const size_t begin = line.size();
  json.json(decision.request);
  std::replace_if(
      line.begin() + static_cast<std::ptrdiff_t>(begin), line.end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
  json.key("answer").json(decision.answer).end_object();
  line += '\n';
  return line;
}

std::optional<Decision> decision_of_line(std::string_view line) {
  std::string_view rest = line;
  Decision decision;
  if (!take(rest, R"({"at":")")) return std::nullopt;
  const auto at = parse_instant(take_text(rest));
  if (!at || !take(rest, R"(,"key":")")) return std::nullopt;
  decision.at = *at;
  decision.caller = take_text(rest);
  if (take(rest, R"(,"tenant":")")) decision.tenant = take_text(rest);
  size_t bytes = 0;
  if (!take(rest, R"(,"bytes":)")) return std::nullopt;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), bytes);
  if (error != std::errc()) return std::nullopt;
  rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  if (!take(rest, R"(,"request":)") || rest.size() < bytes) return std::nullopt;
  decision.request = rest.substr(0, bytes);
  rest.remove_prefix(bytes);
  if (!take(rest, R"(,"answer":)") || !rest.ends_with('}')) return std::nullopt;
  decision.answer = rest.substr(0, rest.size() - 1);
  return decision;
}

}  // namespace toll::server
