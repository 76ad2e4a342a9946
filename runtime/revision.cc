#include "runtime/revision.h"

namespace toll::runtime {

Revision::Revision(dsl::RateCard card, compiler::RatingProgram program,
                   std::shared_ptr<const compiler::NativeFunction> native)
    : card_(std::move(card)),
      program_(std::move(program)),
      native_(std::move(native)),
      version_(to_string(card_.from)) {
  for (uint32_t i = 0; i < card_.meters.size(); ++i) meters_.emplace(card_.meters[i].name, i);
  for (const dsl::Dimension& dimension : card_.dimensions) {
    Index& index = values_.emplace_back();
    for (uint32_t i = 0; i < dimension.values.size(); ++i) index.emplace(dimension.values[i], i);
  }
}

uint32_t Revision::meter(std::string_view name) const {
  const auto found = meters_.find(name);
  return found == meters_.end() ? kNone : found->second;
}

uint32_t Revision::value(uint32_t dimension, std::string_view name) const {
  const auto found = values_[dimension].find(name);
  if (found != values_[dimension].end()) return found->second;
  const dsl::Dimension& declared = card_.dimensions[dimension];
  return declared.open ? static_cast<uint32_t>(declared.values.size() - 1) : kNone;
}

}  // namespace toll::runtime
