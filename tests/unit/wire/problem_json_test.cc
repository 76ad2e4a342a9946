#include "wire/problem_json.h"

#include <gtest/gtest.h>

namespace toll::wire {
namespace {

TEST(ProblemJson, PointsAtFaultsOfADocument) {
  const std::vector<runtime::UsageFault> faults = {{"/usage/0/quantity", "`-1` is negative"},
                                                   {"", "`card` is missing"}};
  EXPECT_EQ(problem_json({400, "Bad Request", "the body is no usage document"}, faults),
            R"({"type":"about:blank","title":"Bad Request","status":400,)"
            R"("detail":"the body is no usage document","errors":[)"
            R"({"pointer":"/usage/0/quantity","detail":"`-1` is negative"},)"
            R"({"pointer":"","detail":"`card` is missing"}]})");
}

TEST(ProblemJson, PointsAtLinesOfCardFiles) {
  const std::vector<dsl::SourceFile> files = {{"decl.toll", "toll 1\n"},
                                              {"größe.toll", "toll 1\n\ncärd x\n"}};
  dsl::Diagnostic error;
  error.code = "E002";
  error.message = "`x` means \"nothing\"";
  error.primary.place = {1, {14, 15}};  // `ä` has two bytes
  error.notes = {
      {"why", "because"}, {"help", "write"}, {"note", "not shown"}, {"help", "or leave"}};
  dsl::Diagnostic warning;
  warning.code = "W207";
  warning.severity = dsl::Severity::Warning;
  warning.message = "moves";
  warning.primary.place = {0, {0, 4}};
  warning.related = {{{1, {8, 13}}, "here"}};
  EXPECT_EQ(problem_json({422, "Unprocessable Content", "no"}, std::vector{error, warning}, files),
            R"({"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"no",)"
            R"("errors":[{"file":"größe.toll","line":3,"column":6,)"
            R"("end_line":3,"end_column":7,"code":"E002",)"
            R"("severity":"error","message":"`x` means \"nothing\"","why":"because",)"
            R"("help":"write\nor leave"},)"
            R"({"file":"decl.toll","line":1,"column":1,"end_line":1,"end_column":5,)"
            R"("code":"W207","severity":"warning","message":"moves",)"
            R"("related":[{"file":"größe.toll","line":3,"column":1,"end_line":3,"end_column":5,)"
            R"("text":"here"}]}]})");
}

}  // namespace
}  // namespace toll::wire
