#include "http/parse/chunked.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace toll::http {
namespace {

const Limits kLimits;

struct Outcome {
  int status = 0;  ///< of the refusal; -1 when the body does not end
  std::string body;
  std::string rest;  ///< behind the body

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Decodes `bytes` when only `step` of them arrive at a time.
Outcome decode(std::string_view bytes, size_t body_bytes_max = 1000, size_t step = SIZE_MAX,
               const Limits& limits = kLimits) {
  ChunkedDecoder decoder(body_bytes_max, limits);
  std::string body;
  std::string pending;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, std::min(step, bytes.size()));
    bytes.remove_prefix(piece.size());
    pending += piece;
    const auto used = decoder.decode(pending, body);
    if (!used) return {used.error().status, "", ""};
    pending.erase(0, *used);
    if (decoder.done()) return {0, body, pending + std::string(bytes)};
  }
  return {-1, body, pending};
}

TEST(Chunked, PutsTheChunksTogether) {
  EXPECT_EQ(decode("0\r\n\r\n"), (Outcome{0, "", ""}));
  EXPECT_EQ(decode("3\r\nabc\r\n0\r\n\r\n"), (Outcome{0, "abc", ""}));
  EXPECT_EQ(decode("3\r\nabc\r\n00a\r\n0123456789\r\n0\r\n\r\nGET /"),
            (Outcome{0, "abc0123456789", "GET /"}));
  EXPECT_EQ(decode("A\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n"),
            (Outcome{0, "\r\n\r\n\r\n\r\n\r\n", ""}));
}

TEST(Chunked, PassesOverExtensionsAndTrailers) {
  EXPECT_EQ(decode("3;a=b;c=\"d\"\r\nabc\r\n0 ; x\r\nTrailer: 1\r\nB: 2\r\n\r\n"),
            (Outcome{0, "abc", ""}));
}

TEST(Chunked, WaitsForTheEnd) {
  EXPECT_EQ(decode("").status, -1);
  EXPECT_EQ(decode("3\r\nabc\r\n").status, -1);
  EXPECT_EQ(decode("3\r\nabc\r\n0\r\n").status, -1);
  EXPECT_EQ(decode("3\r\nabc\r\n0\r\nTrailer: 1\r\n").status, -1);
}

TEST(Chunked, RefusesWhatIsNotASize) {
  for (const std::string_view size :
       {"", " ", "-2", "+3", "0x3", "3x", "g", "3 3", " 3", "3,", "1 0", "00000000000000003",
        "10000000000000000", "3\x01", "3;\x01", "\xff"}) {
    EXPECT_EQ(decode(std::string(size) + "\r\nabc\r\n0\r\n\r\n").status, 400) << size;
  }
}

TEST(Chunked, RefusesOtherLineEnds) {
  EXPECT_EQ(decode("3\nabc\r\n0\r\n\r\n").status, 400);
  EXPECT_EQ(decode("3\r\nabc\n0\r\n\r\n").status, 400);
  EXPECT_EQ(decode("3\r\nabc\r\n0\n\r\n").status, 400);
  EXPECT_EQ(decode("3\r\nabc\r\n0\r\n\n").status, 400);
  EXPECT_EQ(decode("3\r\nabc\r\n0\r\nA: b\n\r\n").status, 400);
  EXPECT_EQ(decode("3\rabc\r\n0\r\n\r\n").status, 400);
}

TEST(Chunked, RefusesDataThatAreLongerThanTheirSize) {
  EXPECT_EQ(decode("3\r\nabcd\r\n0\r\n\r\n").status, 400);
  EXPECT_EQ(decode("3\r\nabcd").status, 400);
  EXPECT_EQ(decode("3\r\nab\r\n0\r\n\r\n").status, 400);
}

TEST(Chunked, BoundsTheBody) {
  EXPECT_EQ(decode("3\r\nabc\r\n0\r\n\r\n", 3), (Outcome{0, "abc", ""}));
  EXPECT_EQ(decode("4\r\nabcd\r\n0\r\n\r\n", 3).status, 413);
  EXPECT_EQ(decode("4\r\n", 3).status, 413) << "before the data";
  EXPECT_EQ(decode("2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", 3).status, 413);
  EXPECT_EQ(decode("2\r\nab\r\nFFFFFFFFFFFFFFFF\r\n", 3).status, 413);
  EXPECT_EQ(decode("fffffffffffffffe\r\n", 3).status, 413);
}

TEST(Chunked, BoundsExtensionsAndTrailers) {
  EXPECT_EQ(decode("3;" + std::string(300, 'x')).status, 400);
  std::string wordy;
  for (int i = 0; i < 100; ++i) wordy += "1;" + std::string(200, 'x') + "\r\na\r\n";
  EXPECT_EQ(decode(wordy).status, 400);

  Limits limits;
  limits.field_bytes_max = 40;
  limits.fields_max = 3;
  limits.head_bytes_max = 60;
  const auto trailer = [&](std::string_view fields) {
    return decode("0\r\n" + std::string(fields), 10, SIZE_MAX, limits).status;
  };
  const std::string line = "A: " + std::string(37, 'x') + "\r\n";
  EXPECT_EQ(trailer(line + "\r\n"), 0);
  EXPECT_EQ(trailer(line + line + "\r\n"), 431);
  EXPECT_EQ(trailer("A: " + std::string(38, 'x')), 400);
  EXPECT_EQ(trailer("A:\r\nA:\r\nA:\r\n\r\n"), 0);
  EXPECT_EQ(trailer("A:\r\nA:\r\nA:\r\nA:\r\n\r\n"), 431);
  EXPECT_EQ(trailer(std::string("A: \0\r\n\r\n", 8)), 400);
}

RC_GTEST_PROP(ChunkedProperty, AnyBodyInAnyChunksAndPieces, ()) {
  const auto chunks =
      *rc::gen::container<std::vector<std::string>>(rc::gen::nonEmpty<std::string>());
  std::string body;
  std::string bytes;
  for (const std::string& chunk : chunks) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    bytes += size + chunk + "\r\n";
    body += chunk;
  }
  bytes += "0\r\n\r\nNEXT";
  const auto step = *rc::gen::inRange<size_t>(1, 20);
  RC_ASSERT(decode(bytes, body.size(), step) == (Outcome{0, body, "NEXT"}));
}

RC_GTEST_PROP(ChunkedProperty, AnyBytesEndTheSameHoweverTheyArrive, ()) {
  const auto piece =
      rc::gen::elementOf(std::vector<std::string>{"0", "1", "3", "a", "-", ";", " ", "\r\n", "\r\n",
                                                  "\n", "\r", "0\r\n\r\n", "1\r\nx\r\n", "X: y"});
  const auto pieces = *rc::gen::container<std::vector<std::string>>(piece);
  std::string bytes;
  for (const std::string& p : pieces) bytes += p;
  const Outcome at_once = decode(bytes);
  const Outcome piecewise = decode(bytes, 1000, *rc::gen::inRange<size_t>(1, 5));
  RC_ASSERT(piecewise == at_once);
}

}  // namespace
}  // namespace toll::http
