// What a usage document's JSON means, told event by event: by simdjson where it has no fault, by
// nlohmann's SAX parser otherwise, which can tell where it stops being JSON.
#pragma once

#include <bitset>
#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/usage.h"
#include "wire/reading/path.h"
#include "wire/reading/syntax_fault.h"
#include "wire/reading/usage_fields.h"
#include "wire/usage_json.h"

namespace toll::wire {

/// Reads one text, once, by either read(). Faults are collected while reading goes on; a callback
/// returns false where there is no use in that.
class UsageReader {
 public:
  /// REQUIRES: both texts outlive this.
  UsageReader(std::string_view text, std::string_view card) : text_(text), card_(card) {}

  std::expected<runtime::UsageDocument, std::vector<runtime::UsageFault>> read();

  /// A document without faults; empty where the text may not be one, and is for read().
  std::optional<runtime::UsageDocument> read_if_faultless();

  /// After a read() that failed: the document without the values that are at fault, up to where the
  /// text stops being JSON; empty where reading stopped for another reason.
  std::optional<ReadRest> rest() &&;

  // nlohmann::json_sax. What the library makes of a number is never looked at, only its digits.
  bool null();
  bool boolean(bool value);
  bool number_integer(nlohmann::json::number_integer_t) { return number_event(); }
  bool number_unsigned(nlohmann::json::number_unsigned_t) { return number_event(); }
  bool number_float(nlohmann::json::number_float_t, const std::string&) { return number_event(); }
  bool string(std::string& value);
  bool binary(nlohmann::json::binary_t&) { return false; }  // JSON text has none
  bool start_object(size_t);
  bool key(std::string& name);
  bool end_object();
  bool start_array(size_t);
  bool end_array();
  bool number(std::string_view digits);
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception&);

 private:
  /// An object or list that is not closed yet.
  struct Open {
    Part part = Part::Ignored;
    uint32_t count = 0;    ///< fields or elements so far
    std::bitset<64> seen;  ///< FieldIds
    bool faulty = false;
  };

  bool is_text();
  void parse();
  void check_card();

  // Where the parser is.
  void take_token() { read_ = static_cast<size_t>(reached_ - text_.data()); }
  const Field* slot() const;
  void begin_value();
  bool end_value();
  bool open(Part part, bool list);
  bool close();
  bool go_on() const;

  // What a value is good for.
  bool number_event();
  void no_value(const SyntaxFault& syntax);
  void give_text(const Field& field, std::string& text);
  void give_id(const Field& field, std::string& text);
  void give_date(const Field& field, std::string_view text);
  void give_quantity(FieldId field, std::string_view digits);
  void give_left(std::string_view digits);
  void known_field(const Field& field);
  void unknown_field(std::string_view name);
  void dimension(std::string_view name);
  void name_to_date(std::string_view name, std::vector<runtime::UsageDocument::ToDate>& values);
  void day(std::string_view name);
  std::optional<Date> date_of(std::string_view name);
  void change_of_plan(std::string_view name);
  void take_item();
  void check_quantity();
  void misfit(const Field& field, std::string_view found);
  void check_required();

  void fault(std::string pointer, std::string message);
  void fault_here(std::string message) { fault(path_.pointer(), std::move(message)); }
  void stop(std::string pointer, std::string message);

  const std::string_view text_;
  const std::string_view card_;
  const char* reached_ = nullptr;  ///< the parser has taken what stands before this
  size_t read_ = 0;                ///< end of the last token that was read well
  Next next_ = Next::Document;
  Path path_;
  std::vector<Open> open_;
  const Field* field_ = nullptr;  ///< that the innermost object gives now; null: none to be read
  bool stopped_ = false;
  bool whole_ = false;  ///< the text was read to its end
  Period period_;
  size_t items_ = 0;  ///< and days, of all entries
  runtime::UsageDocument document_;
  std::vector<runtime::UsageFault> faults_;
};

}  // namespace toll::wire
