// Each rule on texts made up for it: one that keeps it, and each way to break it.
#include "tests/architecture/rules.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace toll::architecture {
namespace {

/// The complaints about one line that stands in a file of that path.
Violations on_line(Violations (*check)(const SourceFile&), std::string_view path,
                   std::string_view line) {
  return check({std::string(path), std::string(line) + "\n"});
}

// ---- lines ----

TEST(SplitLines, TellsCodeFromComments) {
  const auto lines = split_lines(
      "int a; // one\n"
      "int /* two */ b; /* three\n"
      "still three */ int c;\n"
      "no_end // four");
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].code, "int a; ");
  EXPECT_EQ(lines[0].comment, " one");
  EXPECT_EQ(lines[0].raw, "int a; // one");
  EXPECT_EQ(lines[1].code, "int  b; ");
  EXPECT_EQ(lines[1].comment, " two  three");
  EXPECT_EQ(lines[2].code, " int c;");
  EXPECT_EQ(lines[2].comment, "still three ");
  EXPECT_EQ(lines[3].code, "no_end ");
}

TEST(SplitLines, EmptiesLiterals) {
  struct Case {
    std::string_view text, code;
  };
  for (const auto& [text, code] : {
           Case{R"(f("a // b", 1);)", R"(f("", 1);)"},
           Case{R"(f("a \" b", 1);)", R"(f("", 1);)"},
           Case{R"(f('"', "x");)", R"(f('', "");)"},
           Case{R"(f('\'', '\\');)", R"(f('', '');)"},
           Case{R"(n = 1'000'000; // x)", R"(n = 1'000'000; )"},
           Case{R"(n = 0xff'ff; f("x");)", R"(n = 0xff'ff; f("");)"},
           Case{R"--(f(R"(a " // b)", 1);)--", R"(f(R"", 1);)"},
           Case{R"--(f(u8R"x(a )" b)x", 1);)--", R"(f(u8R"", 1);)"},
           Case{R"--(FOR"(a" // b)--", R"(FOR"" )"},
       }) {
    EXPECT_EQ(split_lines(text).front().code, code);
  }
}

TEST(SplitLines, FollowsRawStringsOverLines) {
  const auto lines = split_lines("f(R\"(one\n#include <x>\ndouble)\"); // two\n");
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].code, "f(R\"");
  EXPECT_EQ(lines[1].code, "");
  EXPECT_EQ(lines[2].code, "\"); ");
  EXPECT_EQ(lines[2].comment, " two");
}

TEST(SplitLines, EndsWhereTheTextEnds) {
  for (const std::string_view text : {"", "\"abc", "'", "/* abc", "R\"(abc", "R\"abc", "\"abc\\"}) {
    EXPECT_EQ(split_lines(text).size(), 1U) << text;
  }
}

// ---- rooms ----

TEST(RoomIncludes, AreDoorsOfRoomsBelow) {
  struct Case {
    std::string_view path, line;
  };
  for (const auto& [path, line] : {
           Case{"dsl/check.cc", "#include \"base/ratio.h\""},
           Case{"cli/main.cc", "#include \"base/ratio.h\""},
           Case{"cli/main.cc", "#include \"http/listener.h\""},
           Case{"server/routes.cc", "#include \"wire/answer.h\""},
           Case{"server/routes.cc", "  #  include \"http/listener.h\"  // why"},
           Case{"dsl/check.h", "#include \"dsl/source.h\""},
           Case{"dsl/check.cc", "#include \"dsl/grammar/row.h\""},
           Case{"dsl/grammar/row.cc", "#include \"dsl/grammar/deep/er.h\""},
           Case{"dsl/diagnostic.cc", "#include \"dsl/diagnostic_kinds.def\""},
           Case{"base/date.cc", "// #include \"cli/main.h\""},
           Case{"base/date.cc", "const char* text = R\"(#include \"cli/main.h\")\";"},
       }) {
    EXPECT_EQ(on_line(check_includes, path, line), Violations{}) << path << ": " << line;
  }
}

