// The constructs that the differential test counts, so that none of them goes untested unseen.
#pragma once

#include <bitset>
#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace toll::differential {

enum class Construct {
#define TOLL_CONSTRUCT(name, text) name,
#include "tests/differential/constructs.def"
#undef TOLL_CONSTRUCT
};

inline constexpr std::string_view kConstructNames[] = {
#define TOLL_CONSTRUCT(name, text) text,
#include "tests/differential/constructs.def"
#undef TOLL_CONSTRUCT
};
inline constexpr size_t kConstructs = std::size(kConstructNames);

class Constructs {
 public:
  Constructs() = default;
  Constructs(std::initializer_list<Construct> constructs) {
    for (Construct construct : constructs) add(construct);
  }

  void add(Construct construct) { bits_.set(static_cast<size_t>(construct)); }
  bool has(Construct construct) const { return bits_.test(static_cast<size_t>(construct)); }

 private:
  std::bitset<kConstructs> bits_;
};

}  // namespace toll::differential
