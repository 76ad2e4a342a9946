// Singular and plural of the units that a file can name: those built in, and those it declares.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace toll::dsl::formatting {

class UnitForms {
 public:
  /// The units that are built in.
  UnitForms();

  /// A declared unit. Of two that share a form the first is known by it.
  void add(std::string_view singular, std::string_view plural);

  /// The units that a text declares.
  void add_declared(std::string_view text);

  /// The other forms of `GiB-months` and `calls`; empty where the last part of the word names no
  /// unit that is known.
  struct Forms {
    std::string singular, plural;
  };
  std::optional<Forms> forms(std::string_view word) const;

  /// Whether both are forms of one unit.
  bool are_one(std::string_view a, std::string_view b) const;

 private:
  std::unordered_map<std::string, Forms> by_form_;
};

}  // namespace toll::dsl::formatting
