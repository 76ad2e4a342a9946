// `toll fmt`.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/unit/cli/sample_folder.h"

namespace toll::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUntidy = "toll 1\nunit call,calls # one\n\tunit  seat, seats\n";
constexpr std::string_view kTidy = "toll 1\n\nunit call, calls  # one\nunit seat, seats\n";

class FmtCommand : public SampleFolder {
 protected:
  std::string read(const std::string& name) const {
    std::ifstream in(scratch_.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  size_t entries() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(scratch_.path()), fs::directory_iterator()));
  }
};

TEST_F(FmtCommand, LeavesCanonicalFilesAlone) {
  const Outcome outcome = toll("fmt " + folder());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "2 files: nothing to format\n");
  EXPECT_EQ(toll("fmt --check " + folder()).exit_code, 0);
}

TEST_F(FmtCommand, WritesOnlyWhatChangesAndOnlyWithoutCheck) {
  save("more.toll", kUntidy);
  const Outcome check = toll("fmt --check " + folder());
  EXPECT_EQ(check.exit_code, 11);
  EXPECT_EQ(named(check.out), "FOLDER/more.toll\n3 files: 1 would change, 2 as they should be\n");
  EXPECT_EQ(read("more.toll"), kUntidy);

  const Outcome write = toll("fmt " + folder());
  EXPECT_EQ(write.exit_code, 0);
  EXPECT_EQ(named(write.out), "FOLDER/more.toll\n3 files: 1 formatted, 2 as they should be\n");
  EXPECT_EQ(read("more.toll"), kTidy);
  EXPECT_EQ(entries(), 3u);
  EXPECT_EQ(toll("fmt --check " + folder()).exit_code, 0);
}

TEST_F(FmtCommand, FormatsTheOneFileThatIsNamed) {
  save("more.toll", kUntidy);
  save("others.toll", kUntidy);
  EXPECT_EQ(toll("fmt " + folder() + "/more.toll").out,
            folder() + "/more.toll\n1 file: 1 formatted\n");
  EXPECT_EQ(read("others.toll"), kUntidy);
}

TEST_F(FmtCommand, KeepsTheModeAndReplacesTheTargetOfALink) {
  save("more.toll", kUntidy);
  const fs::path file = scratch_.path() / "more.toll";
  const fs::path target = scratch_.path().parent_path() / "target.toll";
  fs::rename(file, target);
  fs::permissions(target, fs::perms(0640));
  fs::create_symlink(target, file);
  EXPECT_EQ(toll("fmt " + file.string()).exit_code, 0);
  EXPECT_TRUE(fs::is_symlink(file));
  EXPECT_EQ(read("more.toll"), kTidy);
  EXPECT_EQ(fs::status(target).permissions(), fs::perms(0640));
}

TEST_F(FmtCommand, LeavesAloneWhatItCannotRead) {
  const std::string broken = "toll 1\n  unit call calls\n";
  save("broken.toll", broken);
  save("more.toll", kUntidy);
  const Outcome outcome = toll("fmt " + folder());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(named(outcome.err).starts_with("FOLDER/broken.toll:2:13: error[E004]: "))
      << outcome.err;
  // Formatting would have mended the indentation, so it is not reported.
  EXPECT_EQ(outcome.err.find("E003"), std::string::npos) << outcome.err;
  EXPECT_EQ(named(outcome.out),
            "FOLDER/more.toll\n4 files: 1 formatted, 2 as they should be, 1 failed\n");
  EXPECT_EQ(read("broken.toll"), broken);
  EXPECT_EQ(toll("fmt " + folder() + "/none.toll").exit_code, 1);
}

TEST_F(FmtCommand, FormatsStandardInput) {
  const Outcome outcome = toll("fmt -", kUntidy);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, kTidy);
  EXPECT_EQ(toll("fmt --check -", kUntidy).exit_code, 11);
  EXPECT_EQ(toll("fmt --check -", kTidy).exit_code, 0);
  const Outcome broken = toll("fmt -", "toll 1\nunit\n");
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_EQ(broken.out, "");
  EXPECT_TRUE(broken.err.starts_with("standard input:2:5: error[E004]: ")) << broken.err;
  EXPECT_EQ(toll("fmt").exit_code, 64);
}

TEST_F(FmtCommand, IsTheWayOutOfWrongIndentation) {
  save("api@2026-01-01.toll", "toll 1\ncard api\n\tfrom 2026-01-01\n currency USD\n");
  const Outcome check = toll("check " + folder());
  EXPECT_NE(check.err.find("or run `toll fmt`"), std::string::npos) << check.err;
  EXPECT_NE(check.err.find("help: run `toll fmt`, or"), std::string::npos) << check.err;
  EXPECT_EQ(toll("fmt " + folder()).exit_code, 0);
  EXPECT_EQ(read("api@2026-01-01.toll"), "toll 1\n\ncard api\n  from 2026-01-01\n  currency USD\n");
}

}  // namespace
}  // namespace toll::cli
