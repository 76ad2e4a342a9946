#include "metering/read_events.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "metering/event_texts.h"
#include "metering/field_places.h"
#include "runtime/usage.h"
#include "wire/text.h"

namespace toll::metering {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kSequenceDigitsMax = 18;

/// Carries a fault out of the depths of a document; never leaves this file.
struct Refused {
  EventFault fault;
};

/// Why a text is no moment, and the way out. REQUIRES: parse_instant() does not read it.
std::string why_no_moment(std::string_view text) {
  constexpr size_t kPlacesMax = 9;  // nanoseconds
  const auto is_one = [](const std::string& other) { return parse_instant(other).has_value(); };
  const std::string whole(text);
  const size_t point = std::min(text.find('.'), text.size());
  const size_t digits_end = std::min(text.find_first_not_of("0123456789", point + 1), text.size());
  if (digits_end > point + 1 + kPlacesMax) {
    const std::string shorter = whole.substr(0, point + 1 + kPlacesMax) + whole.substr(digits_end);
    if (is_one(shorter))
      return fmt::format("has {} decimal places of a second, and at most {} are kept: write `{}`",
                         digits_end - point - 1, kPlacesMax, shorter);
  }
  const size_t sign = std::min(text.find_first_of("+-", sizeof("2026-03-01") - 1), text.size());
  const std::string ahead = whole.substr(sign);
  if (ahead.size() == sizeof("+0200") - 1 || ahead.size() == sizeof("+02") - 1) {
    const std::string zone = ahead.substr(0, 3) + ":" + (ahead.size() > 3 ? ahead.substr(3) : "00");
    if (is_one(whole.substr(0, sign) + zone))
      return fmt::format("has no colon in its distance from UTC: write `{}`", zone);
  }
  constexpr size_t kSecondAt = sizeof("2026-03-01T12:00:") - 1;
  if (text.substr(std::min(kSecondAt, text.size())).starts_with("60")) {
    const std::string before = std::string(whole).replace(kSecondAt, 2, "59");
    if (is_one(before))
      return fmt::format(
          "has a second `60`, and a leap second is the last one of a month of UTC: write `{}`",
          before);
  }
  if (is_one(whole + "Z"))
    return "does not say how far it is from UTC: end it with `Z`, or with a distance like `+02:00`";
  return "is not a moment of the years 1970 to 2199, such as `2026-03-01T12:00:00Z`";
}

[[noreturn]] void refuse(std::string pointer, std::string message) {
  throw Refused{{std::move(pointer), std::move(message), {}}};
}

/// Where a value stands. Only a fault asks for its text.
struct Place {
  const Place* above;
  std::string_view name;

  std::string pointer() const {
    return (above ? above->pointer() : std::string()) + "/" + runtime::pointer_token(name);
  }
};

[[noreturn]] void refuse(const Place& place, std::string message) {
  refuse(place.pointer(), std::move(message));
}

/// A JSON number by its own digits, which the library would turn into a binary fraction.
FieldValue number_of(ondemand::value value, const Place& place) {
  std::string_view token = value.raw_json_token();
  token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  const bool negative = token.starts_with('-');
  auto number = parse_decimal(negative ? token.substr(1) : token);
  if (number) {
    if (negative) number->mantissa = -number->mantissa;
    return *number;
  }
  switch (number.error()) {
    case DecimalFault::Empty:
    case DecimalFault::NotANumber:
    case DecimalFault::Negative:  // a second sign
    case DecimalFault::LeadingZero:
      refuse(place, "is no JSON number");
    case DecimalFault::Exponent:
    case DecimalFault::TooManyPlaces:
    case DecimalFault::TooLarge:
      return UnfitNumber{number.error()};
  }
  std::unreachable();
}

/// A value that is neither text nor number nor object, read to its end: the library looks only at
/// what it is asked for. Empty: a null.
std::optional<FieldValue> other_value(ondemand::value value, const Place& place, size_t depth);

void check(ondemand::value value, const Place& place, size_t depth) {
  if (depth > kEventDepthMax) refuse(place, fmt::format("nests deeper than {}", kEventDepthMax));
  switch (value.type()) {
    case ondemand::json_type::object:
      for (auto field : value.get_object()) {
        (void)std::string_view(field.unescaped_key());
        check(field.value(), place, depth + 1);
      }
      return;
    case ondemand::json_type::string:
      (void)std::string_view(value.get_string());
      return;
    case ondemand::json_type::number:
      number_of(value, place);
      return;
    case ondemand::json_type::array:
    case ondemand::json_type::boolean:
    case ondemand::json_type::null:
      other_value(value, place, depth);
      return;
  }
}

std::optional<FieldValue> other_value(ondemand::value value, const Place& place, size_t depth) {
  if (value.type() == ondemand::json_type::array) {
    for (auto element : value.get_array()) check(element.value(), place, depth + 1);
    return OtherValue{};
  }
  if (value.type() == ondemand::json_type::boolean) {
    (void)bool(value.get_bool());
    return OtherValue{};
  }
  if (!value.is_null()) refuse(place, "is no JSON value");
  return std::nullopt;
}

/// Reads the fields of `data`.
class DataReader {
 public:
  DataReader(UsageEvent& event, FieldPlaces& places) : places_(places) { places_.begin(event); }

