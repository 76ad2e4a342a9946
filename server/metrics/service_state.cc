#include "server/metrics/service_state.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "dsl/diagnostic.h"

namespace toll::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

/// The families of one answer.
class Families {
 public:
  MetricFamily& begin(std::string name, std::string help, MetricType type = MetricType::Gauge) {
    all_.push_back({std::move(name), std::move(help), type, {}});
    return all_.back();
  }
  void gauge(std::string name, std::string help, double value) {
    add(begin(std::move(name), std::move(help)), value);
  }
  void counter(std::string name, std::string help, double value) {
    add(begin(std::move(name), std::move(help), MetricType::Counter), value);
  }
  static void add(MetricFamily& family, double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    family.metric.push_back(std::move(metric));
  }
  std::vector<MetricFamily> take() { return std::move(all_); }

 private:
  std::vector<MetricFamily> all_;
};

double seconds_since_epoch(std::chrono::system_clock::time_point moment) {
  return std::chrono::duration<double>(moment.time_since_epoch()).count();
}

void collect_cards(const FolderStatus& status, Families& families) {
  const auto count = [](auto number) { return static_cast<double>(number); };
  families.gauge("toll_cards_live", "Cards that answer", count(status.cards->cards().size()));
  families.gauge("toll_card_versions_live", "Versions of them", count(status.versions.size()));
  families.gauge("toll_card_versions_in_error",
                 "Versions that go on as they were, since their file is in error",
                 count(std::ranges::count_if(status.versions, &LiveVersion::kept)));
  families.gauge("toll_card_errors", "Errors in the folder of cards, as it was read last",
                 count(std::ranges::count(status.diagnostics, dsl::Severity::Error,
                                          &dsl::Diagnostic::severity)));
  families.gauge("toll_card_load_failures", "What else went wrong when it was read last",
                 count(status.failures.size()));
  families.gauge("toll_cards_loaded_timestamp_seconds", "When that was",
                 seconds_since_epoch(status.loaded_at));
}

void collect_keys(const Access& access, Families& families) {
  families.gauge("toll_keys_good", "Keys that are neither revoked nor expired",
                 static_cast<double>(access.good_keys()));
  const auto uses = access.uses();
  MetricFamily& requests = families.begin("toll_key_requests_total",
                                          "Requests that came with a key", MetricType::Counter);
  for (const Access::Use& use : uses)
    Families::add(requests, static_cast<double>(use.requests), {{"key", use.id}});
  MetricFamily& last = families.begin("toll_key_last_used_timestamp_seconds",
                                      "When a key came last; 0 for one that never did");
  for (const Access::Use& use : uses)
    Families::add(last, seconds_since_epoch(use.last), {{"key", use.id}});
}

void collect_store(const engine::StoreState& state, Families& families) {
  families.gauge("toll_store_takes_events", "1 while events can be written", state.failure ? 0 : 1);
  families.counter("toll_store_opened_again_total", "How often the store came back after a failure",
                   static_cast<double>(state.reopened));
}

/// The names that Prometheus' own libraries give these.
void collect_process(Families& families) {
  std::ifstream memory("/proc/self/statm");
  double pages = 0, resident = 0;
  if (memory >> pages >> resident)
    families.gauge("process_resident_memory_bytes", "Resident memory",
                   resident * static_cast<double>(sysconf(_SC_PAGESIZE)));
  std::error_code error;
  const auto files = std::filesystem::directory_iterator("/proc/self/fd", error);
  if (!error)
    families.gauge("process_open_fds", "Open file descriptors",
                   static_cast<double>(std::distance(begin(files), end(files))));
  timespec used{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0)
    families.counter("process_cpu_seconds_total", "Processor time",
                     static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9);
}

}  // namespace

ServiceState::ServiceState(const Parts& parts, std::function<bool()> ready)
    : parts_(parts), ready_(std::move(ready)) {}

std::vector<MetricFamily> ServiceState::Collect() const {
  Families families;
  families.gauge("toll_ready", "1 while the service wants requests", ready_() ? 1 : 0);
  families.gauge("toll_http_connections", "Open connections", parts_.server.connections());
  families.counter("toll_http_connections_refused_total", "Connections that there was no place for",
                   static_cast<double>(parts_.server.refused_connections()));
  collect_cards(*parts_.folder.status(), families);
  if (parts_.access) collect_keys(*parts_.access, families);
  if (parts_.decisions) {
    families.counter("toll_decisions_total", "Quotes that are in the decision log",
                     static_cast<double>(parts_.decisions->recorded()));
    families.counter("toll_decisions_left_out_total", "Quotes that the disk did not take in time",
                     static_cast<double>(parts_.decisions->left_out()));
  }
  if (parts_.engine) collect_store(parts_.engine->store().state(), families);
  collect_process(families);
  return families.take();
}

}  // namespace toll::server
