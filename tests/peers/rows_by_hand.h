// The workloads as a careful engineer writes them for these cards: a tier as a straight line, the
// card's rounding, and columns of numbers so narrow that no amount of them leaves 64 bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace toll::peers::by_hand {

void graduated(const uint32_t* calls, int64_t* cents, size_t rows);

/// `prices`: of input, cached and output tokens, for each model, in 10^-7 cents, below 2^18.
void models(const uint8_t* model, const uint32_t* const tokens[3], const int64_t* const prices[3],
            int64_t* cents, size_t rows);

void hybrid(const uint32_t* calls, const uint32_t* storage, int64_t* cents, size_t rows);

}  // namespace toll::peers::by_hand