  void read(ondemand::object object, std::string_view prefix, const Place& above, size_t depth) {
    if (depth > kEventDepthMax)
      refuse(above, fmt::format("nests deeper than {} objects", kEventDepthMax));
    for (auto field : object) {
      const std::string_view key = field.unescaped_key();
      const Place place{&above, key};
      if (++fields_ > kEventFieldsMax)
        refuse(place, fmt::format("an event has at most {} fields", kEventFieldsMax));
      read_value(field.value(), {prefix, key}, place, depth);
    }
  }

  /// Sorts the fields; a name may stand once.
  void finish() {
    if (const auto twice = places_.finish())
      refuse("/data", fmt::format("field `{}` stands twice", *twice));
  }

 private:
  struct Name {
    std::string_view prefix, key;
  };

  void read_value(ondemand::value value, const Name& name, const Place& place, size_t depth) {
    switch (value.type()) {
      case ondemand::json_type::object:
        return read(value.get_object(), fmt::format("{}{}.", name.prefix, name.key), place,
                    depth + 1);
      case ondemand::json_type::string:
        return put_text(name, value.get_string());
      case ondemand::json_type::number:
        field(name) = number_of(value, place);
        return;
      case ondemand::json_type::array:
      case ondemand::json_type::boolean:
      case ondemand::json_type::null:
        if (auto other = other_value(value, place, depth)) field(name) = *std::move(other);
        return;
    }
  }

  void put_text(const Name& name, std::string_view text) {
    FieldValue& value = field(name);
    if (auto* const before = std::get_if<std::string>(&value))
      before->assign(text);
    else
      value.emplace<std::string>(text);
  }

  FieldValue& field(const Name& name) { return places_.next(name.prefix, name.key); }

  FieldPlaces& places_;
  size_t fields_ = 0;
};

/// The id of an event that something is wrong with, as far as its text can be read; empty where it
/// says none, or two.
std::string id_of(ondemand::parser& parser, std::string_view padded, size_t size) {
  std::string id;
  try {
    ondemand::document document = parser.iterate(padded.data(), size, padded.size());
    for (auto field : document.get_object()) {
      if (std::string_view(field.unescaped_key()) != "id") continue;
      ondemand::value value = field.value();
      if (!id.empty() || value.type() != ondemand::json_type::string) return {};
      id = std::string_view(value.get_string());
      if (id.size() > kEventIdBytesMax) return {};
    }
  } catch (const simdjson::simdjson_error&) {
    // What stands behind it is not JSON.
  }
  return id;
}

/// Reads the attributes of one event.
class AttributeReader {
 public:
  /// Writes over `event`, and uses the memory of both.
  AttributeReader(UsageEvent& event, std::vector<std::string_view>& seen, FieldPlaces& places)
      : event_(event), seen_(seen), places_(places) {}

  void read(ondemand::object object) {
    seen_.clear();
    event_.sequence.reset();
    uint32_t known = 0;  // a bit for each of kKnown that was seen
    size_t attributes = 0;
    for (auto field : object) {
      const std::string_view name = field.unescaped_key();
      const auto at = static_cast<size_t>(std::ranges::find(kKnown, name) - kKnown.begin());
      const bool twice = at < kKnown.size() ? (known >> at & 1) != 0
                                            : std::ranges::find(seen_, name) != seen_.end();
      if (twice) refuse(Place{nullptr, name}, "stands twice");
      if (at < kKnown.size())
        known |= uint32_t{1} << at;
      else
        seen_.push_back(name);
      if (++attributes > kEventFieldsMax)
        refuse("", fmt::format("an event has at most {} attributes", kEventFieldsMax));
      read_attribute(at, name, field.value());
    }
    for (size_t i = 0; i < kRequired; ++i)
      if ((known >> i & 1) == 0) refuse("", fmt::format("attribute `{}` is missing", kKnown[i]));
    if ((known >> kData & 1) == 0) event_.fields.clear();
  }

 private:
  enum Known : size_t { kVersion, kId, kSource, kType, kSubject, kTime, kData };
  static constexpr std::array<std::string_view, 7> kKnown = {
      "specversion", "id", "source", "type", "subject", "time", "data"};
  static constexpr size_t kRequired = kData;  // the first of them

