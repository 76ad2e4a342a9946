#include "compiler/columns/stream.h"

#include <algorithm>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace toll::compiler {

#if defined(__x86_64__)

void stream_out(int64_t* to, const int64_t* from, size_t count) {
  constexpr uintptr_t kAlignment = sizeof(__m128i);
  for (; count > 0 && reinterpret_cast<uintptr_t>(to) % kAlignment != 0; --count) *to++ = *from++;
  for (; count >= 2; count -= 2, to += 2, from += 2)
    _mm_stream_si128(reinterpret_cast<__m128i*>(to),
                     _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  if (count > 0) *to = *from;
}

void end_of_streams() { _mm_sfence(); }

#else

void stream_out(int64_t* to, const int64_t* from, size_t count) { std::copy_n(from, count, to); }

void end_of_streams() {}

#endif

}  // namespace toll::compiler
