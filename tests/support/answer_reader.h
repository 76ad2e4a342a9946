// Answers read back from their JSON text, as a client would.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/answer.h"

namespace toll::testing {

/// Reads fields out of JSON values and remembers the first that is not as it should be.
class AnswerReader {
 public:
  Result<runtime::Answer> read(std::string_view text) {
    const nlohmann::json document =
        nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object()) return std::unexpected(Error{"the answer is no JSON object"});
    runtime::Answer answer;
    answer.card = text_of(document, "card");
    answer.version = text_of(document, "version");
    answer.hash = text_of(document, "hash");
    answer.currency = text_of(document, "currency");
    const nlohmann::json& period = member(document, "period");
    answer.period = {date_of(period, "from"), date_of(period, "until")};
    if (document.contains("parts"))
      for (const nlohmann::json& part : list_of(document, "parts"))
        answer.parts.push_back(
            {{date_of(part, "from"), date_of(part, "until")},
             text_of(part, "version"),
             text_of(part, "hash"),
             part.contains("plan") ? std::optional(text_of(part, "plan")) : std::nullopt});
    answer.lines = lines_of(document, "lines");
    answer.total = text_of(document, "total");
    if (document.contains("due_at_close")) answer.due_at_close = lines_of(document, "due_at_close");
    if (document.contains("over_limit"))
      for (const nlohmann::json& meter : list_of(document, "over_limit"))
        answer.over_limit.push_back(text_from(meter, "over_limit"));
    if (document.contains("warnings"))
      for (const nlohmann::json& warning : list_of(document, "warnings"))
        answer.warnings.push_back(text_from(warning, "warnings"));
    if (document.contains("next_state")) {
      const nlohmann::json& next = document["next_state"];
      answer.next_state = {to_date_of(next, "used_to_date"), to_date_of(next, "billed_to_date"),
                           grants_of(next)};
    }
    if (document.contains("remaining"))
      for (const auto& [pool, left] : document["remaining"].items())
        answer.remaining.emplace_back(pool, text_from(left, "remaining"));
    if (!fault_.empty()) return std::unexpected(Error{fault_});
    return answer;
  }

 private:
  void fault(std::string_view name) {
    if (fault_.empty())
      fault_ = "`" + std::string(name) + "` of the answer is missing or of another kind";
  }

  const nlohmann::json& member(const nlohmann::json& object, const char* name) {
    static const nlohmann::json kNothing;
    const auto found = object.is_object() ? object.find(name) : object.end();
    if (found != object.end()) return *found;
    fault(name);
    return kNothing;
  }

  std::string text_from(const nlohmann::json& value, const char* name) {
    if (value.is_string()) return value.get<std::string>();
    fault(name);
    return {};
  }
  std::string text_of(const nlohmann::json& object, const char* name) {
    return text_from(member(object, name), name);
  }
  std::optional<std::string> optional_of(const nlohmann::json& object, const char* name) {
    if (!object.is_object() || !object.contains(name)) return std::nullopt;
    return text_of(object, name);
  }
  Date date_of(const nlohmann::json& object, const char* name) {
    const std::optional<Date> date = parse_date(text_of(object, name));
    if (!date) fault(name);
    return date.value_or(Date{});
  }

  const nlohmann::json& list_of(const nlohmann::json& object, const char* name) {
    static const nlohmann::json kEmpty = nlohmann::json::array();
    const nlohmann::json& list = member(object, name);
    if (list.is_array()) return list;
    fault(name);
    return kEmpty;
  }

  runtime::Step step_of(const nlohmann::json& value) {
    return {text_of(value, "text"), optional_of(value, "source").value_or(""),
            optional_of(value, "quantity"), optional_of(value, "amount")};
  }

  std::vector<runtime::AnswerLine> lines_of(const nlohmann::json& object, const char* name) {
    std::vector<runtime::AnswerLine> lines;
    for (const nlohmann::json& value : list_of(object, name)) {
      runtime::AnswerLine line;
      line.path = text_of(value, "path");
      line.label = text_of(value, "label");
      line.quantity = optional_of(value, "quantity");
      line.unit = optional_of(value, "unit");
      line.amount = text_of(value, "amount");
      line.exact = text_of(value, "exact");
      line.currency = optional_of(value, "currency");
      if (value.is_object() && value.contains("steps"))
        for (const nlohmann::json& step : list_of(value, "steps"))
          line.steps.push_back(step_of(step));
      lines.push_back(std::move(line));
    }
    return lines;
  }

  std::vector<runtime::UsageDocument::ToDate> to_date_of(const nlohmann::json& object,
                                                         const char* name) {
    std::vector<runtime::UsageDocument::ToDate> values;
    if (!object.is_object() || !object.contains(name)) return values;
    for (const auto& [key, value] : object[name].items()) {
      const auto decimal = parse_decimal(text_from(value, name));
      if (!decimal) fault(name);
      values.push_back({key, decimal.value_or(Decimal{})});
    }
    return values;
  }

  std::vector<runtime::GrantLeft> grants_of(const nlohmann::json& object) {
    std::vector<runtime::GrantLeft> grants;
    if (!object.is_object() || !object.contains("grants")) return grants;
    for (const nlohmann::json& value : list_of(object, "grants")) {
      runtime::GrantLeft& grant = grants.emplace_back();
      grant.pool = text_of(value, "pool");
      grant.quantity = text_of(value, "quantity");
      if (value.contains("from")) grant.from = date_of(value, "from");
      if (value.contains("expires")) grant.expires = date_of(value, "expires");
      grant.recurring = value.contains("recurring");
    }
    return grants;
  }

  std::string fault_;
};

/// Fields that it does not know are passed over; an Error says which one is missing or of another
/// kind.
inline Result<runtime::Answer> read_answer(std::string_view text) {
  return AnswerReader().read(text);
}

}  // namespace toll::testing
