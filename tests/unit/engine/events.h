// Events and candidates for tests of the engine.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "metering/read_events.h"

namespace toll::engine {

struct EventSpec {
  std::string id = "1";
  std::string source = "/s";
  std::string customer = "acme";
  std::string type = "api.call";
  std::string time = "2026-03-10T12:00:00Z";
  std::string data = "{}";
};

inline std::string event_text(const EventSpec& spec) {
  return fmt::format(
      R"({{"specversion":"1.0","id":"{}","source":"{}","type":"{}","subject":"{}","time":"{}","data":{}}})",
      spec.id, spec.source, spec.type, spec.customer, spec.time, spec.data);
}

/// As it comes from a door that let it in.
inline Candidate candidate(const EventSpec& spec) {
  metering::EventReader reader;
  std::string text = event_text(spec);
  auto event = reader.read(text);
  EXPECT_TRUE(event) << event.error().pointer << event.error().message;
  return {.event = std::move(*event), .text = std::move(text)};
}

/// An event that says how many calls there were, in the field `n`.
inline std::string calls_event(std::string_view id, std::string_view time, int n) {
  return event_text(
      {.id = std::string(id), .time = std::string(time), .data = fmt::format("{{\"n\":{}}}", n)});
}

inline std::vector<Verdict> verdicts(const Answered<std::vector<Judged>>& judged) {
  std::vector<Verdict> result;
  if (!judged) {
    ADD_FAILURE() << judged.error().message;
    return result;
  }
  for (const Judged& one : *judged) result.push_back(one.verdict);
  return result;
}

inline std::vector<RecordedEvent> recorded(const Engine& engine, std::string_view tenant,
                                           std::string_view customer) {
  std::vector<RecordedEvent> events;
  const auto read =
      engine.record(tenant, customer, Instant{}, *parse_instant("2199-01-01T00:00:00Z"),
                    [&](const RecordedEvent& event) {
                      events.push_back(event);
                      return true;
                    });
  EXPECT_TRUE(read) << read.error().message;
  return events;
}

}  // namespace toll::engine
