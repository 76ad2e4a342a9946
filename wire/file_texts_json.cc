#include "wire/file_texts_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace toll::wire {
namespace {

using runtime::UsageFault;
using Texts = std::map<std::string, std::optional<std::string>>;

/// nlohmann::json_sax.
class TextsReader {
 public:
  std::expected<Texts, std::vector<UsageFault>> read(std::string_view text) {
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), this) && faults_.empty())
      fault("", "is not a JSON object");
    if (faults_.empty() && texts_.empty()) fault("", "names no file");
    if (!faults_.empty()) return std::unexpected(std::move(faults_));
    return std::move(texts_);
  }

  bool null() { return take(std::nullopt); }
  bool string(std::string& value) { return take(std::move(value)); }
  bool boolean(bool) { return no_text(); }
  bool number_integer(nlohmann::json::number_integer_t) { return no_text(); }
  bool number_unsigned(nlohmann::json::number_unsigned_t) { return no_text(); }
  bool number_float(nlohmann::json::number_float_t, const std::string&) { return no_text(); }
  bool binary(nlohmann::json::binary_t&) { return no_text(); }
  bool start_object(size_t) {
    if (open_) return no_text();
    open_ = true;
    return true;
  }
  bool key(std::string& name) {
    name_ = name;
    return true;
  }
  bool end_object() { return true; }
  bool start_array(size_t) { return no_text(); }
  bool end_array() { return no_text(); }
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception&) {
    fault("", "is not a JSON object");
    return false;
  }

 private:
  bool take(std::optional<std::string> text) {
    if (!open_) return no_text();
    if (texts_.size() == kFileTextsMax) {
      fault("", fmt::format("names more than {} files", kFileTextsMax));
      return false;
    }
    if (texts_.emplace(name_, std::move(text)).second) return true;
    fault("/" + runtime::pointer_token(name_), "stands twice");
    return false;
  }
  bool no_text() {
    fault(open_ ? "/" + runtime::pointer_token(name_) : "", "is neither a text nor null");
    return false;
  }
  void fault(std::string pointer, std::string message) {
    faults_.push_back({std::move(pointer), std::move(message)});
  }

  Texts texts_;
  std::vector<UsageFault> faults_;
  std::string name_;
  bool open_ = false;
};

}  // namespace

std::expected<Texts, std::vector<UsageFault>> read_file_texts(std::string_view text) {
  return TextsReader().read(text);
}

}  // namespace toll::wire
