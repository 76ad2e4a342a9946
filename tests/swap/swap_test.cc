// Cards are saved over one another, into the folder and over HTTP, while many threads quote: over
// HTTP and in the process, by day and by hash. No answer may fail, and every answer must be wholly
// one revision's, as the interpreter worked it out beforehand for the text that the answer's hash
// names. Texts in error in between must never answer. Memory must stay flat.
//
//   swap_test [SWAPS [BAD]]     200 and 10 where nothing is said; 10,000 and 500 by ./dev long swap

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "http/client.h"
#include "http/server.h"
#include "runtime/loader.h"
#include "runtime/quote.h"
#include "server/card_folder.h"
#include "server/card_service.h"
#include "server/service.h"
#include "tests/support/sanitizers.h"
#include "tests/support/scratch_folder.h"
#include "wire/answer_json.h"
#include "wire/usage_json.h"

namespace toll {
namespace {

using runtime::CardSet;
using runtime::Revision;

constexpr int kHttpClients = 16;
constexpr int kReaders = 3;
constexpr int kRevisions = 7;  // of each card
constexpr std::array<std::string_view, 2> kCards = {"api", "storage"};

int swaps_wanted = 200;
int bad_wanted = 10;

std::string file_of(std::string_view card) { return fmt::format("{}@2026-01-01.toll", card); }

/// The texts differ in prices, bounds, and in how many tiers, lines and steps they have.
std::string api_text(int revision) {
  std::string tiers, discount;
  for (int i = 1; i <= revision % 3; ++i)
    tiers += fmt::format("    up to {},000 calls at 0.00{}0 USD per call\n", i * 10, 9 - i);
  if (revision % 2) discount = fmt::format("  bill discount {}%\n", revision + 1);
  return fmt::format(
      "toll 1\n\nunit call, calls\nmeter api_calls sums call\n\ncard api \"API\"\n"
      "  from 2026-01-01\n  currency USD\n  period month\n  round each line half-up\n\n"
      "  fee base \"Base\" at {}.00 USD per month, not prorated\n\n"
      "  charge api_calls \"Calls\"\n    included {},000 calls\n{}{}    {}at 0.00{}1 USD per "
      "call\n\n"
      "{}",
      10 + revision, revision + 1, tiers.empty() ? "" : "    tiers graduated\n", tiers,
      tiers.empty() ? "" : "beyond ", revision, discount);
}

std::string storage_text(int revision) {
  return fmt::format(
      "toll 1\n\ndimension class is hot, warm, cold\nmeter storage peaks GiB by class\n\n"
      "card storage \"Storage\"\n  from 2026-01-01\n  currency USD\n  period month\n"
      "  round each line half-up\n\n  charge storage \"Storage\" by class\n"
      "    hot  at 0.02{0} USD per GiB\n    warm at 0.01{0} USD per GiB\n"
      "    cold at 0.00{0} USD per GiB\n{1}",
      revision, revision % 2 ? fmt::format("    minimum {}.00 USD shared\n", revision) : "");
}

std::string text_of(std::string_view card, int revision) {
  return card == "api" ? api_text(revision) : storage_text(revision);
}

/// A text in error, in one way or another, that would change every price of the card.
std::string bad_text(std::string_view card, int number) {
  std::string text = text_of(card, number % kRevisions);
  const size_t price = text.find("at 0.0");
  text.replace(price, 6, "at 9.0");
  const std::string meter =
      card == "api" ? "use api_calls 1,000,000 calls" : "use storage cold: 10 GiB";
  switch (number % 5) {
    case 0:  // its example fails
      return text +
             fmt::format("\n  example \"Not so\" in 2026-03\n    {}\n    expect total 1.23 USD\n",
                         meter);
    case 1:  // a guarantee does not hold
      return text + "\n  guarantee bill at least 1,000,000 USD\n";
    case 2:  // a currency that it does not bill in
      return text.replace(text.find("USD per", price), 3, "EUR");
    case 3:  // cut off
      return text.substr(0, price + 5);
    default:
      return "toll 1\n\ncard " + std::string(card) + "\n";
  }
}

std::vector<std::string> documents_for(std::string_view card) {
  std::vector<std::string> documents;
  for (const std::string_view quantity : {"0", "1000", "7500.5", "19999", "123456789"}) {
    documents.push_back(
        card == "api"
            ? fmt::format(
                  R"({{"card":"api","on":"2026-03-15","usage":[{{"meter":"api_calls","quantity":"{}"}}]}})",
                  quantity)
            : fmt::format(
                  R"({{"card":"storage","on":"2026-03-15","usage":[{{"meter":"storage","at":{{"class":"cold"}},"quantity":"{0}"}},{{"meter":"storage","at":{{"class":"hot"}},"quantity":{0}}}]}})",
                  quantity));
  }
  return documents;
}

/// One usage document and the only answers to it that are right, by the hash of the revision.
struct Question {
  std::string card;
  std::string json;
  runtime::UsageDocument document;
  std::map<std::string, std::string> answers;
};

std::string answer_text(const runtime::Answer& answer) {
  std::string text;
  wire::write_answer(answer, text);
  return text;
}

/// The same document, pinned to a revision.
std::string pinned(const std::string& json, const std::string& hash) {
  return fmt::format(R"({{"hash":"{}",{})", hash, json.substr(1));
}

/// The set that the interpreter rates with.
CardSet interpreter_set(std::string_view card, int revision) {
  const std::vector<dsl::SourceFile> files = {{file_of(card), text_of(card, revision)}};
  runtime::CheckedFolder checked = runtime::check_folder(files);
  for (const dsl::Diagnostic& diagnostic : checked.diagnostics)
    EXPECT_EQ(diagnostic.severity, dsl::Severity::Warning) << dsl::render(diagnostic, files);
  std::vector<std::shared_ptr<const Revision>> revisions;
  for (runtime::CheckedCard& checked_card : checked.cards)
    revisions.push_back(std::make_shared<const Revision>(std::move(checked_card.card),
                                                         std::move(checked_card.program), nullptr));
  return CardSet(std::move(revisions));
}

std::vector<Question> all_questions() {
  std::vector<Question> questions;
  for (const std::string_view card : kCards)
    for (std::string& json : documents_for(card))
      questions.push_back({std::string(card), json, *wire::read_usage(json), {}});
  for (const std::string_view card : kCards) {
    for (int revision = 0; revision < kRevisions; ++revision) {
      const CardSet set = interpreter_set(card, revision);
      for (Question& question : questions) {
        if (question.card != card) continue;
        const auto answer = runtime::quote(set, question.document);
        EXPECT_TRUE(answer) << text_of(card, revision);
        if (answer) question.answers[answer->hash] = answer_text(*answer);
      }
    }
  }
  for (const Question& question : questions)
    EXPECT_EQ(question.answers.size(), size_t{kRevisions}) << "revisions must differ";
  return questions;
}

long resident_kib() {
  std::ifstream file("/proc/self/statm");
  long pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE) / 1024;
}

/// What the quoting threads found. Any thread.
class Findings {
 public:
  void right(const std::string& hash) {
    answers_.fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    seen_.insert(hash);
  }
  void wrong(std::string what) {
    const std::lock_guard lock(mutex_);
    if (wrong_.size() < 5) wrong_.push_back(std::move(what));
  }

