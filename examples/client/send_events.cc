// Sends usage events to a service so that none is lost and none counts twice:
//
//   c++ -std=c++20 -O2 send_events.cc -lcurl -o send_events
//   ./send_events http://127.0.0.1:8080 < events.ndjson          TOLL_KEY=toll_... with keys
//
// Each line is one event, which got its id where it happened. Lines go out in batches. A batch that
// was not answered, or was answered with "later", is sent again as it was: the service knows the
// events of it that had arrived, and calls them duplicates. What the service will never take is
// said on standard error, and the program then ends with 2.
#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>

namespace {

constexpr size_t kBatchLines = 1'000;
constexpr size_t kBatchBytes = 4 << 20;
constexpr std::chrono::milliseconds kFirstPause{100}, kLongestPause{30'000};
constexpr long kAnswerSeconds = 30;

/// How long until the next try: twice as long each time, and by chance, so that many clients do not
/// come back all at once.
class Backoff {
 public:
  std::chrono::milliseconds next() {
    std::uniform_int_distribution<int64_t> pause(most_.count() / 2, most_.count());
    most_ = std::min(most_ * 2, kLongestPause);
    return std::chrono::milliseconds(pause(random_));
  }
  void reset() { most_ = kFirstPause; }

 private:
  std::chrono::milliseconds most_ = kFirstPause;
  std::mt19937_64 random_{std::random_device{}()};
};

struct Answer {
  long status = 0;  ///< 0: none came
  std::string body;
  long retry_after = 0;  ///< seconds; 0: the service does not say
};

class Service {
 public:
  explicit Service(std::string url) : url_(std::move(url) + "/v1/events"), curl_(curl_easy_init()) {
    add_header("Content-Type: application/x-ndjson");
    add_header("Expect:");  // a batch is sent at once
    if (const char* key = std::getenv("TOLL_KEY"))
      add_header("Authorization: Bearer " + std::string(key));
  }
  Service(const Service&) = delete;
  ~Service() {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(curl_);
  }

  /// One try, over a connection that is kept.
  Answer post(const std::string& lines) {
    Answer answer;
    curl_easy_setopt(curl_, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT, kAnswerSeconds);
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, lines.data());
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(lines.size()));
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Service::take);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer.body);
    if (curl_easy_perform(curl_) != CURLE_OK) return {};
    curl_off_t retry_after = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_getinfo(curl_, CURLINFO_RETRY_AFTER, &retry_after);
    answer.retry_after = static_cast<long>(retry_after);
    return answer;
  }

 private:
  static size_t take(char* bytes, size_t size, size_t count, void* to) {
    static_cast<std::string*>(to)->append(bytes, size * count);
    return size * count;
  }
  void add_header(const std::string& line) { headers_ = curl_slist_append(headers_, line.c_str()); }

  const std::string url_;
  CURL* const curl_;
  curl_slist* headers_ = nullptr;
};

/// Whether the same request may have another answer later.
bool is_passing(long status) {
  return status == 0 || status == 408 || status == 429 || status >= 500;
}

/// The verdicts that a person has to look at, one a line. A program that has a JSON reader uses it.
size_t tell_of_refusals(std::string_view answer) {
  size_t refused = 0;
  for (size_t at = answer.find("{\"line\":"); at != answer.npos;
       at = answer.find("{\"line\":", at + 1)) {
    const std::string_view verdict = answer.substr(at, answer.find("{\"line\":", at + 1) - at);
    if (verdict.find("\"verdict\":\"rejected\"") == verdict.npos &&
        verdict.find("\"verdict\":\"conflict\"") == verdict.npos)
      continue;
    std::cerr << verdict.substr(0, verdict.find_last_of('}') + 1) << "\n";
    ++refused;
  }
  return refused;
}

/// Sends a batch until the service has answered it for good. False: it never will.
bool deliver(Service& service, Backoff& backoff, const std::string& lines, size_t& refused) {
  for (;;) {
    const Answer answer = service.post(lines);
    if (answer.status == 200) {
      refused += tell_of_refusals(answer.body);
      backoff.reset();
      return true;
    }
    if (!is_passing(answer.status)) {
      std::cerr << answer.status << " " << answer.body << "\n";
      return false;
    }
    const std::chrono::milliseconds pause = std::max<std::chrono::milliseconds>(
        backoff.next(), std::chrono::seconds(answer.retry_after));
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " URL < events.ndjson\n";
    return 64;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Service service(argv[1]);
  Backoff backoff;
  std::string batch, line;
  size_t lines = 0, sent = 0, refused = 0;
  const auto flush = [&] {
    if (lines == 0) return true;
    const bool delivered = deliver(service, backoff, batch, refused);
    sent += lines;
    lines = 0;
    batch.clear();
    return delivered;
  };
  while (std::getline(std::cin, line)) {
    if (lines == kBatchLines || batch.size() + line.size() > kBatchBytes)
      if (!flush()) return 1;
    batch += line;
    batch += '\n';
    ++lines;
  }
  if (!flush()) return 1;
  std::cout << sent << " events are there, but for " << refused << "\n";
  return refused == 0 ? 0 : 2;
}
