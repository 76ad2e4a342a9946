#include "wire/answer_json.h"

#include <gtest/gtest.h>

#include "rapidcheck/gtest.h"
#include "tests/support/answer_reader.h"

namespace toll::wire {
namespace {

using runtime::Answer;
using runtime::AnswerLine;
using runtime::Step;

Date day(std::string_view text) { return *parse_date(text); }

std::string written(const Answer& answer) {
  std::string text;
  write_answer(answer, text);
  return text;
}

Answer hybrid_answer() {
  Answer answer;
  answer.card = "api_platform";
  answer.version = "2026-01-01";
  answer.hash = "sha256:9f3c";
  answer.currency = "USD";
  answer.period = {day("2026-03-01"), day("2026-04-01")};
  answer.lines = {
      {"base", "Platform fee", "1", "month", "500.00", "500", {}},
      {"api_calls", "API calls above the bundle", "250000", "call", "600.00", "600", {}}};
  answer.total = "1100.00";
  return answer;
}

// The order of fields is part of what a person reads, so it is held as text.
TEST(AnswerJson, WritesTheContractsFieldsInItsOrder) {
  EXPECT_EQ(
      written(hybrid_answer()),
      R"({"card":"api_platform","version":"2026-01-01","hash":"sha256:9f3c","currency":"USD",)"
      R"("period":{"from":"2026-03-01","until":"2026-04-01"},"lines":[)"
      R"({"path":"base","label":"Platform fee","quantity":"1","unit":"month","amount":"500.00",)"
      R"("exact":"500"},)"
      R"({"path":"api_calls","label":"API calls above the bundle","quantity":"250000",)"
      R"("unit":"call","amount":"600.00","exact":"600"}],"total":"1100.00"})");
}

TEST(AnswerJson, WritesThePartsOfACutPeriodAboveItsLines) {
  Answer answer = hybrid_answer();
  answer.lines.clear();
  answer.parts = {{{day("2026-03-01"), day("2026-03-16")}, "2026-01-01", "sha256:1"},
                  {{day("2026-03-16"), day("2026-04-01")}, "2026-03-16", "sha256:2", "pro"}};
  const std::string text = written(answer);
  EXPECT_NE(
      text.find(R"("parts":[{"from":"2026-03-01","until":"2026-03-16","version":"2026-01-01",)"
                R"("hash":"sha256:1"},{"from":"2026-03-16","until":"2026-04-01",)"
                R"("version":"2026-03-16","hash":"sha256:2","plan":"pro"}],"lines":[])"),
      std::string::npos)
      << text;
  const auto back = testing::read_answer(text);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(written(*back), text);
}

TEST(AnswerJson, WritesStepsDuesAndLimitsWhereThereAreSome) {
  Answer answer = hybrid_answer();
  answer.lines.resize(1);
  answer.lines[0].quantity.reset();
  answer.lines[0].unit.reset();
  answer.lines[0].steps = {{"used", "", "250000", std::nullopt},
                           {"at 0.0040 USD per call", "api.toll:19", std::nullopt, "600"}};
  answer.due_at_close = {{"bill/minimum", "Minimum", std::nullopt, std::nullopt, "1.00", "1", {}}};
  answer.over_limit = {"api_calls", "bill"};
  answer.warnings = {"no plan"};
  answer.next_state.used_to_date = {{"api_calls", parse_decimal("700000").value()}};
  answer.next_state.billed_to_date = {{"annual", parse_decimal("51000.00").value()}};
  answer.next_state.grants = {{"compute", "1/3", std::nullopt, parse_date("2027-01-01"), false}};
  answer.remaining = {{"compute", "1/3"}};
  EXPECT_EQ(
      written(answer),
      R"({"card":"api_platform","version":"2026-01-01","hash":"sha256:9f3c","currency":"USD",)"
      R"("period":{"from":"2026-03-01","until":"2026-04-01"},"lines":[)"
      R"({"path":"base","label":"Platform fee","amount":"500.00","exact":"500","steps":[)"
      R"({"text":"used","quantity":"250000"},)"
      R"({"text":"at 0.0040 USD per call","source":"api.toll:19","amount":"600"}]}],)"
      R"("total":"1100.00","due_at_close":[)"
      R"({"path":"bill/minimum","label":"Minimum","amount":"1.00","exact":"1"}],)"
      R"("remaining":{"compute":"1/3"},"over_limit":["api_calls","bill"],)"
      R"("warnings":["no plan"],)"
      R"("next_state":{"used_to_date":{"api_calls":"700000"},)"
      R"("billed_to_date":{"annual":"51000.00"},)"
      R"("grants":[{"pool":"compute","quantity":"1/3","expires":"2027-01-01"}]}})");
}

TEST(AnswerJson, ReadsWhatItWrote) {
  Answer answer = hybrid_answer();
  answer.lines[1].steps = {{"used", "", "250000", std::nullopt},
                           {"\"x\" → 1", "a.toll:1", std::nullopt, "6/7"}};
  answer.due_at_close = {{"bill/minimum", "Minimum", std::nullopt, std::nullopt, "1.00", "1", {}}};
  answer.over_limit = {"api_calls"};
  answer.warnings = {"no plan"};
  answer.next_state.used_to_date = {{"api_calls", parse_decimal("700000").value()}};
  answer.next_state.billed_to_date = {{"annual", parse_decimal("51000.00").value()}};
  answer.next_state.grants = {
      {"compute", "20", parse_date("2026-05-01"), parse_date("2027-01-01"), true}};
  answer.remaining = {{"compute", "20"}};
  const auto back = testing::read_answer(written(answer));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(written(*back), written(answer));
  EXPECT_EQ(back->lines[1].steps[1].text, "\"x\" → 1");
  EXPECT_EQ(back->lines[1].steps[0].source, "");
  EXPECT_FALSE(back->due_at_close[0].quantity);
  EXPECT_EQ(back->period, answer.period);
}

TEST(AnswerJson, SaysWhatKeepsATextFromBeingAnAnswer) {
  const std::string good = written(hybrid_answer());
  const auto fault = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    const auto answer = testing::read_answer(text);
    return answer ? std::string("read") : answer.error().message;
  };
  EXPECT_EQ(fault("\"total\"", "\"totl\""), "`total` of the answer is missing or of another kind");
  EXPECT_EQ(fault("\"1100.00\"", "1100.00"), "`total` of the answer is missing or of another kind");
  EXPECT_EQ(fault("2026-04-01", "2026-04-31"),
            "`until` of the answer is missing or of another kind");
  EXPECT_EQ(fault("\"lines\":[", "\"lines\":[7,"),
            "`path` of the answer is missing or of another kind");
  EXPECT_EQ(fault("{\"card\"", "[\"card\""), "the answer is no JSON object");
  EXPECT_EQ(fault("\"card\":", "\"later\":[1],\"card\":"), "read");
}

/// An answer in which every text is arbitrary.
rc::Gen<AnswerLine> any_line() {
  return rc::gen::build<AnswerLine>(
      rc::gen::set(&AnswerLine::path), rc::gen::set(&AnswerLine::label),
      rc::gen::set(&AnswerLine::amount), rc::gen::set(&AnswerLine::exact));
}

RC_GTEST_PROP(AnswerJson, KeepsEverythingForAnyText, ()) {
  Answer answer = hybrid_answer();
  answer.card = *rc::gen::string<std::string>();
  answer.lines = *rc::gen::container<std::vector<AnswerLine>>(any_line());
  answer.over_limit = *rc::gen::container<std::vector<std::string>>(rc::gen::string<std::string>());
  const auto back = testing::read_answer(written(answer));
  RC_ASSERT(back.has_value());
  RC_ASSERT(written(*back) == written(answer));
  RC_ASSERT(back->lines.size() == answer.lines.size());
}

}  // namespace
}  // namespace toll::wire