  /// The hash of a revision of the question's card that has answered; empty where none has.
  std::string any_seen(const Question& question, size_t number) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> hashes;
    for (const auto& [hash, answer] : question.answers)
      if (seen_.contains(hash)) hashes.push_back(hash);
    return hashes.empty() ? std::string() : hashes[number % hashes.size()];
  }

  uint64_t answers() const { return answers_.load(std::memory_order_relaxed); }
  size_t revisions_seen() const {
    const std::lock_guard lock(mutex_);
    return seen_.size();
  }
  std::vector<std::string> wrongs() const {
    const std::lock_guard lock(mutex_);
    return wrong_;
  }

 private:
  std::atomic<uint64_t> answers_{0};
  mutable std::mutex mutex_;
  std::set<std::string> seen_;
  std::vector<std::string> wrong_;
};

void judge(const Question& question, const std::string& hash, const std::string& answer,
           Findings& findings) {
  const auto expected = question.answers.find(hash);
  if (expected == question.answers.end())
    findings.wrong("an answer of no known revision: " + answer);
  else if (expected->second != answer)
    findings.wrong("expected " + expected->second + "\ngot      " + answer);
  else
    findings.right(hash);
}

void quote_over_http(uint16_t port, const std::vector<Question>& questions,
                     const std::atomic<bool>& stop, size_t start, Findings& findings) {
  http::Client client("127.0.0.1", port);
  for (size_t i = start; !stop.load(std::memory_order_relaxed); ++i) {
    const Question& question = questions[i % questions.size()];
    // Now and then by the hash of a text that has long been replaced.
    const std::string hash_asked = i % 16 == 0 ? findings.any_seen(question, i) : "";
    const auto response =
        client.request("POST", "/v1/quotes", {{"Content-Type", "application/json"}},
                       hash_asked.empty() ? question.json : pinned(question.json, hash_asked));
    if (!response) {
      findings.wrong(response.error().message);
      continue;
    }
    if (response->status != 200) {
      findings.wrong(fmt::format("{} {}", response->status, response->body));
      continue;
    }
    std::string hash;
    for (const auto& [name, value] : response->headers)
      if (name == "Toll-Card-Hash") hash = value;
    if (!hash_asked.empty() && hash != hash_asked) findings.wrong("another revision than asked");
    judge(question, hash, response->body, findings);
  }
}

