// Usage documents of a card `c` that counts calls and whose credits are in a pool `flex`.
#pragma once

#include "base/ratio_text.h"
#include "runtime/usage.h"

namespace toll::runtime::pools {

inline UsageDocument document(const char* on = "2026-03-15") {
  UsageDocument document;
  document.card = "c";
  document.on = parse_date(on);
  return document;
}

inline UsageEntry calls(const char* quantity, const char* from = nullptr,
                        const char* until = nullptr) {
  UsageEntry entry{.meter = "calls",
                   .at = {},
                   .quantity = parse_decimal(quantity).value(),
                   .from = {},
                   .until = {}};
  if (from) entry.from = parse_date(from);
  if (until) entry.until = parse_date(until);
  return entry;
}

inline Grant grant(const char* quantity, const char* expires = nullptr, const char* from = nullptr,
                   const char* pool = "flex") {
  Grant grant{.pool = pool,
              .quantity = parse_ratio(quantity).value(),
              .from = {},
              .expires = {},
              .recurring = false};
  if (expires) grant.expires = parse_date(expires);
  if (from) grant.from = parse_date(from);
  return grant;
}

}  // namespace toll::runtime::pools