TEST(RoomIncludes, AreRefusedAgainstTheTable) {
  struct Case {
    std::string_view path, line, fault;
  };
  for (const auto& [path, line, fault] : {
           Case{"base/date.cc", "#include \"dsl/check.h\"",
                "room `base` does not stand on room `dsl`"},
           Case{"runtime/set.cc", "#include \"wire/answer.h\"",
                "room `runtime` does not stand on room `wire`"},
           Case{"http/listener.cc", "#include \"dsl/check.h\"",
                "room `http` does not stand on room `dsl`"},
           Case{"wire/answer.cc", "#include \"http/listener.h\"",
                "room `wire` does not stand on room `http`"},
           Case{"compiler/rating.cc", "#include \"dsl/grammar/row.h\"",
                "`dsl/grammar/row.h` is a helper of room `dsl`, not one of its doors"},
           Case{"compiler/rating.cc", "#include \"dsl/check.cc\"",
                "`dsl/check.cc` is a helper of room `dsl`, not one of its doors"},
           Case{"dsl/check.cc", "#include \"check.h\"",
                "`check.h` begins with no room: includes are written from the root, and those of "
                "libraries in angles"},
           Case{"dsl/check.cc", "#include \"tests/unit/base/generators.h\"",
                "`tests/unit/base/generators.h` begins with no room: includes are written from the "
                "root, and those of libraries in angles"},
           Case{"dsl/check.cc", "#include ROW_HEADER",
                "this include cannot be checked: write out its path"},
       }) {
    const Violations expected = {{std::string(path), 1, std::string(fault)}};
    EXPECT_EQ(on_line(check_includes, path, line), expected) << line;
  }
}

TEST(RoomIncludes, AreReportedWithTheirLine) {
  const Violations violations = check_includes(
      {"base/date.cc", "/* one\n   two */\n#include \"base/date.h\"\n#include \"cli/verbs.h\"\n"});
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].line, 4U);
}

// ---- libraries ----

TEST(LibraryIncludes, StandInTheRoomOfTheirLibrary) {
  struct Case {
    std::string_view path, line;
  };
  for (const auto& [path, line] : {
           Case{"base/date.h", "#include <vector>"},
           Case{"base/date.cc", "#include <date/tz.h>"},
           Case{"dsl/grammar/row.h", "#include <boost/spirit/home/x3.hpp>"},
           Case{"compiler/native/jit.h", "#include <llvm/IR/IRBuilder.h>"},
           Case{"compiler/native/jit.cc", "#include <llvm-c/Core.h>"},
           Case{"wire/read.cc", "#include <nlohmann/json.hpp>"},
           Case{"engine/storage/rocksdb_store.cc", "#include <rocksdb/db.h>"},
           Case{"http/listener.cc", "#include <httplib.h>"},
           Case{"server/log.cc", "#include <spdlog/spdlog.h>"},
           Case{"cli/main.cc", "#include <spdlog/spdlog.h>"},
           Case{"cli/main.cc", "#include <CLI/CLI.hpp>"},
           Case{"runtime/set.cc", "#include <fmt/format.h>"},
           Case{"http/listener.cc", "#include <sys/socket.h>"},
           Case{"http/internal/socket.h", "#include <unistd.h>"},
       }) {
    EXPECT_EQ(on_line(check_includes, path, line), Violations{}) << path << ": " << line;
  }
}

