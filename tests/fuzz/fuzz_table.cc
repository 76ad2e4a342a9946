// Any bytes are a file that a card reads rows from: checking must end and place every diagnostic
// inside one of the two files; rows without errors make a card.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dsl/check.h"

namespace {

constexpr const char* kCard = R"(toll 1

unit segment, segments
dimension country is US, DE, other
meter sms counts segment by country

card sms "SMS"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  charge sms "SMS" by country
    tiers graduated
    rows from "list.csv"
    any at 1 USD per segment
)";

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace toll::dsl;
  const std::array files = {
      SourceFile{"card.toll", kCard},
      SourceFile{"list.csv", std::string(reinterpret_cast<const char*>(data), size)}};
  const Checked checked = check(files);
  for (const Diagnostic& found : checked.diagnostics) {
    const Place place = found.primary.place;
    require(place.file < files.size() && place.span.begin <= place.span.end);
    require(place.span.end <= files[place.file].text.size() + 1);
    const std::string text = render(found, files);
    require(text.ends_with('\n') && !text.contains('\x1B'));
  }
  require(checked.cards.size() == (has_errors(checked.diagnostics) ? 0u : 1u));
  return 0;
}
