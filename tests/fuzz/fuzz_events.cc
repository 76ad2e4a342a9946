// Any bytes are lines of events: each line ends as an event or as a fault that can be shown, and
// what is counted of them is a usage document that reads back as it was written.

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "metering/meter_usage.h"
#include "metering/read_events.h"
#include "metering/usage_document.h"
#include "tests/support/cards.h"
#include "wire/usage_json.h"

namespace {

using namespace toll;

void require(bool holds) {
  if (!holds) std::abort();
}

size_t lines_that_are_not_blank(std::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    count += line.find_first_not_of(" \t") != line.npos;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return count;
}

void check_events(std::string_view text, const metering::EventLines& read) {
  require(read.events.size() + read.faults.size() == lines_that_are_not_blank(text));
  require(read.events.size() == read.line_of_event.size());
  for (const auto& [line, fault] : read.faults) {
    require(line > 0 && !fault.message.empty());
    require(fault.pointer.empty() || fault.pointer.starts_with('/'));
  }
}

void count(const dsl::RateCard& card, const std::vector<metering::UsageEvent>& events) {
  const Period march = *parse_month("2026-03");
  const auto usage = metering::meter_usage(card, events, march);
  if (!usage) return require(!usage.error().reason.empty());
  require(usage->rejected.size() + usage->unmetered.size() <= events.size());
  const auto document = metering::to_document(card, *usage, "acme", march, /*final=*/true);
  const std::string json = wire::to_json(document);
  const auto back = wire::read_usage(json);
  require(back && wire::to_json(*back) == json);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const dsl::RateCard tokens = testing::ratecard("founding", "ai_tokens").card;
  static const dsl::RateCard outcomes = testing::ratecard("founding", "outcomes").card;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const metering::EventLines read = metering::read_event_lines(text);
  check_events(text, read);
  count(tokens, read.events);
  count(outcomes, read.events);
  return 0;
}
