#include "wire/answer_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "wire/json_writer.h"

namespace toll::wire {
namespace {

using nlohmann::json;
using runtime::Answer;
using runtime::AnswerLine;
using runtime::Step;

// About what a line takes, so that most answers are written without growing the string.
constexpr size_t kHeadBytes = 320;
constexpr size_t kLineBytes = 192;

void write_optional(JsonWriter& out, std::string_view name,
                    const std::optional<std::string>& value) {
  if (value) out.text(name, *value);
}

void write_step(JsonWriter& out, const Step& step) {
  out.begin_object().text("text", step.text);
  if (!step.source.empty()) out.text("source", step.source);
  write_optional(out, "quantity", step.quantity);
  write_optional(out, "amount", step.amount);
  out.end_object();
}

void write_line(JsonWriter& out, const AnswerLine& line) {
  out.begin_object().text("path", line.path).text("label", line.label);
  write_optional(out, "quantity", line.quantity);
  write_optional(out, "unit", line.unit);
  out.text("amount", line.amount).text("exact", line.exact);
  if (!line.steps.empty()) {
    out.key("steps").begin_array();
    for (const Step& step : line.steps) write_step(out, step);
    out.end_array();
  }
  out.end_object();
}

void write_lines(JsonWriter& out, std::string_view name, const std::vector<AnswerLine>& lines) {
  out.key(name).begin_array();
  for (const AnswerLine& line : lines) write_line(out, line);
  out.end_array();
}

/// Reads fields out of JSON values and remembers the first that is not as it should be.
class AnswerReader {
 public:
  Result<Answer> read(std::string_view text) {
    const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object()) return std::unexpected(Error{"the answer is no JSON object"});
    Answer answer;
    answer.card = text_of(document, "card");
    answer.version = text_of(document, "version");
    answer.hash = text_of(document, "hash");
    answer.currency = text_of(document, "currency");
    const json& period = member(document, "period");
    answer.period = {date_of(period, "from"), date_of(period, "until")};
    answer.lines = lines_of(document, "lines");
    answer.total = text_of(document, "total");
    if (document.contains("due_at_close")) answer.due_at_close = lines_of(document, "due_at_close");
    if (document.contains("over_limit"))
      for (const json& meter : list_of(document, "over_limit"))
        answer.over_limit.push_back(text_from(meter, "over_limit"));
    if (!fault_.empty()) return std::unexpected(Error{fault_});
    return answer;
  }

 private:
  void fault(std::string_view name) {
    if (fault_.empty())
      fault_ = fmt::format("`{}` of the answer is missing or of another kind", name);
  }

  const json& member(const json& object, const char* name) {
    static const json kNothing;
    const auto found = object.is_object() ? object.find(name) : object.end();
    if (found != object.end()) return *found;
    fault(name);
    return kNothing;
  }

  std::string text_from(const json& value, const char* name) {
    if (value.is_string()) return value.get<std::string>();
    fault(name);
    return {};
  }
  std::string text_of(const json& object, const char* name) {
    return text_from(member(object, name), name);
  }
  std::optional<std::string> optional_of(const json& object, const char* name) {
    if (!object.is_object() || !object.contains(name)) return std::nullopt;
    return text_of(object, name);
  }
  Date date_of(const json& object, const char* name) {
    const std::optional<Date> date = parse_date(text_of(object, name));
    if (!date) fault(name);
    return date.value_or(Date{});
  }

  const json& list_of(const json& object, const char* name) {
    static const json kEmpty = json::array();
    const json& list = member(object, name);
    if (list.is_array()) return list;
    fault(name);
    return kEmpty;
  }

  Step step_of(const json& value) {
    return {text_of(value, "text"), optional_of(value, "source").value_or(""),
            optional_of(value, "quantity"), optional_of(value, "amount")};
  }

  std::vector<AnswerLine> lines_of(const json& object, const char* name) {
    std::vector<AnswerLine> lines;
    for (const json& value : list_of(object, name)) {
      AnswerLine line;
      line.path = text_of(value, "path");
      line.label = text_of(value, "label");
      line.quantity = optional_of(value, "quantity");
      line.unit = optional_of(value, "unit");
      line.amount = text_of(value, "amount");
      line.exact = text_of(value, "exact");
      if (value.is_object() && value.contains("steps"))
        for (const json& step : list_of(value, "steps")) line.steps.push_back(step_of(step));
      lines.push_back(std::move(line));
    }
    return lines;
  }

  std::string fault_;
};

}  // namespace

void write_answer(const Answer& answer, std::string& text) {
  text.reserve(text.size() + kHeadBytes +
               kLineBytes * (answer.lines.size() + answer.due_at_close.size()));
  JsonWriter out(text);
  out.begin_object().text("card", answer.card).text("version", answer.version);
  out.text("hash", answer.hash).text("currency", answer.currency);
  out.key("period").begin_object();
  out.text("from", to_string(answer.period.from)).text("until", to_string(answer.period.until));
  out.end_object();
  write_lines(out, "lines", answer.lines);
  out.text("total", answer.total);
  if (!answer.due_at_close.empty()) write_lines(out, "due_at_close", answer.due_at_close);
  if (!answer.over_limit.empty()) {
    out.key("over_limit").begin_array();
    for (const std::string& meter : answer.over_limit) out.text(meter);
    out.end_array();
  }
  out.end_object();
}

Result<Answer> read_answer(std::string_view text) { return AnswerReader().read(text); }

}  // namespace toll::wire
