#include "http/message.h"

#include <algorithm>

#include "http/text/syntax.h"

namespace toll::http {
namespace {

/// Calls `visit(name, value)` with each parameter of a query, still encoded, until it says false.
template <typename Visit>
void for_each_parameter(std::string_view query, Visit visit) {
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    if (parameter.empty()) continue;
    const size_t equals = parameter.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : parameter.substr(equals + 1);
    if (!visit(parameter.substr(0, equals), value)) return;
  }
}

std::string decoded(std::string_view text) {
  std::string out;
  append_decoded(text, Plus::Space, out);
  return out;
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const Field& field : headers) {
    if (equal_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::string_view Request::capture(std::string_view name) const {
  const auto field = std::ranges::find(captures, name, &Field::name);
  return field == captures.end() ? std::string_view{} : field->value;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  std::optional<std::string> found;
  for_each_parameter(query, [&](std::string_view key, std::string_view value) {
    if (decoded(key) == name) found = decoded(value);
    return !found;
  });
  return found;
}

std::vector<std::pair<std::string, std::string>> Request::parameters() const {
  std::vector<std::pair<std::string, std::string>> all;
  for_each_parameter(query, [&](std::string_view key, std::string_view value) {
    all.emplace_back(decoded(key), decoded(value));
    return true;
  });
  return all;
}

}  // namespace toll::http
