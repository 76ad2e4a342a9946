#include "dsl/format/unit_forms.h"

#include <cstdint>
#include <limits>

#include "dsl/scan/line.h"

namespace toll::dsl::formatting {

UnitForms::UnitForms() {
  // Sizes such as GiB and `percent` have one form only.
  for (std::string_view unit :
       {"byte", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "GPU"})
    add(unit, std::string(unit) + "s");
}

void UnitForms::add(std::string_view singular, std::string_view plural) {
  const Forms forms{std::string(singular), std::string(plural)};
  by_form_.emplace(singular, forms);
  by_form_.emplace(plural, forms);
}

void UnitForms::add_declared(std::string_view text) {
  scan::LineScanner scanner(text, std::numeric_limits<uint32_t>::max());
  for (scan::Line line; scanner.next(line);) {
    const auto& t = line.tokens;
    if (t.size() >= 4 && t[0].is_word("unit") && t[2].is_sign(',')) add(t[1].text, t[3].text);
  }
}

std::optional<UnitForms::Forms> UnitForms::forms(std::string_view word) const {
  const size_t hyphen = word.rfind('-');
  const size_t last = hyphen == word.npos ? 0 : hyphen + 1;
  const auto found = by_form_.find(std::string(word.substr(last)));
  if (found == by_form_.end()) return std::nullopt;
  const std::string before(word.substr(0, last));
  return Forms{before + found->second.singular, before + found->second.plural};
}

bool UnitForms::are_one(std::string_view a, std::string_view b) const {
  const auto left = forms(a), right = forms(b);
  return left && right && left->singular == right->singular;
}

}  // namespace toll::dsl::formatting
