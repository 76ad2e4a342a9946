#include "wire/answer_json.h"

#include "wire/json_writer.h"
#include "wire/to_date_json.h"

namespace toll::wire {
namespace {

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
  write_optional(out, "pending", line.pending);
  write_optional(out, "unit", line.unit);
  out.text("amount", line.amount).text("exact", line.exact);
  write_optional(out, "currency", line.currency);
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

void write_remaining(JsonWriter& out, const Answer& answer) {
  if (answer.remaining.empty()) return;
  out.key("remaining").begin_object();
  for (const auto& [pool, quantity] : answer.remaining) out.text(pool, quantity);
  out.end_object();
}

void write_grants(JsonWriter& out, const std::vector<runtime::GrantLeft>& grants) {
  if (grants.empty()) return;
  out.key("grants").begin_array();
  for (const runtime::GrantLeft& grant : grants) {
    out.begin_object().text("pool", grant.pool).text("quantity", grant.quantity);
    if (grant.from) out.text("from", to_string(*grant.from));
    if (grant.expires) out.text("expires", to_string(*grant.expires));
    if (grant.recurring) out.key("recurring").boolean(true);
    out.end_object();
  }
  out.end_array();
}

/// Left out where the next period has nothing to be told.
void write_next_state(JsonWriter& out, const runtime::NextState& next) {
  if (next.used_to_date.empty() && next.billed_to_date.empty() && next.grants.empty()) return;
  out.key("next_state").begin_object();
  write_to_date(out, "used_to_date", next.used_to_date);
  write_to_date(out, "billed_to_date", next.billed_to_date);
  write_grants(out, next.grants);
  out.end_object();
}

/// Left out where one version and plan answer for all days.
void write_parts(JsonWriter& out, const std::vector<runtime::AnswerPart>& parts) {
  if (parts.empty()) return;
  out.key("parts").begin_array();
  for (const runtime::AnswerPart& part : parts) {
    out.begin_object().text("from", to_string(part.period.from));
    out.text("until", to_string(part.period.until)).text("version", part.version);
    out.text("hash", part.hash);
    write_optional(out, "plan", part.plan);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

void write_answer(const Answer& answer, std::string& text) {
  text.reserve(text.size() + kHeadBytes +
               kLineBytes * (answer.lines.size() + answer.due_at_close.size()));
  JsonWriter out(text);
  out.begin_object().text("card", answer.card).text("version", answer.version);
  out.text("hash", answer.hash);
  write_optional(out, "plan", answer.plan);
  out.text("currency", answer.currency);
  out.key("period").begin_object();
  out.text("from", to_string(answer.period.from)).text("until", to_string(answer.period.until));
  out.end_object();
  write_parts(out, answer.parts);
  write_lines(out, "lines", answer.lines);
  out.text("total", answer.total);
  if (!answer.due_at_close.empty()) write_lines(out, "due_at_close", answer.due_at_close);
  write_remaining(out, answer);
  if (!answer.over_limit.empty()) {
    out.key("over_limit").begin_array();
    for (const std::string& meter : answer.over_limit) out.text(meter);
    out.end_array();
  }
  if (!answer.warnings.empty()) {
    out.key("warnings").begin_array();
    for (const std::string& warning : answer.warnings) out.text(warning);
    out.end_array();
  }
  write_next_state(out, answer.next_state);
  out.end_object();
}

}  // namespace toll::wire
