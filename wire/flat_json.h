// The strict reader of small requests: one JSON object whose fields are texts, or objects of texts,
// or values for another reader.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/usage.h"

namespace toll::wire {

struct TextField {
  std::string_view name;
  bool required = false;
  bool number = false;  ///< may be written as a JSON number, which is given as it is written
  bool texts = false;   ///< an object of texts, each of which is given as NAME/ITS_NAME
  bool json = false;    ///< any value, which is given as JSON
};

/// The fields that the object gives; a null says the same as leaving one out. What is not in
/// `fields`, stands twice, is missing, or is no id (wire/text.h) is a fault at its place. Pure; any
/// thread.
std::expected<std::map<std::string, std::string, std::less<>>, std::vector<runtime::UsageFault>>
read_text_fields(std::string_view text, std::span<const TextField> fields);

}  // namespace toll::wire
