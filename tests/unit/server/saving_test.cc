// The ways in which files come into a folder: half a text is no price, and what is exchanged
// together is seen together.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "tests/unit/server/running_service.h"

namespace toll::server {
namespace {

namespace fs = std::filesystem;

/// A file that is open for writing, as another program's would be.
class Writing {
 public:
  explicit Writing(const fs::path& path, int flags = O_TRUNC)
      : number_(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644)) {}
  ~Writing() { close(); }
  void write(std::string_view text) {
    ASSERT_EQ(::write(number_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

void write(const fs::path& path, std::string_view text) { Writing(path).write(text); }

/// Two lines; the first alone is a card too.
std::string two_lines(const std::string& first, const std::string& second) {
  return "toll 1\n\nunit call, calls\nmeter api_calls counts call\n\ncard api \"API\"\n"
         "  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n\n"
         "  charge api_calls \"API calls\"\n    at " +
         first + " USD per call\n\n  fee base \"Base\" at " + second +
         " USD per month, not prorated\n";
}

class Saving : public RunningService {
 protected:
  void SetUp() override {
    save("api@2026-01-01.toll", two_lines("0.0040", "10.00"));
    start();
    ASSERT_EQ(total(), "14.00");
  }
  fs::path file(const std::string& name = "api@2026-01-01.toll") const {
    return scratch_.path() / name;
  }

  /// Makes the service read the folder, and waits until it has.
  void have_it_read() {
    const std::string name = "other" + std::to_string(++count_);
    save(name + ".toll", "toll 1\n\ncard " + name + "\n");
    wait_until([&] { return get("/v1/cards").body.find(name + ".toll") != std::string::npos; });
  }
  int count_ = 0;
};

TEST_F(Saving, HalfATextIsNoPrice) {
  const std::string text = two_lines("0.0050", "20.00");
  const size_t half = text.find("\n  fee");
  Writing writing(file());
  have_it_read();  // an empty file
  EXPECT_EQ(total(), "14.00");
  writing.write(text.substr(0, half));
  have_it_read();  // a whole card, and not the one that is meant
  EXPECT_EQ(total(), "14.00");
  EXPECT_TRUE(get_json("/v1/cards/api?on=2026-03-15")["last_error"].is_null());
  writing.write(text.substr(half));
  EXPECT_EQ(total(), "14.00");
  writing.close();
  wait_until([&] { return total() == "25.00"; });
}

TEST_F(Saving, HalfATextOfANewVersionIsNotThereYet) {
  const std::string text = api_card("0.0030", "2026-03-01");
  Writing writing(file("api@2026-03-01.toll"));
  writing.write(text.substr(0, text.find("  charge")));
  have_it_read();
  EXPECT_EQ(total(), "14.00");
  writing.write(text.substr(text.find("  charge")));
  writing.close();
  wait_until([&] { return total() == "3.00"; });
}

TEST_F(Saving, AFileThatIsAppendedToIsReadWhenItIsClosed) {
  Writing writing(file(), O_APPEND);
  writing.write("\n  fee more \"More\" at 1.00 USD per month, not prorated\n");
  have_it_read();
  EXPECT_EQ(total(), "14.00");
  writing.close();
  wait_until([&] { return total() == "15.00"; });
}

TEST_F(Saving, AServiceThatStartsWaitsForAFileThatIsBeingWritten) {
  const std::string text = two_lines("0.0050", "20.00");
  const size_t half = text.find("\n  fee");
  Writing writing(file());
  writing.write(text.substr(0, half));
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    writing.write(text.substr(half));
    writing.close();
  });
  start();
  EXPECT_EQ(total(), "25.00");
}

/// Asks all the time while it lives.
class Asking {
 public:
  Asking(uint16_t port, std::vector<std::string> allowed)
      : thread_([this, port, allowed = std::move(allowed)](const std::stop_token& stop) {
          http::Client client("127.0.0.1", port);
          while (!stop.stop_requested()) {
            const auto response = client.request(
                "POST", "/v1/quotes", {{"Content-Type", "application/json"}},
                R"({"card":"api","on":"2026-03-15","usage":[{"meter":"api_calls","quantity":1000}]})");
            const std::string total = response && response->status == 200
                                          ? json::parse(response->body)["total"].get<std::string>()
                                          : "failed";
            if (std::ranges::find(allowed, total) == allowed.end()) wrong_ = total;
            ++count_;
            std::this_thread::sleep_for(std::chrono::microseconds(200));  // the others work too
          }
        }) {}

  /// What was answered and is not allowed; empty where nothing was.
  std::string stop() {
    thread_.request_stop();
    thread_.join();
    EXPECT_GT(count_, 0);
    return wrong_;
  }

 private:
  std::string wrong_;
  int count_ = 0;
  std::jthread thread_;
};

TEST_F(Saving, EditorsThatRenameLoseNoQuote) {
  Asking asking(port_, {"14.00", "25.00"});
  for (int i = 0; i < 8; ++i) {
    const bool even = i % 2 == 0;
    const std::string text = even ? two_lines("0.0050", "20.00") : two_lines("0.0040", "10.00");
    // As vim does: the old file becomes the backup, the new one is written in its place.
    write(file("4913"), "");
    fs::remove(file("4913"));
    fs::rename(file(), file("api@2026-01-01.toll~"));
    write(file(), text);
    fs::remove(file("api@2026-01-01.toll~"));
    wait_until([&] { return total() == (even ? "25.00" : "14.00"); });
    // As emacs and most others do: a lock, a new file, a rename.
    fs::create_symlink("me@host.1:2", file(".#api@2026-01-01.toll"));
    write(file("#api@2026-01-01.toll#"), text + "# saved\n");
    fs::rename(file("#api@2026-01-01.toll#"), file());
    fs::remove(file(".#api@2026-01-01.toll"));
    wait_until(
        [&] { return get_json("/v1/cards/api?on=2026-03-15")["text"] == text + "# saved\n"; });
  }
  EXPECT_EQ(asking.stop(), "");
}

TEST_F(Saving, FilesOfOneChangeMayComeOneAfterTheOther) {
  std::string text = api_card("0.0030", "2026-03-01");
  const size_t price = text.find("at 0.0030");
  text.replace(price, text.find('\n', price) - price, "rows from \"calls.csv\"");
  Asking asking(port_, {"14.00", "3.00"});
  save("api@2026-03-01.toll", text);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  save("calls.csv", "at\n0.0030 USD per call\n");
  wait_until([&] { return total() == "3.00"; });
  EXPECT_EQ(asking.stop(), "");
}

TEST_F(Saving, AFileThatIsAwayForAMomentIsNotGone) {
  Asking asking(port_, {"14.00", "25.00"});
  fs::rename(file(), file("api@2026-01-01.toll~"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  save("api@2026-01-01.toll", two_lines("0.0050", "20.00"));
  wait_until([&] { return total() == "25.00"; });
  EXPECT_EQ(asking.stop(), "");
}

/// A folder as Kubernetes mounts a ConfigMap: links through `..data` to a folder of one revision.
class ConfigMap : public RunningService {
 protected:
  /// Two files that fit only one another.
  void publish(const std::string& price, const std::string& unit) {
    const fs::path folder = scratch_.path() / ("..2026_" + std::to_string(++count_));
    fs::create_directory(folder);
    write(folder / "units.toll",
          "toll 1\nunit " + unit + "\nmeter api_calls counts " + unit + "\n");
    std::string card = api_card(price);
    const size_t begin = card.find("unit call");
    card.erase(begin, card.find("card api") - begin);
    card.replace(card.find("per call"), 8, "per " + unit);
    write(folder / "api@2026-01-01.toll", card);
    fs::create_directory_symlink(folder.filename(), scratch_.path() / "..data_tmp");
    fs::rename(scratch_.path() / "..data_tmp", scratch_.path() / "..data");
    if (!last_.empty()) fs::remove_all(last_);
    last_ = folder;
  }
  fs::path last_;
  int count_ = 0;
};

TEST_F(ConfigMap, IsExchangedAsAWhole) {
  publish("0.0040", "call");
  for (const char* name : {"units.toll", "api@2026-01-01.toll"})
    fs::create_symlink(fs::path("..data") / name, scratch_.path() / name);
  start();
  ASSERT_EQ(total(), "4.00");
  Asking asking(port_, {"4.00", "5.00"});
  for (int i = 0; i < 8; ++i) {
    const bool even = i % 2 == 0;
    publish(even ? "0.0050" : "0.0040", even ? "request" : "call");
    wait_until([&] { return total() == (even ? "5.00" : "4.00"); });
    EXPECT_TRUE(get_json("/v1/cards/api?on=2026-03-15")["last_error"].is_null());
  }
  EXPECT_EQ(asking.stop(), "");
}

// ---- Versions that begin by themselves

TimePoint moment(const char* day, std::chrono::seconds after_midnight_utc) {
  return *parse_date(day) + after_midnight_utc;
}

TEST_F(RunningService, AVersionBeginsAtMidnightOfItsTimeZone) {
  using namespace std::chrono_literals;
  const auto in_zone = [](std::string text, const std::string& zone) {
    text.insert(text.find("  period"), "  time zone " + zone + "\n");
    return text;
  };
  const auto total_now = [&] {
    return json::parse(
               quote(R"({"card":"api","usage":[{"meter":"api_calls","quantity":1000}]})").body)
        .value("total", "none");
  };
  for (const auto& [zone, day, midnight] :
       {std::tuple("America/New_York", "2027-02-01", 5h), std::tuple("UTC", "2027-02-01", 0h),
        std::tuple("Asia/Tokyo", "2027-01-31", 15h)}) {
    SCOPED_TRACE(zone);
    MovedClock clock(moment(day, midnight - 10s));
    save("api@2026-01-01.toll", in_zone(api_card("0.0040"), zone));
    save("api@2027-02-01.toll", in_zone(api_card("0.0070", "2027-02-01"), zone));
    start();
    EXPECT_EQ(total_now(), "4.00");
    EXPECT_EQ(get_json("/v1/cards/api")["version"], "2026-01-01");
    clock.move(moment(day, midnight + 1s));
    EXPECT_EQ(total_now(), "7.00");
    EXPECT_EQ(get_json("/v1/cards/api")["version"], "2027-02-01");
  }
}

TEST_F(RunningService, AVersionInErrorIsRefusedFromItsMidnightOn) {
  using namespace std::chrono_literals;
  MovedClock clock(moment("2027-02-01", -10s));
  save("api@2026-01-01.toll", api_card("0.0040"));
  save("api@2027-02-01.toll", api_card("0.0070 EUR or", "2027-02-01"));
  start();
  const std::string today = R"({"card":"api","usage":[{"meter":"api_calls","quantity":1000}]})";
  EXPECT_EQ(quote(today).status, 200);
  clock.move(moment("2027-02-01", 1s));
  EXPECT_EQ(quote(today).status, 404);
}

}  // namespace
}  // namespace toll::server
