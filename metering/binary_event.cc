#include "metering/binary_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "base/utf8.h"
#include "metering/event_texts.h"
#include "wire/json_writer.h"
#include "wire/text.h"

namespace toll::metering {
namespace {

constexpr std::string_view kJsonBlanks = " \t\r\n";

/// Names of attributes have small letters and digits alone; those of headers may have any case.
std::string attribute_name(std::string_view header) {
  std::string name(header);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto may_stand = [](unsigned char c) { return std::islower(c) || std::isdigit(c); };
  return !name.empty() && std::ranges::all_of(name, may_stand) ? name : std::string();
}

/// Whether a text that is put into an object stays one member of it.
bool is_one_value(std::string_view text) {
  const std::string array = fmt::format("[{}]", text);
  const auto elements = texts_of_array(array);
  return elements && elements->size() == 1;
}

}  // namespace

std::expected<std::string, EventFault> text_of_binary(std::span<const EventAttribute> attributes,
                                                      std::string_view data) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object();
  std::set<std::string> seen;
  for (const EventAttribute& attribute : attributes) {
    const std::string name = attribute_name(attribute.name);
    if (name.empty() || name == "data" || name == "datacontenttype")
      return refused_event(fmt::format("has a header `ce-{}`, which is no attribute of an event",
                                       wire::shown(attribute.name)));
    if (!seen.insert(name).second)
      return refused_event(fmt::format("has the header `ce-{}` twice", name));
    if (!is_utf8(attribute.value))
      return refused_event(fmt::format("has a header `ce-{}` that is not UTF-8", name));
    json.text(name, attribute.value);
  }
  if (data.find_first_not_of(kJsonBlanks) != data.npos) {
    if (!is_one_value(data)) return refused_event("has data that is not one JSON value");
    json.key("data").json(data);
  }
  json.end_object();
  return text;
}

}  // namespace toll::metering
