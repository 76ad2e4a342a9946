// A folder of cards whose output the tests hold as text.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/scratch_folder.h"
#include "tests/unit/cli/program.h"

namespace toll::cli {

class SampleFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    save("units.toll", R"(toll 1

unit call, calls
unit kilocall, kilocalls = 1,000 calls
unit seat, seats
)");
    save("api@2026-01-01.toll", R"(# Calls above a bundle.
toll 1

dimension region is eu, us
meter api_calls counts call by region
  from api.call

card api "API platform"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

  fee base "Platform fee" at 500.00 USD per month, not prorated

  charge api_calls "API calls" by region
    included 100 kilocalls in each row
    eu at 0.0040 USD per call
    us at 3.50 USD per kilocall

  bill minimum 510.00 USD "Monthly minimum"

  limit api_calls to 1M calls per month then allow
  alert when bill reaches 2,000 USD, notify customer
  guarantee bill never decreases

  example "Europe only" in 2026-03
    use api_calls eu: 250,000 calls
    expect api_calls/eu 600.00 USD
    expect total 1,100.00 USD
)");
  }

  void save(const std::string& name, std::string_view text) { scratch_.save(name, text); }
  std::string text_of(const std::string& name) const {
    std::ifstream file(scratch_.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string folder() const { return scratch_.path().string(); }

  /// The output with this run's folder called FOLDER.
  std::string named(std::string text) const {
    for (size_t at; (at = text.find(folder())) != text.npos;)
      text.replace(at, folder().size(), "FOLDER");
    return text;
  }

  /// The same with digests called sha256:HASH.
  std::string without_hash(std::string text) const {
    text = named(std::move(text));
    for (size_t at = 0; (at = text.find("sha256:", at)) != text.npos; at += 7)
      text.replace(at + 7, 64, "HASH");
    return text;
  }

  testing::ScratchFolder scratch_;
};

}  // namespace toll::cli
