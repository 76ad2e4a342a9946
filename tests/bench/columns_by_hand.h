// Rating whole columns as a careful engineer writes it for one card: the cost of a tier as a
// straight line, the range checked in the same pass, the card's rounding. Whole blocks that leave
// the range are rated again in 128 bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace toll::by_hand {

/// Calls at 0.010 USD and less, in 4, 5 or 10 graduated tiers; half-up to cents.
void graduated_4(const int64_t* calls, int64_t* cents, size_t rows);
void graduated_5(const int64_t* calls, int64_t* cents, size_t rows);
void graduated_10(const int64_t* calls, int64_t* cents, size_t rows);
/// The same five prices by volume.
void volume_5(const int64_t* calls, int64_t* cents, size_t rows);
/// 0.25 USD per started 1,000 calls.
void started(const int64_t* calls, int64_t* cents, size_t rows);

/// Cents per million tokens of a model, as the matrix cards have it. Models are numbered, or of so
/// many sizes in each family.
int64_t model_price(uint32_t model);
inline constexpr uint32_t kSizes = 25;
void matrix(const uint32_t* models, const int64_t* tokens, int64_t* cents, size_t rows,
            const int64_t* prices);
void matrix(const uint32_t* families, const uint32_t* sizes, const int64_t* tokens, int64_t* cents,
            size_t rows, const int64_t* prices);

/// 500 USD base; 0.004 USD per call above 100,000; storage in three tiers; 10 % off; at least 600.
void hybrid(const int64_t* calls, const int64_t* storage, int64_t* cents, size_t rows);

/// GB-seconds with six decimal places, in three tiers, which need 128 bits.
void seconds(const int64_t* micros, int64_t* cents, size_t rows);

}  // namespace toll::by_hand