void quote_in_process(const runtime::LiveCards& cards, const std::vector<Question>& questions,
                      const std::atomic<bool>& stop, size_t start, Findings& findings) {
  for (size_t i = start; !stop.load(std::memory_order_relaxed); ++i) {
    const Question& question = questions[i % questions.size()];
    const auto answer = runtime::quote(*cards.get(), question.document);
    if (answer)
      judge(question, answer->hash, answer_text(*answer), findings);
    else
      findings.wrong(answer.error().faults.front().message);
    std::this_thread::yield();
  }
}

/// Saves revision after revision, and texts in error in between, and waits for each to be live or
/// refused.
class Writer {
 public:
  Writer(const testing::ScratchFolder& scratch, const server::CardFolder& folder, uint16_t port)
      : scratch_(scratch), folder_(folder), client_("127.0.0.1", port) {
    for (const std::string_view card : kCards)
      for (int revision = 0; revision < kRevisions; ++revision)
        hashes_[{std::string(card), revision}] =
            interpreter_set(card, revision).cards().begin()->second.front()->card().hash;
  }

  void swap(int number) {
    const std::string card(kCards[static_cast<size_t>(number) % kCards.size()]);
    const int revision = (number / static_cast<int>(kCards.size())) % kRevisions;
    if (number % 3 == 0)
      EXPECT_EQ(put(card, text_of(card, revision)), 200);
    else
      scratch_.save(file_of(card), text_of(card, revision));
    const std::string& hash = hashes_.at({card, revision});
    wait_until([&] { return folder_.cards().get()->find_hash(card, hash) != nullptr; },
               text_of(card, revision));
  }

  /// The card goes on with what it has, whichever way the text came.
  void save_bad(int number) {
    const std::string card(kCards[static_cast<size_t>(number) % kCards.size()]);
    const std::string text = bad_text(card, number);
    const std::string before = live_hash(card);
    if (number % 2) {
      EXPECT_EQ(put(card, text), 422) << text;
    } else {
      scratch_.save(file_of(card), text);
      wait_until([&] { return is_kept(card); }, text);
    }
    EXPECT_EQ(live_hash(card), before) << text;
  }