TEST(LibraryIncludes, AreRefusedElsewhere) {
  struct Case {
    std::string_view path, line, fault;
  };
  for (const auto& [path, line, fault] : {
           Case{"dsl/check.cc", "#include <date/date.h>", "room `dsl` may not use `date/date.h`"},
           Case{"base/ratio.cc", "#include <boost/rational.hpp>",
                "room `base` may not use `boost/rational.hpp`"},
           Case{"runtime/set.cc", "#include <llvm/IR/Module.h>",
                "room `runtime` may not use `llvm/IR/Module.h`"},
           Case{"server/routes.cc", "#include <nlohmann/json.hpp>",
                "room `server` may not use `nlohmann/json.hpp`"},
           Case{"server/routes.cc", "#include <httplib.h>",
                "room `server` may not use `httplib.h`"},
           Case{"server/routes.cc", "#include <CLI/CLI.hpp>",
                "room `server` may not use `CLI/CLI.hpp`"},
           Case{"compiler/rating.cc", "#include <spdlog/spdlog.h>",
                "room `compiler` may not use `spdlog/spdlog.h`"},
           Case{"metering/event.cc", "#include <rocksdb/db.h>",
                "room `metering` may not use `rocksdb/db.h`"},
           Case{"wire/read.cc", "#include <rapidjson/reader.h>",
                "`rapidjson/reader.h` belongs to no library of the table"},
           Case{"base/date.cc", "#include <absl/strings/str_cat.h>",
                "`absl/strings/str_cat.h` belongs to no library of the table"},
           Case{"dsl/grammar/row.h", "#include <fmt/format.h>",
                "`fmt/format.h` may be included in .cc files only"},
           Case{"dsl/parse.h", "#include <boost/spirit/home/x3.hpp>",
                "a door includes `boost/spirit/home/x3.hpp`: doors are free of libraries"},
           Case{"base/date.h", "#include <fmt/format.h>",
                "a door includes `fmt/format.h`: doors are free of libraries"},
           Case{"http/listener.h", "#include <sys/socket.h>",
                "a door includes `sys/socket.h`: doors are free of libraries"},
       }) {
    const Violations expected = {{std::string(path), 1, std::string(fault)}};
    EXPECT_EQ(on_line(check_includes, path, line), expected) << path << ": " << line;
  }
}

TEST(Doors, AreHeadersDirectlyInARoom) {
  EXPECT_TRUE(is_door("base/date.h"));
  EXPECT_TRUE(is_door("dsl/diagnostic_kinds.def"));
  EXPECT_FALSE(is_door("base/date.cc"));
  EXPECT_FALSE(is_door("dsl/grammar/row.h"));
  EXPECT_FALSE(is_door("tests/helper.h"));
  EXPECT_FALSE(is_door("date.h"));
}

// ---- length ----

TEST(Length, IsAtMostSixHundredLines) {
  std::string text;
  EXPECT_EQ(check_length({"dsl/parse.cc", text}), Violations{});
  for (int i = 0; i < 600; ++i) text += "\n";
  EXPECT_EQ(check_length({"dsl/parse.cc", text}), Violations{});
  const Violations expected = {{"dsl/parse.cc", 601, "the file has more than 600 lines"}};
  EXPECT_EQ(check_length({"dsl/parse.cc", text + "int last;"}), expected);
  EXPECT_EQ(check_length({"dsl/parse.cc", text + "\n"}), expected);
}

// ---- floating point ----

TEST(FloatingPoint, NeedsAReasonInExactRooms) {
  struct Case {
    std::string_view path, line, type;
  };
  for (const auto& [path, line, type] : {
           Case{"base/ratio.cc", "double share = 0;", "double"},
           Case{"dsl/check.cc", "return static_cast<float>(x);", "float"},
           Case{"compiler/rating.cc", "std::vector<long double> sums;", "double"},
           Case{"runtime/set.cc", "void f(double);  // why", "double"},
           Case{"runtime/set.cc", "void f(double);  //", "double"},
           Case{"runtime/set.cc", "f(\"a good reason\", double(x));", "double"},
       }) {
    const Violations expected = {{std::string(path), 1,
                                  "`" + std::string(type) +
                                      "` in a room of exact numbers, without a comment on this "
                                      "line that says why"}};
    EXPECT_EQ(on_line(check_floating_point, path, line), expected) << line;
  }
}

TEST(FloatingPoint, PassesWithAReasonAndOutsideOfTypes) {
  struct Case {
    std::string_view path, line;
  };
  for (const auto& [path, line] : {
           Case{"runtime/set.cc", "double seconds = 0;  // wall time, shown to people only"},
           Case{"runtime/set.cc", "double /* a wall time */ seconds = 0;"},
           Case{"base/ratio.cc", "// no double is involved"},
           Case{"base/ratio.cc", "fail(\"a double quote\");"},
           Case{"compiler/native/jit.cc", "builder.getDoubleTy();"},
           Case{"base/ratio.cc", "int double_width = floating;"},
           Case{"server/metrics.cc", "double seconds = 0;"},
       }) {
    EXPECT_EQ(on_line(check_floating_point, path, line), Violations{}) << line;
  }
}

