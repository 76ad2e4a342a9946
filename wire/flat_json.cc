#include "wire/flat_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

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

  bool null() { return depth_ > 0; }
  bool boolean(bool) { return no_text(); }
  bool number_integer(nlohmann::json::number_integer_t) { return no_text(); }
  bool number_unsigned(nlohmann::json::number_unsigned_t) { return no_text(); }
  bool number_float(nlohmann::json::number_float_t, const std::string&) { return no_text(); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool string(std::string& value) {
    if (depth_ != 1) return depth_ > 1;
    if (const std::string why = id_fault(value); !why.empty())
      fault(pointer(), fmt::format("`{}` {}", shown(value), why));
    else if (known_)
      values_.insert_or_assign(name_, value);
    return true;
  }
  bool start_object(size_t) {
    if (depth_ > 0) no_text();
    return ++depth_ <= kDepthMax;
  }
  bool key(std::string& name) {
    if (depth_ > 1) return true;
    name_ = name;
    known_ = std::ranges::any_of(fields_, [&](const TextField& f) { return f.name == name; });
    if (!known_)
      fault(pointer(), fmt::format("there is no field `{}`", shown(name)));
    else if (!seen_.insert(name).second)
      fault(pointer(), "stands twice");
    return true;
  }
  bool end_object() {
    --depth_;
    return true;
  }
  bool start_array(size_t) {
    if (depth_ == 0) return false;
    no_text();
    return ++depth_ <= kDepthMax;
  }
  bool end_array() { return end_object(); }
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception&) {
    fault("", "is not a JSON object");
    return false;
  }

 private:
  static constexpr size_t kDepthMax = 32;

  bool no_text() {
    if (depth_ == 1 && known_) fault(pointer(), "is not a text in quotes");
    return depth_ > 0;
  }
  std::string pointer() const { return "/" + runtime::pointer_token(name_); }
  void fault(std::string pointer, std::string message) {
    faults_.push_back({std::move(pointer), std::move(message)});
  }

  const std::span<const TextField> fields_;
  std::map<std::string, std::string, std::less<>> values_;
  std::set<std::string> seen_;
  std::vector<UsageFault> faults_;
  std::string name_;
  bool known_ = false;
  size_t depth_ = 0;
};

}  // namespace

std::expected<std::map<std::string, std::string, std::less<>>, std::vector<UsageFault>>
read_text_fields(std::string_view text, std::span<const TextField> fields) {
  return FlatReader(fields).read(text);
}

}  // namespace toll::wire
