#include "base/secret.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/sha256.h"

namespace toll {
namespace {

TEST(Secret, RandomBytesAreAsManyAsAskedForAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto bytes = random_bytes(32);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->size(), 32u);
    EXPECT_TRUE(seen.insert(*bytes).second);
  }
}

TEST(Secret, ComparesWholeTexts) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  for (const char* other : {"abd", "bbc", "ab", "abcd", ""})
    EXPECT_FALSE(equal_in_constant_time("abc", other)) << other;
}

TEST(Secret, IsWrittenForHeaders) {
  EXPECT_EQ(base64url(""), "");
  EXPECT_EQ(base64url("f"), "Zg");
  EXPECT_EQ(base64url("fo"), "Zm8");
  EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(base64url(std::string(32, 'x')).size(), 43u);
  EXPECT_EQ(hexadecimal("\x01\xab"), "01ab");
  EXPECT_EQ(hexadecimal(sha256("abc")), sha256_hex("abc"));
}

}  // namespace
}  // namespace toll
