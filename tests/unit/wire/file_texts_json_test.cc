// A folder's merge patch is read strictly: what is no text by file name is named.
#include "wire/file_texts_json.h"

#include <gtest/gtest.h>

namespace toll::wire {
namespace {

std::string faults(std::string_view text) {
  const auto read = read_file_texts(text);
  std::string said;
  if (read) return "none";
  for (const auto& [pointer, message] : read.error()) said += pointer + " " + message + "; ";
  return said;
}

TEST(FileTexts, GivesTextsAndWhatIsToGo) {
  const auto read = read_file_texts(R"({"a.toll":"toll 1\n", "b.toll":null})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at("a.toll"), "toll 1\n");
  EXPECT_FALSE(read->at("b.toll").has_value());
}

TEST(FileTexts, NamesWhatIsNoText) {
  EXPECT_EQ(faults(R"({"a.toll":1})"), "/a.toll is neither a text nor null; ");
  EXPECT_EQ(faults(R"({"a.toll":{"b":"c"}})"), "/a.toll is neither a text nor null; ");
  EXPECT_EQ(faults(R"({"a.toll":["b"]})"), "/a.toll is neither a text nor null; ");
  EXPECT_EQ(faults(R"({"a/b":true})"), "/a~1b is neither a text nor null; ");
  EXPECT_EQ(faults(R"({"a.toll":"b","a.toll":"c"})"), "/a.toll stands twice; ");
  EXPECT_EQ(faults(R"(["a"])"), " is neither a text nor null; ");
  EXPECT_EQ(faults(R"("a")"), " is neither a text nor null; ");
  EXPECT_EQ(faults("{}"), " names no file; ");
  for (const char* text : {"", "{", R"({"a":"b"} x)", R"({"a":"b",})", "null"})
    EXPECT_NE(faults(text), "none") << text;
}

TEST(FileTexts, AreSoManyAtMost) {
  std::string text = "{";
  for (size_t i = 0; i <= kFileTextsMax; ++i)
    text += (i ? "," : "") + std::string("\"") + std::to_string(i) + "\":\"\"";
  EXPECT_EQ(faults(text + "}"), " names more than 1000 files; ");
}

}  // namespace
}  // namespace toll::wire
