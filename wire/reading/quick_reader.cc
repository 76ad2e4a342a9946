// Nearly every document is well formed and has no fault. Such a one is read by simdjson, which is
// several times as fast as the parser that tells where a text stops being JSON. Whatever is not
// that, it gives up: the other parser then reads the document from its beginning, so that there is
// one source of every message.
#include "wire/reading/quick_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "wire/reading/usage_reader.h"

namespace toll::wire {

namespace ondemand = simdjson::ondemand;

/// Tells a reader of a document what its parts are, in their order.
class QuickReader {
 public:
  explicit QuickReader(UsageReader& reader) : reader_(reader) {}

  /// False where the text is to be read by the other parser.
  bool read(ondemand::parser& parser, std::string& padded, size_t size) {
    ondemand::document document;
    ondemand::value root;
    if (parser.iterate(padded.data(), size, padded.size()).get(document)) return false;
    if (document.get_value().get(root) || !value(root)) return false;
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  }

 private:
  bool value(ondemand::value& value) {
    ondemand::json_type type{};
    if (value.type().get(type)) return false;
    switch (type) {
      case ondemand::json_type::object:
        return object(value);
      case ondemand::json_type::array:
        return list(value);
      case ondemand::json_type::string:
        return text(value);
      case ondemand::json_type::number:
        return number(value.raw_json_token());
      case ondemand::json_type::boolean:
        return flag(value);
      case ondemand::json_type::null:
        return null(value);
    }
    return false;
  }

  bool object(ondemand::value& value) {
    ondemand::object object;
    if (!reader_.start_object(0) || value.get_object().get(object)) return false;
    for (auto next : object) {
      ondemand::field field;
      std::string_view name;
      if (std::move(next).get(field) || field.unescaped_key().get(name)) return false;
      text_.assign(name);
      if (!reader_.key(text_) || !this->value(field.value())) return false;
    }
    return reader_.end_object();
  }

  bool list(ondemand::value& value) {
    ondemand::array list;
    if (!reader_.start_array(0) || value.get_array().get(list)) return false;
    for (auto next : list) {
      ondemand::value element;
      if (std::move(next).get(element) || !this->value(element)) return false;
    }
    return reader_.end_array();
  }

  bool text(ondemand::value& value) {
    std::string_view text;
    if (value.get_string().get(text)) return false;
    text_.assign(text);
    return reader_.string(text_);
  }

  bool flag(ondemand::value& value) {
    bool flag = false;
    return !value.get_bool().get(flag) && reader_.boolean(flag);
  }

  bool null(ondemand::value& value) {
    bool null = false;
    return !value.is_null().get(null) && null && reader_.null();
  }

  /// By its own digits. What is no quantity has a fault, and what is no JSON number one as well.
  bool number(std::string_view token) {
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    const size_t point = std::min(token.find('.'), token.size());
    const std::string_view whole = token.substr(0, point), places = token.substr(point);
    const auto are_digits = [](std::string_view digits) {
      return !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
    };
    if (!are_digits(whole) || (whole.size() > 1 && whole.front() == '0')) return false;
    if (!places.empty() && !are_digits(places.substr(1))) return false;
    return reader_.number(token);
  }

  UsageReader& reader_;
  std::string text_;
};

namespace {

/// Longer documents get a parser of their own: what each thread keeps is bounded.
constexpr size_t kKeptBytesMax = size_t{64} << 10;

struct Parser {
  ondemand::parser json;
  std::string padded;  // the library reads beyond the end of a text

  bool read(std::string_view text, UsageReader& reader) {
    padded.assign(text);
    padded.resize(text.size() + simdjson::SIMDJSON_PADDING);
    return QuickReader(reader).read(json, padded, text.size());
  }
};

}  // namespace

bool read_quickly(std::string_view text, UsageReader& reader) {
  if (text.size() > kKeptBytesMax) return Parser().read(text, reader);
  thread_local Parser kept;
  return kept.read(text, reader);
}

}  // namespace toll::wire
