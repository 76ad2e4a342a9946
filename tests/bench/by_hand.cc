#include "tests/bench/by_hand.h"

#include <algorithm>

namespace toll::by_hand {
namespace {

int64_t half_up(int64_t numerator, int64_t denominator) {
  return (numerator + denominator / 2) / denominator;
}

// 0.0040 USD is 4/10 of a cent.
int64_t api_calls_line(int64_t api_calls) {
  return half_up(std::max<int64_t>(0, api_calls - 100'000) * 4, 10);
}

// Thousandths of a cent per GiB-month: 2300, 2200, 2100.
int64_t standard_storage_line(int64_t storage) {
  const int64_t first = std::min<int64_t>(storage, 51'200);
  const int64_t second = std::clamp<int64_t>(storage - 51'200, 0, 460'800);
  const int64_t rest = std::max<int64_t>(0, storage - 512'000);
  return half_up(first * 2300 + second * 2200 + rest * 2100, 1000);
}

}  // namespace

extern "C" void toll_by_hand_api_platform(int64_t api_calls, ApiPlatform* out) {
  rate_api_platform(api_calls, out);
}

void rate_api_platform(int64_t api_calls, ApiPlatform* out) {
  out->base = 500'00;
  out->api_calls = api_calls_line(api_calls);
  out->total = out->base + out->api_calls;
}

void rate_object_storage(const int64_t storage[3], const int64_t requests[2], int64_t egress,
                         ObjectStorage* out) {
  out->storage[0] = standard_storage_line(storage[0]);
  // Thousandths of a cent per GiB-month: 1250; 400.
  out->storage[1] = half_up(storage[1] * 1250, 1000);
  out->storage[2] = half_up(storage[2] * 400, 1000);
  // 0.0050 USD per 1,000 requests is 5/10,000 of a cent each; 0.0004 is 4/100,000.
  out->requests[0] = half_up(requests[0] * 5, 10'000);
  out->requests[1] = half_up(requests[1] * 4, 100'000);
  const int64_t gib = std::max<int64_t>(0, egress - 100);
  const int64_t near = std::min<int64_t>(gib, 10'240);
  const int64_t middle = std::clamp<int64_t>(gib - 10'240, 0, 40'960);
  const int64_t far = std::max<int64_t>(0, gib - 51'200);
  out->egress = half_up(near * 90 + middle * 85 + far * 70, 10);
  out->total = out->storage[0] + out->storage[1] + out->storage[2] + out->requests[0] +
               out->requests[1] + out->egress;
}

int64_t rate_payments(const int64_t* cents, int count) {
  int64_t fees = 0;
  for (int i = 0; i < count; ++i) fees += half_up(cents[i] * 29, 1000) + 30;
  return std::min<int64_t>(fees, 50'000'00);
}

int64_t change_of_api_calls(int64_t before, int64_t after) {
  return api_calls_line(after) - api_calls_line(before);
}

int64_t change_of_standard_storage(int64_t before, int64_t after) {
  return standard_storage_line(after) - standard_storage_line(before);
}

}  // namespace toll::by_hand
