// `toll ingest`: files into a data folder, each event once.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "cli/cards/opened_folder.h"
#include "cli/data/checkpoint.h"
#include "cli/data/opened_engine.h"
#include "engine/live_bill.h"
#include "tests/unit/cli/sample_folder.h"
#include "wire/answer_json.h"

namespace toll::cli {
namespace {

class IngestVerb : public SampleFolder {
 protected:
  static std::string event(std::string_view id, std::string_view region = "eu",
                           std::string_view subject = "acme") {
    return R"({"specversion":"1.0","source":"/s","type":"api.call","id":")" + std::string(id) +
           R"(","subject":")" + std::string(subject) +
           R"(","time":"2026-03-10T12:00:00Z","data":{"region":")" + std::string(region) + "\"}}\n";
  }
  std::string data() const { return (scratch_.path().parent_path() / "data").string(); }
  Outcome ingest(std::string_view events, const std::string& files = "-") const {
    return toll("ingest " + files + " --cards " + folder() + " --data " + data(), events);
  }
};

TEST_F(IngestVerb, StoresEachEventOnce) {
  const Outcome first = ingest(event("1") + event("2") + event("1"));
  EXPECT_EQ(first.err, "");
  EXPECT_EQ(first.out,
            "3 events: 2 accepted, 1 duplicate, 0 conflict, 0 rejected, 0 read by no meter\n");
  EXPECT_EQ(first.exit_code, 0);
  const Outcome again = ingest(event("1") + event("2") + event("3"));
  EXPECT_EQ(again.out,
            "3 events: 1 accepted, 2 duplicate, 0 conflict, 0 rejected, 0 read by no meter\n");
}

TEST_F(IngestVerb, SaysWhichLinesAreNotStored) {
  const Outcome outcome =
      ingest(event("1") + "\nnonsense\n" + event("2", "mars") + event("1", "us"));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("toll: standard input:3: is not "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("toll: standard input:4: `mars` is not a value of `region` (meter "
                             "`api_calls`, api@2026-01-01.toll:5)"),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("toll: standard input:5: another event was accepted"),
            std::string::npos)
      << outcome.err;
  EXPECT_EQ(outcome.out,
            "4 events: 1 accepted, 0 duplicate, 1 conflict, 2 rejected, 0 read by no meter\n");
}

TEST_F(IngestVerb, ReadsFilesOneAfterTheOther) {
  std::string many;
  for (int i = 0; i < 2500; ++i) many += event(std::to_string(i));
  const std::filesystem::path file = scratch_.path().parent_path() / "events.ndjson";
  std::ofstream(file) << many;
  const Outcome outcome = ingest("", file.string() + " " + file.string());
  EXPECT_EQ(outcome.out,
            "5000 events: 2500 accepted, 2500 duplicate, 0 conflict, 0 rejected, 0 read by no "
            "meter\n");
  const Outcome missing = ingest("", "missing.ndjson");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_EQ(missing.err, "toll: `missing.ndjson` cannot be read\n");
}

TEST_F(IngestVerb, LeavesABackupAsItIs) {
  ASSERT_EQ(ingest(event("1")).exit_code, 0);
  const std::string copy = (scratch_.path().parent_path() / "copy").string();
  const std::string restored = (scratch_.path().parent_path() / "restored").string();
  ASSERT_EQ(toll("backup " + copy + " --data " + data()).exit_code, 0);
  const std::string refused = "toll: `" + copy +
                              "` is a backup, and nothing is written into one: `toll restore " +
                              copy + " --data NEW` makes a data folder of it\n";
  const Outcome ingested = toll("ingest - --cards " + folder() + " --data " + copy, event("2"));
  EXPECT_EQ(ingested.err, refused);
  EXPECT_EQ(ingested.exit_code, 1);
  const Outcome served = toll("serve --cards " + folder() + " --listen 0 --data " + copy);
  EXPECT_EQ(served.err, refused);
  EXPECT_EQ(served.exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(copy + "/cards"));
  EXPECT_EQ(toll("audit --data " + copy).exit_code, 0);
  ASSERT_EQ(toll("restore " + copy + " --data " + restored).exit_code, 0);
  EXPECT_EQ(toll("ingest - --cards " + folder() + " --data " + restored, event("2")).exit_code, 0);
  // A copy of a backup without the file that says how far it had come may lack events.
  std::filesystem::remove(std::filesystem::path(copy) / "mark");
  const Outcome unknown = toll("restore " + copy + " --data " + restored + "2");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.err.find("` has no `mark`, which says how far the backup had come"),
            std::string::npos)
      << unknown.err;
}

/// The files of a folder and of those below it, with their bytes.
std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    std::ostringstream bytes;
    if (entry.is_regular_file()) bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files[entry.path().lexically_relative(folder)] = bytes.str();
  }
  return files;
}

