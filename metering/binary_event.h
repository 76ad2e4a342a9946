// A usage event in the binary content mode of HTTP (cloudevents/bindings/http-protocol-binding.md,
// v1.0.2, section 3.1): attributes in headers, `data` in the body.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "metering/read_events.h"

namespace toll::metering {

/// `ce-NAME: VALUE`, without the `ce-`, in any letter case.
struct EventAttribute {
  std::string_view name, value;
};

/// The same event in the JSON event format, for EventReader. `data` is the body: one JSON value, or
/// nothing. The fault: an attribute that none can be, or a body that is no single value. Pure.
std::expected<std::string, EventFault> text_of_binary(std::span<const EventAttribute> attributes,
                                                      std::string_view data);

}  // namespace toll::metering
