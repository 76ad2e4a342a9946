#include "wire/flat_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "wire/json_writer.h"
#include "wire/text.h"

namespace toll::wire {
namespace {

using runtime::UsageFault;

/// nlohmann::json_sax. What is inside a value that is no text is passed over.
class FlatReader {
 public:
  explicit FlatReader(std::span<const TextField> fields) : fields_(fields) {}

  std::expected<std::map<std::string, std::string, std::less<>>, std::vector<UsageFault>> read(
      std::string_view text) {
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), this) && faults_.empty())
      fault("", "is not a JSON object");
    for (const TextField& field : fields_)
      if (faults_.empty() && field.required && !values_.contains(field.name))
        fault("", fmt::format("`{}` is missing", field.name));
    if (!faults_.empty()) return std::unexpected(std::move(faults_));
    return std::move(values_);
  }

  bool null() {
    if (copy_) copy_->null();
    return depth_ > 0;
  }
  bool boolean(bool value) {
    if (copies()) return copied(copy_->boolean(value));
    return no_text();
  }
  bool number_integer(nlohmann::json::number_integer_t value) {
    return number(std::to_string(value));
  }
  bool number_unsigned(nlohmann::json::number_unsigned_t value) {
    return number(std::to_string(value));
  }
  bool number_float(nlohmann::json::number_float_t, const std::string& text) {
    return number(text);
  }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool string(std::string& value) {
    if (copies()) return copied(copy_->text(value));
    if (depth_ > 1 && !(depth_ == 2 && inside_)) return true;
    if (depth_ == 0) return false;
    if (const std::string why = id_fault(value); !why.empty())
      fault(pointer(), fmt::format("`{}` {}", shown(value), why));
    else if (depth_ == 1 && known_ && known_->texts)
      fault(pointer(), "is not an object of texts");
    else if (known_)
      values_.insert_or_assign(inside_ ? name_ + "/" + inner_ : name_, value);
    return true;
  }
  bool start_object(size_t) {
    if (copies()) {
      copy_->begin_object();
      return ++depth_ <= kDepthMax;
    }
    const bool opens_texts = depth_ == 1 && known_ && known_->texts;
    if (depth_ > 0 && !opens_texts) no_text();
    inside_ = inside_ || opens_texts;
    inner_.clear();
    return ++depth_ <= kDepthMax;
  }
  bool key(std::string& name) {
    if (copy_) {
      copy_->text(name);
      text_ += ':';
      return true;
    }
    if (depth_ == 2 && inside_) {
      inner_ = name;
      if (!seen_.insert(name_ + "/" + name).second) fault(pointer(), "stands twice");
    }
    if (depth_ > 1) return true;
    name_ = name;
    const auto found = std::ranges::find(fields_, name, &TextField::name);
    known_ = found == fields_.end() ? nullptr : &*found;
    if (!known_)
      fault(pointer(), fmt::format("there is no field `{}`", shown(name)));
    else if (!seen_.insert(name).second)
      fault(pointer(), "stands twice");
    return true;
  }
  bool end_object() {
    --depth_;
    if (copy_) return copied(copy_->end_object());
    if (depth_ == 1) inside_ = false;
    return true;
  }
  bool start_array(size_t) {
    if (depth_ == 0) return false;
    if (copies())
      copy_->begin_array();
    else
      no_text();
    return ++depth_ <= kDepthMax;
  }
  bool end_array() {
    --depth_;
    return !copy_ || copied(copy_->end_array());
  }
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception&) {
    fault("", "is not a JSON object");
    return false;
  }

 private:
  static constexpr size_t kDepthMax = 32;

  /// Whether what comes is a value, or part of one, that is given as it is.
  bool copies() {
    if (!copy_ && depth_ == 1 && known_ && known_->json) {
      text_.clear();
      copy_.emplace(text_);
    }
    return copy_.has_value();
  }
  /// Behind a part: that was all of it where the object of fields goes on.
  bool copied(JsonWriter&) {
    if (depth_ != 1) return true;
    values_.insert_or_assign(name_, text_);
    copy_.reset();
    return true;
  }

  bool number(std::string text) {
    if (copies()) return copied(copy_->json(text));
    if (depth_ != 1 || !known_ || !known_->number) return no_text();
    values_.insert_or_assign(name_, std::move(text));
    return true;
  }
  bool no_text() {
    const bool is_field = depth_ == 1 && known_ && !known_->texts;
    if (is_field || (depth_ == 2 && inside_))
      fault(pointer(), "is not a text in quotes");
    else if (depth_ == 1 && known_)
      fault(pointer(), "is not an object of texts");
    return depth_ > 0;
  }
  std::string pointer() const {
    const std::string field = "/" + runtime::pointer_token(name_);
    return inside_ && depth_ == 2 ? field + "/" + runtime::pointer_token(inner_) : field;
  }
  void fault(std::string pointer, std::string message) {
    faults_.push_back({std::move(pointer), std::move(message)});
  }

  const std::span<const TextField> fields_;
  std::map<std::string, std::string, std::less<>> values_;
  std::set<std::string> seen_;
  std::vector<UsageFault> faults_;
  std::string name_, inner_;
  const TextField* known_ = nullptr;  // the field of that name
  bool inside_ = false;               // in its object of texts
  size_t depth_ = 0;
  std::string text_;                // of a value that is given as it is
  std::optional<JsonWriter> copy_;  // while it is read
};

}  // namespace

std::expected<std::map<std::string, std::string, std::less<>>, std::vector<UsageFault>>
read_text_fields(std::string_view text, std::span<const TextField> fields) {
  return FlatReader(fields).read(text);
}

}  // namespace toll::wire