  void read_attribute(size_t known, std::string_view name, ondemand::value value) {
    const Place place{nullptr, name};
    if (known == kData) {
      if (value.type() != ondemand::json_type::object) refuse("/data", "is not an object");
      DataReader reader(event_, places_);
      reader.read(value.get_object(), "", place, 1);
      return reader.finish();
    }
    if (known == kKnown.size()) return read_other(name, value, place);
    const std::string_view text = identifier(place, value);
    switch (static_cast<Known>(known)) {
      case kVersion:
        if (text != "1.0") refuse("/specversion", "is not `1.0`");
        return;
      case kId:
        event_.id = text;
        return;
      case kSource:
        event_.source = text;
        return;
      case kType:
        event_.type = text;
        return;
      case kSubject:
        event_.subject = customer(text);
        return;
      case kTime:
        event_.time = moment(text);
        return;
      case kData:
        return;
    }
  }

  void read_other(std::string_view name, ondemand::value value, const Place& place) {
    if (name == "data_base64") refuse("/data_base64", "is not read: send `data` as an object");
    if (name == "sequence") return read_sequence(value, place);
    check(value, place, 1);
  }

  /// A text of digits, as the extension has it (cloudevents/extensions/sequence.md), or a number.
  /// Any other order says nothing about what is missing.
  void read_sequence(ondemand::value value, const Place& place) {
    std::string_view digits;
    if (value.type() == ondemand::json_type::string) {
      digits = value.get_string();
    } else if (value.type() == ondemand::json_type::number) {
      digits = value.raw_json_token();
      digits = digits.substr(0, digits.find_last_not_of(" \t\r\n") + 1);
    } else {
      return check(value, place, 1);
    }
    if (digits.empty() || digits.size() > kSequenceDigitsMax) return;
    uint64_t number = 0;
    const char* const end = digits.data() + digits.size();
    if (std::from_chars(digits.data(), end, number).ptr == end) event_.sequence = number;
  }

  static std::string_view identifier(const Place& place, ondemand::value value) {
    if (value.type() != ondemand::json_type::string) refuse(place, "is not a string");
    const std::string_view text = value.get_string();
    if (text.empty()) refuse(place, "is empty");
    if (text.size() > kEventIdBytesMax)
      refuse(place, fmt::format("is longer than {} bytes", kEventIdBytesMax));
    return text;
  }

  /// The customer is asked for by name elsewhere, so it must be one there.
  static std::string_view customer(std::string_view text) {
    if (const std::string fault = wire::id_fault(text); !fault.empty()) refuse("/subject", fault);
    if (text == "." || text == "..")
      refuse("/subject", "is a segment of dots, and no path could name such a customer");
    return text;
  }

  static Instant moment(std::string_view text) {
    const auto instant = parse_instant(text);
    if (!instant) refuse("/time", why_no_moment(text));
    return *instant;
  }

  UsageEvent& event_;
  std::vector<std::string_view>& seen_;
  FieldPlaces& places_;
};

}  // namespace

struct EventReader::Parser {
  ondemand::parser json;
  std::string padded;  // the text, with the room behind it that the parser reads over
  std::vector<std::string_view> seen;  // names of attributes that are not known
  FieldPlaces places;
};

EventReader::EventReader() : parser_(std::make_unique<Parser>()) {}
EventReader::~EventReader() = default;
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;

std::expected<UsageEvent, EventFault> EventReader::read(std::string_view json) {
  UsageEvent event;
  if (auto read = read_over(event, json); !read) return std::unexpected(std::move(read.error()));
  return event;
}

std::expected<void, EventFault> EventReader::read_over(UsageEvent& event, std::string_view json) {
  if (json.size() > kEventBytesMax)
    return std::unexpected(EventFault{"", fmt::format("is longer than {} bytes", kEventBytesMax)});
  parser_->padded.assign(json);
  parser_->padded.resize(json.size() + simdjson::SIMDJSON_PADDING);
  const auto refused = [&](EventFault fault) {
    event.fields.clear();
    fault.id = id_of(parser_->json, parser_->padded, json.size());
    return std::unexpected(std::move(fault));
  };
  try {
    ondemand::document document =
        parser_->json.iterate(parser_->padded.data(), json.size(), parser_->padded.size());
    if (document.type() != ondemand::json_type::object) refuse("", "is not a JSON object");
    AttributeReader(event, parser_->seen, parser_->places).read(document.get_object());
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
      refuse("", "has more text behind the event");
    return {};
  } catch (Refused& why) {
    return refused(std::move(why.fault));
  } catch (const simdjson::simdjson_error& error) {
    return refused({"", fmt::format("is not JSON: {}", error.what())});
  }
}

EventLines read_event_lines(std::string_view text) {
  EventLines result;
  EventReader reader;
  for (const EventText& line : texts_of_lines(text)) {
    auto event = reader.read(line.text);
    if (event) {
      result.events.push_back(*std::move(event));
      result.line_of_event.push_back(line.place);
    } else {
      result.faults.push_back({line.place, std::move(event.error())});
    }
  }
  return result;
}

}  // namespace toll::metering
