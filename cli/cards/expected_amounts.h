// New amounts for `expect` lines, written into the files that they stand in.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/int128.h"
#include "base/money.h"
#include "base/ratio.h"
#include "base/result.h"
#include "cli/cards/card_files.h"

namespace toll::cli {

class ExpectedAmounts {
 public:
  /// `folder` must outlive this.
  explicit ExpectedAmounts(const CardFiles& folder) : folder_(folder) {}

  /// The line of the file expects this amount from now on. Whether it is an `expect` line.
  bool set(uint32_t file, uint32_t line, Int128 minor, Currency currency);
  /// The same of credits, which may be a fraction.
  bool set(uint32_t file, uint32_t line, const Ratio& credits);

  /// Writes all changed files, each as a whole in the place of the old one; only the numbers of
  /// those lines differ. The number of files.
  Result<size_t> write() const;

 private:
  struct Edit {
    dsl::Span number;
    std::string text;
  };
  bool set(uint32_t file, uint32_t line,
           const std::function<std::string(std::string_view)>& number_for);

  const CardFiles& folder_;
  std::map<uint32_t, std::map<uint32_t, dsl::Span>> numbers_;  // by file, then line
  std::map<uint32_t, std::map<uint32_t, Edit>> edits_;
};

}  // namespace toll::cli