 private:
  int put(const std::string& card, const std::string& text) {
    const auto response =
        client_.request("PUT", fmt::format("/v1/cards/{}/2026-01-01", card),
                        {{"Content-Type", "text/plain"}, {"If-Match", "*"}}, text);
    return response ? response->status : 0;
  }

  std::string live_hash(const std::string& card) const {
    return folder_.cards().get()->versions(card)->front()->card().hash;
  }

  bool is_kept(const std::string& card) const {
    const auto status = folder_.status();
    return std::ranges::any_of(status->versions, [&](const server::LiveVersion& version) {
      return version.kept && version.revision->card().name == card;
    });
  }

  template <typename Condition>
  void wait_until(Condition holds, const std::string& text) const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "waited in vain after\n" << text;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  const testing::ScratchFolder& scratch_;
  const server::CardFolder& folder_;
  http::Client client_;
  std::map<std::pair<std::string, int>, std::string> hashes_;
};

TEST(Swap, EveryAnswerIsWhollyOneRevisions) {
  const std::vector<Question> questions = all_questions();
  testing::ScratchFolder scratch;
  for (const std::string_view card : kCards) scratch.save(file_of(card), text_of(card, 0));
  const auto folder =
      server::CardFolder::open(scratch.path(), scratch.path().parent_path() / "kept");
  ASSERT_TRUE(folder) << folder.error().message;
  http::Server server(http::ServerOptions{});
  server::QuoteService(**folder).add_to(server);
  server::CardService(**folder).add_to(server);
  const auto port = server.start();
  ASSERT_TRUE(port) << port.error().message;

  Findings findings;
  std::atomic<bool> stop{false};
  // The client's library reads answers with std::regex, whose first use fills a table of libstdc++
  // without a lock. One request before the threads begin, and the rest only read it.
  ASSERT_TRUE(http::Client("127.0.0.1", *port).request("GET", "/healthz"));
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kHttpClients; ++i)
    threads.emplace_back([&, i] { quote_over_http(*port, questions, stop, i, findings); });
  for (size_t i = 0; i < kReaders; ++i)
    threads.emplace_back(
        [&, i] { quote_in_process((*folder)->cards(), questions, stop, i, findings); });

  Writer writer(scratch, **folder, *port);
  const int warm_up = swaps_wanted / 5;
  const int bad_every = bad_wanted > 0 ? std::max(1, swaps_wanted / bad_wanted) : 0;
  int bad = 0;
  long resident_before = 0;
  for (int number = 1; number <= swaps_wanted && !HasFailure(); ++number) {
    if (bad_every && number % bad_every == 0 && bad < bad_wanted) writer.save_bad(bad++);
    writer.swap(number);
    if (number == warm_up) resident_before = resident_kib();
  }
  const long growth = resident_kib() - resident_before;
  stop = true;
  for (std::thread& thread : threads) thread.join();

  for (const std::string& wrong : findings.wrongs()) ADD_FAILURE() << wrong;
  fmt::print(
      "{} swaps, {} texts in error, {} answers of {} revisions; resident memory after swap {}: "
      "{:+} KiB\n",
      swaps_wanted, bad, findings.answers(), findings.revisions_seen(), warm_up, growth);
  EXPECT_EQ(bad, std::min(bad_wanted, swaps_wanted));
  EXPECT_GE(findings.answers(), static_cast<uint64_t>(swaps_wanted));
  // Some revisions may be replaced before anybody asked; most are not.
  if (swaps_wanted >= 2 * kRevisions * static_cast<int>(kCards.size())) {
    EXPECT_GT(findings.revisions_seen(), size_t{kRevisions});
  }
  if (!testing::kSanitized) {
    EXPECT_LT(growth, 8 * 1024) << "KiB";
  }
}

}  // namespace
}  // namespace toll

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1) toll::swaps_wanted = std::atoi(argv[1]);
  toll::bad_wanted = argc > 2 ? std::atoi(argv[2]) : toll::swaps_wanted / 20;
  return RUN_ALL_TESTS();
}
