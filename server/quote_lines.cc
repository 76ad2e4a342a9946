#include "server/quote_lines.h"

#include <fmt/format.h>

#include <iterator>
#include <span>

#include "http/message.h"
#include "runtime/quote.h"
#include "wire/answer_json.h"
#include "wire/problem_json.h"
#include "wire/usage_json.h"

namespace toll::server {
namespace {

using runtime::Refusal;
using runtime::UsageFault;

void append_error(uint64_t number, int status, std::string_view detail,
                  std::span<const UsageFault> faults, std::string& out) {
  const wire::ProblemHead head{status, http::reason_phrase(status), detail};
  fmt::format_to(std::back_inserter(out), "{{\"line\":{},\"error\":{}}}\n", number,
                 wire::problem_json(head, faults));
}

}  // namespace

std::optional<runtime::UsageDocument> read_line(const BatchLine& line, std::string_view card,
                                                std::string& out) {
  std::string_view text = line.text;
  if (text.ends_with('\r')) text.remove_suffix(1);
  auto document = wire::read_usage(text, card);
  if (document) return *std::move(document);
  append_error(line.number, 400, "the line is no usage document", document.error(), out);
  return std::nullopt;
}

bool answer_line(const runtime::CardSet& cards, const runtime::UsageDocument& document,
                 uint64_t number, std::string& out) {
  const auto answer = runtime::quote(cards, document);
  if (answer) {
    wire::write_answer(*answer, out);
    out += '\n';
    return true;
  }
  const Refusal& refusal = answer.error();
  if (refusal.kind == Refusal::Kind::NotFound)
    append_error(number, 404, refusal.faults.front().message, refusal.faults, out);
  else
    append_error(number, 422, "the usage document does not fit the card", refusal.faults, out);
  return false;
}

void refuse_long_line(uint64_t number, std::string& out) {
  append_error(number, 413, "the line is too long", {}, out);
}

}  // namespace toll::server
