#include "http/client.h"

#include <fmt/format.h>

#include <exception>

#include "http/library/cpp_httplib.h"
#include "http/text/syntax.h"

namespace toll::http {
namespace {

/// What went wrong, in our words.
std::string_view reason(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::BindIPAddress:
      return "it does not accept connections";
    case httplib::Error::ConnectionTimeout:
      return "it does not accept connections in time";
    case httplib::Error::Write:
      return "the request could not be sent";
    case httplib::Error::Timeout:
      return "the answer did not come in time";
    case httplib::Error::ExceedMaxPayloadSize:
      return "the answer is too large";
    default:
      return "there was no complete answer: it came too late, was malformed or too large, or the "
             "connection broke";
  }
}

bool is_sendable(std::string_view method, std::string_view target,
                 const std::vector<std::pair<std::string, std::string>>& headers) {
  if (!is_token(method) || !target.starts_with('/')) return false;
  for (const char c : target) {
    if (c <= ' ' || c >= 0x7f) return false;
  }
  for (const auto& [name, value] : headers) {
    if (!is_token(name) || !is_field_value(value)) return false;
  }
  return true;
}

Response to_response(httplib::Response&& from) {
  Response answer;
  answer.status = from.status;
  answer.body = std::move(from.body);
  for (const auto& [name, value] : from.headers) {
    if (equal_ignoring_case(name, "content-type")) {
      answer.content_type = value;
    } else {
      answer.headers.emplace_back(name, value);
    }
  }
  return answer;
}

}  // namespace

struct Client::Impl {
  Impl(std::string host, uint16_t port, const ClientOptions& options)
      : where(fmt::format("{}:{}", host, port)), library(host, port) {
    library.set_keep_alive(true);
    library.set_tcp_nodelay(true);
    library.set_path_encode(false);
    library.set_decompress(false);
    library.set_connection_timeout(options.connect_time_max);
    library.set_read_timeout(options.request_time_max);
    library.set_write_timeout(options.request_time_max);
    library.set_max_timeout(options.request_time_max);
    library.set_payload_max_length(options.body_bytes_max);
  }

  const std::string where;
  httplib::Client library;
};

Client::Client(std::string host, uint16_t port, ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(host), port, options)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Response> Client::request(std::string_view method, std::string_view target,
                                 const std::vector<std::pair<std::string, std::string>>& headers,
                                 std::string_view body) {
  const auto failed = [&](std::string_view why) {
    return std::unexpected(
        Error{fmt::format("{} {} at {}: {}", method, target, impl_->where, why)});
  };
  if (!is_sendable(method, target, headers)) {
    return std::unexpected(
        Error{"method, path or header fields of a request hold characters that they may not"});
  }
  httplib::Request request;
  request.method = method;
  request.path = target;
  request.body = body;
  for (const auto& [name, value] : headers) request.headers.emplace(name, value);
  request.headers.emplace("User-Agent", "toll");
  // The limit for all of a request counts from here; send() leaves setting it to its callers.
  request.start_time_ = std::chrono::steady_clock::now();
  try {
    httplib::Response answer;
    httplib::Error error = httplib::Error::Success;
    if (!impl_->library.send(request, answer, error)) return failed(reason(error));
    return to_response(std::move(answer));
  } catch (const std::exception&) {  // memory for a length that the server only claims
    return failed(reason(httplib::Error::ExceedMaxPayloadSize));
  }
}

}  // namespace toll::http
