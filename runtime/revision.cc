#include "runtime/revision.h"

#include <algorithm>

namespace toll::runtime {

Revision::Revision(dsl::RateCard card, compiler::RatingProgram program,
                   std::shared_ptr<const compiler::NativeFunction> native)
    : card_(std::move(card)),
      program_(std::move(program)),
      native_(std::move(native)),
      version_(to_string(card_.from)) {
  for (uint32_t i = 0; i < card_.meters.size(); ++i) meters_.emplace_back(card_.meters[i].name, i);
  std::ranges::sort(meters_);
  for (const dsl::Dimension& dimension : card_.dimensions) {
    Index& index = values_.emplace_back();
    for (uint32_t i = 0; i < dimension.values.size(); ++i)
      index.emplace_back(dimension.values[i], i);
    std::ranges::sort(index);
  }
}

uint32_t Revision::find(const Index& index, std::string_view name) {
  const auto found = std::ranges::lower_bound(index, name, {}, &Index::value_type::first);
  return found == index.end() || found->first != name ? kNone : found->second;
}

uint32_t Revision::meter(std::string_view name) const { return find(meters_, name); }

uint32_t Revision::value(uint32_t dimension, std::string_view name) const {
  const uint32_t found = find(values_[dimension], name);
  if (found != kNone) return found;
  const dsl::Dimension& declared = card_.dimensions[dimension];
  return declared.open ? static_cast<uint32_t>(declared.values.size() - 1) : kNone;
}

}  // namespace toll::runtime