TEST_F(IngestVerb, LeavesFoldersThatAreAuditedAsTheyAre) {
  ASSERT_EQ(ingest(event("1") + event("2") + event("1", "us")).exit_code, 2);
  const std::string copy = (scratch_.path().parent_path() / "copy").string();
  ASSERT_EQ(toll("backup " + copy + " --data " + data()).exit_code, 0);
  for (const std::string& folder_of : {copy, data()}) {
    const auto before = files_of(folder_of);
    EXPECT_GT(before.size(), 5u);
    const Outcome audited = toll("audit --data " + folder_of + " --cards " + folder());
    EXPECT_EQ(audited.exit_code, 0) << audited.err;
    EXPECT_TRUE(audited.out.starts_with("2 events: ")) << audited.out;
    EXPECT_EQ(files_of(folder_of), before);
  }
  std::filesystem::remove(std::filesystem::path(copy) / "rocksdb" / "LOCK");
  const auto without = files_of(copy);
  EXPECT_EQ(toll("audit --data " + copy).exit_code, 0);
  EXPECT_EQ(files_of(copy), without);
}

TEST_F(IngestVerb, LeavesAFolderToTheProcessThatHasIt) {
  const auto engine = open_engine(data());
  ASSERT_TRUE(engine);
  const Outcome outcome = ingest(event("1"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("is in use: another process has it open"), std::string::npos)
      << outcome.err;
  const Outcome audited = toll("audit --data " + data());
  EXPECT_EQ(audited.exit_code, 1);
  EXPECT_NE(audited.err.find("is in use: another process has it open; end it first"),
            std::string::npos)
      << audited.err;
}

TEST_F(IngestVerb, LeavesAFolderThatAuditFindsInOrder) {
  ASSERT_EQ(ingest(event("1") + event("2") + event("1", "us")).exit_code, 2);
  const Outcome audited = toll("audit --data " + data());
  EXPECT_EQ(audited.exit_code, 0) << audited.err;
  EXPECT_EQ(audited.out,
            "2 events: 0 read by no meter, 0 retracted, 1 kept as conflicts; sums of 0 days worked "
            "out again; 0 closed periods; 0 differences\n");
  const Outcome rebuilt = toll("rebuild --data " + data() + " --cards " + folder());
  EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.err;
  EXPECT_TRUE(rebuilt.out.ends_with(" counted anew by 0 sums: 0 changed\n")) << rebuilt.out;
  EXPECT_EQ(toll("rebuild --data " + data() + "/missing --cards " + folder()).exit_code, 1);
  const Outcome missing = toll("audit --data " + data() + "/missing");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_NE(missing.err.find("missing` is no folder"), std::string::npos);
}

// However often it is cut off, the file is in the folder once when it has run to its end.
TEST_F(IngestVerb, IsRunAgainAfterItWasKilled) {
  constexpr int kEvents = 20'000;
  const std::filesystem::path file = scratch_.path().parent_path() / "events.ndjson";
  {
    std::ofstream out(file);
    for (int i = 0; i < kEvents; ++i) out << event(std::to_string(i));
  }
  const std::string command =
      "ingest " + file.string() + " --cards " + folder() + " --data " + data();
  for (const char* seconds : {"0.1", "0.2", "0.3"})
    shell(fmt::format("timeout -s KILL {} '{}' {}", seconds, TOLL_PROGRAM, command));
  const Outcome whole = toll(command);
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_NE(whole.out.find(" events: "), std::string::npos) << whole.out;
  const Outcome audited = toll("audit --data " + data() + " --cards " + folder());
  EXPECT_EQ(audited.exit_code, 0) << audited.err;
  EXPECT_NE(audited.out.find("20000 events: 0 read by no meter"), std::string::npos) << audited.out;
}

// A run that was cut off leaves behind how far it had come; the next one goes on there, but only
// in the same file.
TEST_F(IngestVerb, GoesOnWhereItWasCutOff) {
  std::string events;
  for (int i = 0; i < 3000; ++i) events += event(std::to_string(i));
  const std::filesystem::path file = scratch_.path().parent_path() / "events.ndjson";
  std::ofstream(file) << events;
  const size_t bytes = events.find('\n', events.size() / 2) + 1;
  const auto lines = static_cast<uint64_t>(
      std::count(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(bytes), '\n'));
  PrefixDigest digest;
  digest.add(std::string_view(events).substr(0, bytes));
  const Checkpoint checkpoint(data(), "default", file);
  checkpoint.write({bytes, lines, digest.value()});
  const Outcome rest = ingest("", file.string());
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_EQ(rest.err, fmt::format("{}: goes on behind line {}, where a run was cut off\n",
                                  file.string(), lines));
  EXPECT_TRUE(rest.out.starts_with(fmt::format("{} events: ", 3000 - lines))) << rest.out;
  // A run that has ended leaves nothing behind.
  EXPECT_FALSE(checkpoint.read());
  EXPECT_TRUE(ingest("", file.string()).out.starts_with("3000 events: "));
  // What was changed before that line is read again.
  checkpoint.write({bytes, lines, digest.value()});
  events[events.find("acme")] = 'b';
  std::ofstream(file) << events;
  EXPECT_FALSE(checkpoint.read());
  EXPECT_TRUE(ingest("", file.string()).out.starts_with("3000 events: "));
}

TEST_F(IngestVerb, ReadsTablesWhoseNameIsInCapitals) {
  const std::filesystem::path file = scratch_.path().parent_path() / "CALLS.CSV";
  std::ofstream(file) << "id,time,customer,region\r\n1,2026-03-10T12:00:00Z,acme,eu\r\n";
  const Outcome outcome = ingest("", file.string() + " --source /s --type api.call");
  EXPECT_TRUE(outcome.out.starts_with("1 event: 1 accepted")) << outcome.out << outcome.err;
}

TEST_F(IngestVerb, ReadsTables) {
  const std::filesystem::path file = scratch_.path().parent_path() / "calls.csv";
  std::ofstream(file) << "id,time,customer,region\r\n1,2026-03-10T12:00:00Z,acme,eu\r\n"
                         "2,2026-03-10T12:00:00Z,acme,mars\n3,2026-03-10T12:00:00Z,acme\n"
                         "1,2026-03-10T12:00:00Z,acme,eu\n";
  const Outcome outcome = ingest("", file.string() + " --source /s --type api.call");
  EXPECT_EQ(outcome.out,
            "4 events: 1 accepted, 1 duplicate, 0 conflict, 2 rejected, 0 read by no meter\n");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_TRUE(outcome.err.contains("calls.csv:3: `mars` is not a value of `region`"))
      << outcome.err;
  EXPECT_TRUE(outcome.err.contains("calls.csv:4: has 3 columns, and the header 4")) << outcome.err;
  // It is the event that a line of JSON would be.
  EXPECT_TRUE(ingest(event("1")).out.contains("1 duplicate"));
  const Outcome without = ingest("", file.string() + " --source /s");
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_TRUE(without.err.contains("calls.csv:1: has no column `type`")) << without.err;
}

TEST_F(IngestVerb, StoresForATenant) {
  std::filesystem::copy(folder(), folder() + "/shop");
  EXPECT_EQ(ingest(event("1"), "- --tenant shop").exit_code, 0);
  EXPECT_EQ(ingest(event("1", "us")).exit_code, 0) << "no conflict with another tenant's";
  const Outcome outcome = ingest(event("1"), "- --tenant ../x");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(outcome.err.contains("--tenant `../x` does not begin with a small letter"))
      << outcome.err;
}

TEST_F(IngestVerb, ShowsHowFarItIsOnATerminal) {
  std::string many;
  for (int i = 0; i < 60'000; ++i) many += event(std::to_string(i));
  const std::filesystem::path file = scratch_.path().parent_path() / "events.ndjson";
  std::ofstream(file) << many;
  const Outcome outcome =
      shell(fmt::format("script -qec \"'{}' ingest {} --cards {} --data {}\" /dev/null",
                        TOLL_PROGRAM, file.string(), folder(), data()));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_TRUE(outcome.out.contains(" %  ")) << outcome.out;
  EXPECT_TRUE(outcome.out.contains("[#")) << outcome.out;
  EXPECT_TRUE(outcome.out.contains("60000 events: ")) << outcome.out;
}

// The bill of what was stored is the quote of what `toll meter` counts in the same file.
TEST_F(IngestVerb, BillsWhatMeterAndQuoteSay) {
  std::string events;
  for (int i = 0; i < 300; ++i)
    events +=
        event(std::to_string(i % 250), i % 250 % 3 ? "eu" : "us", i % 250 % 5 ? "acme" : "globex");
  ASSERT_EQ(ingest(events).exit_code, 0);
  const Outcome metered =
      toll("meter api --cards " + folder() + " --events - --period 2026-03 --customer acme --json",
           events);
  const Outcome quoted = toll("quote api --cards " + folder() + " --usage - --json", metered.out);
  ASSERT_EQ(quoted.exit_code, 0) << quoted.err;
  const auto engine = open_engine(data());
  ASSERT_TRUE(engine);
  ASSERT_TRUE((*engine)->put_subscription("default", "acme",
                                          {.id = "s",
                                           .card = "api",
                                           .plan = {},
                                           .currency = {},
                                           .start = *parse_date("2026-01-01"),
                                           .end = {}}));
  const auto cards = open_folder(folder());
  const auto bill = engine::live_bill(cards->cards, **engine,
                                      {.tenant = "default",
                                       .customer = "acme",
                                       .subscription = {},
                                       .day = parse_date("2026-03-05"),
                                       .as_of = *parse_instant("2027-01-01T00:00:00Z")});
  ASSERT_TRUE(bill) << bill.error().message;
  std::string text;
  wire::write_answer(*bill, text);
  EXPECT_EQ(text + "\n", quoted.out);
}

TEST_F(IngestVerb, WarnsOnceOfAValueThatCountsAsOtherAndMayBeMisspelled) {
  std::string card = text_of("api@2026-01-01.toll");
  card.replace(card.find("eu, us"), 6, "eu, us, other");
  card.insert(card.find("  bill minimum"), "    other free\n");
  save("api@2026-01-01.toll", card);
  const Outcome outcome = ingest(event("1") + event("2", "EU") + event("3", "EU") +
                                 event("4", " us") + event("5", "mars") + event("2", "EU"));
  EXPECT_EQ(outcome.err,
            "toll: standard input:2: warning: `EU` is not a value of `region` and counts as "
            "`other`, but `eu` is (meter `api_calls`, api@2026-01-01.toll:5)\n"
            "toll: standard input:4: warning: ` us` is not a value of `region` and counts as "
            "`other`, but `us` is (meter `api_calls`, api@2026-01-01.toll:5)\n"
            "toll: warning: the same is so of 1 more event\n");
  EXPECT_EQ(outcome.exit_code, 0);
}

}  // namespace
}  // namespace toll::cli
