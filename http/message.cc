#include "http/message.h"

#include <algorithm>

#include "http/text/syntax.h"

namespace toll::http {
namespace {

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
  for (auto& [key, value] : parameters()) {
    if (key == name) return std::move(value);
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> Request::parameters() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (std::string_view rest = query; !rest.empty();) {
    const std::string_view parameter = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(parameter.size() + 1, rest.size()));
    if (parameter.empty()) continue;
    const size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string_view value = parameter.substr(std::min(equals + 1, parameter.size()));
    all.emplace_back(decoded(parameter.substr(0, equals)), decoded(value));
  }
  return all;
}

}  // namespace toll::http