// ---- targets ----

constexpr std::string_view kTargets = R"(
toll_room(base     PRIVATE fmt::fmt)
toll_room(dsl      ROOMS base     PRIVATE fmt::fmt Boost::headers)
toll_room(compiler ROOMS dsl      PRIVATE toll_llvm)
toll_room(runtime  ROOMS compiler)
toll_room(wire     ROOMS runtime)
toll_room(embed    ROOMS wire)
toll_room(metering ROOMS wire)
toll_room(engine   ROOMS metering)
toll_room(http     ROOMS base)
toll_room(server   ROOMS engine http PRIVATE spdlog::spdlog)
toll_room(cli      ROOMS server   PRIVATE CLI11::CLI11)
)";

Violations check_targets(std::string_view old_text, std::string_view new_text) {
  std::string text(kTargets);
  if (!old_text.empty()) text.replace(text.find(old_text), old_text.size(), new_text);
  return check_room_targets({"CMakeLists.txt", text});
}

TEST(RoomTargets, AgreeWithTheTable) {
  EXPECT_EQ(check_targets("", ""), Violations{});
  const std::string_view path = "CMakeLists.txt";
  EXPECT_EQ(
      check_targets("ROOMS engine http", "ROOMS engine"),
      (Violations{{std::string(path), 1,
                   "room `server` stands on engine http by the table, on engine by its target"}}));
  EXPECT_EQ(check_targets("PRIVATE fmt::fmt)", "ROOMS dsl PRIVATE fmt::fmt)"),
            (Violations{{std::string(path), 1,
                         "room `base` stands on nothing by the table, on dsl by its target"}}));
  EXPECT_EQ(check_targets("toll_room(http     ROOMS base)", ""),
            (Violations{{std::string(path), 1, "room `http` has no target"}}));
  EXPECT_EQ(check_targets("toll_room(http     ROOMS base)",
                          "toll_room(http ROOMS base)\ntoll_room(billing ROOMS wire)"),
            (Violations{{std::string(path), 1, "room `billing` is not in the table"}}));
}

// ---- a tree ----

class FabricatedTree : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* const name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    root_ = ::testing::TempDir() + name + "." + std::to_string(getpid());
    std::filesystem::remove_all(root_);
    write("CMakeLists.txt", kTargets);
    write("base/ratio.h", "#include <vector>\n");
    write("dsl/grammar/row.cc", "#include \"base/ratio.h\"\n#include <boost/spirit/home/x3.hpp>\n");
    write("tests/unit/dsl/row_test.cc", "#include <boost/rational.hpp>\n");
    write("docs/sketch.cc", "#include \"cli/main.h\"\n");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(std::string_view path, std::string_view text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  std::filesystem::path root_;
};

TEST_F(FabricatedTree, PassesWhileItKeepsTheRules) { EXPECT_EQ(check_tree(root_), Violations{}); }

TEST_F(FabricatedTree, IsSearchedInEveryRoomAndInTheTests) {
  write("base/internal/deep/est.h", "#include \"dsl/check.h\"\n");
  write("dsl/row.cc", "float x;\n");
  write("server/web/page.js", std::string(700, '\n'));
  write("tests/unit/dsl/long_test.cc", std::string(601, '\n'));
  write("cli/CMakeLists.txt", std::string(602, '\n'));
  const Violations violations = check_tree(root_);
  ASSERT_EQ(violations.size(), 5U);
  EXPECT_EQ(violations[0].path, "base/internal/deep/est.h");
  EXPECT_EQ(violations[1].path, "dsl/row.cc");
  EXPECT_EQ(violations[2].path, "server/web/page.js");
  EXPECT_EQ(violations[3].path, "cli/CMakeLists.txt");
  EXPECT_EQ(violations[4].path, "tests/unit/dsl/long_test.cc");
}

TEST_F(FabricatedTree, NeedsItsRoomsAsTargets) {
  write("CMakeLists.txt", "");
  EXPECT_EQ(check_tree(root_).size(), room_names().size());
}

}  // namespace
}  // namespace toll::architecture
