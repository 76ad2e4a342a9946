// The workloads as a careful engineer writes them for these cards: a tier as a straight line, the
// range checked in the same pass, the card's rounding. A block that leaves the range is rated again
// in 128 bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace toll::peers::by_hand {

void graduated(const int64_t* calls, int64_t* cents, size_t rows);

/// `prices`: of input, cached and output tokens, for each model, in 10^-7 cents.
void models(const int64_t* model, const int64_t* const tokens[3], const int64_t* const prices[3],
            int64_t* cents, size_t rows);

void hybrid(const int64_t* calls, const int64_t* storage, int64_t* cents, size_t rows);

}  // namespace toll::peers::by_hand
