#include "server/tenants.h"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "server/event_log.h"
#include "server/keys.h"

namespace toll::server {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

/// A folder that could not be read is not read again for every request.
constexpr std::chrono::seconds kAgainAfter{1};

}  // namespace

/// One tenant. Its own lock: while the cards of one are compiled, nobody else waits.
struct TenantSide {
  std::mutex mutex;
  std::unique_ptr<CardFolder> folder;
  std::optional<Clock::time_point> failed;
};

struct Tenants::Impl {
  CardFolder* open(TenantSide& side, std::string_view tenant) const {
    const std::lock_guard lock(side.mutex);
    if (side.folder) return side.folder.get();
    if (side.failed && Clock::now() - *side.failed < kAgainAfter) return nullptr;
    const fs::path path = folder / tenant;
    std::error_code made;
    fs::create_directories(path, made);
    const fs::path kept = data.empty() ? fs::path() : kept_revisions_folder(data, tenant);
    auto opened = CardFolder::open(path, kept);
    if (opened) {
      side.folder = std::move(*opened);
      return side.folder.get();
    }
    side.failed = Clock::now();
    log_event(LogLevel::Error, "tenant_unread",
              {{"tenant", std::string(tenant)}, {"why", opened.error().message}});
    return nullptr;
  }

  fs::path folder, data;
  std::unique_ptr<CardFolder> main;
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<TenantSide>, std::less<>> sides;  // by tenant
};

fs::path kept_revisions_folder(const fs::path& data, std::string_view tenant) {
  return tenant == kDefaultTenant ? data / "cards" : data / "tenants" / tenant / "cards";
}

Tenants::Tenants(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tenants::~Tenants() = default;

Result<std::unique_ptr<Tenants>> Tenants::open(fs::path folder, fs::path data) {
  auto impl = std::make_unique<Impl>();
  auto main = CardFolder::open(
      folder, data.empty() ? fs::path() : kept_revisions_folder(data, kDefaultTenant));
  if (!main) return std::unexpected(std::move(main.error()));
  impl->main = std::move(*main);
  impl->folder = std::move(folder);
  impl->data = std::move(data);
  return std::unique_ptr<Tenants>(new Tenants(std::move(impl)));
}

CardFolder& Tenants::main() { return *impl_->main; }

CardFolder* Tenants::find(std::string_view tenant) {
  if (tenant == kDefaultTenant) return impl_->main.get();
  std::shared_ptr<TenantSide> side;
  {
    const std::lock_guard lock(impl_->mutex);
    auto& entry = impl_->sides[std::string(tenant)];
    if (!entry) entry = std::make_shared<TenantSide>();
    side = entry;
  }
  return impl_->open(*side, tenant);
}

std::string_view tenant_of(const http::Request& request) {
  return request.tenant.empty() ? kDefaultTenant : request.tenant;
}

std::string_view named_tenant(const http::Request& request) {
  return request.tenant == kDefaultTenant ? std::string_view() : request.tenant;
}

CardFolder* FolderOf::operator()(const http::Request& request) const {
  const std::string_view tenant = tenant_of(request);
  if (tenants_) return tenants_->find(tenant);
  return tenant == kDefaultTenant ? only_ : nullptr;
}

http::Response no_folder() {
  http::Response response = http::problem(503, "the cards cannot be read now");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace toll::server
