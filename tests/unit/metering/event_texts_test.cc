// Where events begin and end in a body or a file.
#include "metering/event_texts.h"

#include <gtest/gtest.h>

namespace toll::metering {
namespace {

using Texts = std::vector<std::pair<size_t, std::string>>;

Texts list(const std::vector<EventText>& texts) {
  Texts result;
  for (const EventText& text : texts) result.emplace_back(text.place, text.text);
  return result;
}

Texts elements(std::string_view text) {
  const auto texts = texts_of_array(text);
  if (!texts) return {{0, "fault: " + texts.error().message}};
  return list(*texts);
}

TEST(EventTexts, AreTheLinesThatAreNotBlank) {
  EXPECT_EQ(list(texts_of_lines("{1}\n\n  \r\n{2}\r\n{3}")),
            (Texts{{1, "{1}"}, {4, "{2}"}, {5, "{3}"}}));
  EXPECT_EQ(list(texts_of_lines("")), Texts{});
}

TEST(EventTexts, AreTheElementsOfAnArray) {
  EXPECT_EQ(elements(" [ {\"a\": [1, 2]} ,\n3, \"],[\\\"\" ] "),
            (Texts{{0, "{\"a\": [1, 2]}"}, {1, "3"}, {2, "\"],[\\\"\""}}));
  EXPECT_EQ(elements("[]"), Texts{});
  EXPECT_EQ(elements("[{}]"), (Texts{{0, "{}"}}));
}

TEST(EventTexts, OfAnArrayThatIsNoneAreNotGuessed) {
  EXPECT_EQ(elements("{}"), (Texts{{0, "fault: is not a JSON array"}}));
  EXPECT_EQ(elements(""), (Texts{{0, "fault: is not a JSON array"}}));
  for (const std::string_view text : {"[", "[{}", "[{}, {\"a\":\"]\"", "[{]", "[}", "[\"\\"})
    EXPECT_EQ(elements(text), (Texts{{0, "fault: is a JSON array that does not end"}})) << text;
  for (const std::string_view text : {"[,]", "[{},]", "[,{}]", "[{},,{}]"})
    EXPECT_EQ(elements(text), (Texts{{0, "fault: is a JSON array in which an element is missing"}}))
        << text;
  EXPECT_EQ(elements("[{}] {}"), (Texts{{0, "fault: has more text behind the array"}}));
}

// What lies inside an element is the event reader's business.
TEST(EventTexts, NeedNotBeEvents) { EXPECT_EQ(elements("[x y]"), (Texts{{0, "x y"}})); }

}  // namespace
}  // namespace toll::metering
