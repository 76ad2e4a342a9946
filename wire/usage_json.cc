#include "wire/usage_json.h"

#include "wire/reading/usage_reader.h"

namespace toll::wire {

std::expected<runtime::UsageDocument, std::vector<runtime::UsageFault>> read_usage(
    std::string_view text, std::string_view card) {
  if (auto document = UsageReader(text, card).read_if_faultless()) return *std::move(document);
  return UsageReader(text, card).read();
}

std::expected<runtime::UsageDocument, std::vector<runtime::UsageFault>> read_usage(
    std::string_view text, std::string_view card, std::optional<ReadRest>& rest) {
  rest.reset();
  if (auto document = UsageReader(text, card).read_if_faultless()) return *std::move(document);
  UsageReader reader(text, card);
  auto document = reader.read();
  rest = document ? std::nullopt : std::move(reader).rest();
  return document;
}

}  // namespace toll::wire
