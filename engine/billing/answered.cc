#include "engine/billing/answered.h"

#include <algorithm>
#include <iterator>

#include "base/money.h"
#include "wire/answer_json.h"

namespace toll::engine {

std::string money(Int128 minor, std::string_view currency) {
  return format_minor(minor, find_currency(currency).value_or(Currency{}));
}

Int128 total_of(const runtime::Answer& answer) {
  const int places = find_currency(answer.currency).value_or(Currency{}).exponent;
  std::string digits;
  std::ranges::copy_if(answer.total, std::back_inserter(digits), [](char c) { return c != '.'; });
  const bool has_places = answer.total.contains('.') || places == 0;
  return parse_int128(digits).value_or(0) * (has_places ? 1 : power_of_ten(places));
}

std::string text_of(const runtime::Answer& answer) {
  std::string text;
  wire::write_answer(answer, text);
  return text;
}

Bill bill_of_closed(const ClosedPeriod& closed) {
  return {.card = closed.card,
          .version = closed.version,
          .hash = closed.hash(),
          .period = closed.period,
          .quote = closed.bill,
          .currency = closed.currency,
          .total = closed.total,
          .corrections = closed.corrections,
          .closed = closed.closed};
}

}  // namespace toll::engine
