// Whose cards a request is about. The cards of tenant T stand in the folder DIR/T, those of a
// service without tenants, and of keys that name none, in DIR itself.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/server.h"
#include "server/card_folder.h"

namespace toll::server {

/// The folders of all tenants. A tenant's is loaded when its first request comes, and watched from
/// then on; it is made where there is none.
/// Thread rule: any thread.
class Tenants {
 public:
  /// `data` may be empty: then what was live is not kept. An Error as CardFolder has it, of the
  /// folder itself.
  static Result<std::unique_ptr<Tenants>> open(std::filesystem::path folder,
                                               std::filesystem::path data = {});
  Tenants(const Tenants&) = delete;
  ~Tenants();

  /// Of kDefaultTenant.
  CardFolder& main();

  /// Null where it cannot be read: the log says why. REQUIRES: tenant_fault(tenant) is empty.
  CardFolder* find(std::string_view tenant);

 private:
  struct Impl;
  explicit Tenants(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Where the data folder of a service keeps the revisions of a tenant that were live.
std::filesystem::path kept_revisions_folder(const std::filesystem::path& data,
                                            std::string_view tenant);

/// The tenant of a request: that of its key.
std::string_view tenant_of(const http::Request& request);

/// The same, and empty for kDefaultTenant.
std::string_view named_tenant(const http::Request& request);

/// The cards of a request's tenant. A small value; what it was made of must outlive its copies.
class FolderOf {
 public:
  FolderOf(CardFolder& only) : only_(&only) {}        // NOLINT: of kDefaultTenant alone
  FolderOf(Tenants& tenants) : tenants_(&tenants) {}  // NOLINT

  /// Null where there is none now.
  CardFolder* operator()(const http::Request& request) const;

  /// Of kDefaultTenant.
  CardFolder& main() const { return only_ ? *only_ : tenants_->main(); }

 private:
  CardFolder* only_ = nullptr;
  Tenants* tenants_ = nullptr;
};

/// 503: the cards of the tenant cannot be read.
http::Response no_folder();

/// A handler that is given the cards of the request's tenant.
template <typename Answer>
http::Handler with_cards(FolderOf folder_of, Answer answer) {
  return [folder_of, answer](const http::Request& request) -> http::Response {
    CardFolder* const folder = folder_of(request);
    return folder ? answer(*folder, request) : no_folder();
  };
}

}  // namespace toll::server
