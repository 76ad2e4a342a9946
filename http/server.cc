#include "http/server.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "http/guard/admission.h"
#include "http/library/listener.h"
#include "http/route/router.h"
#include "http/text/syntax.h"

namespace toll::http {
namespace {

constexpr std::chrono::seconds kGraceOfDestructor{5};

/// How long a client may still send what belongs to a request that is refused.
constexpr std::chrono::milliseconds kRefusedTime{1000};

/// The library chooses among its handlers by regular expressions. It is given one pattern, of the
/// kind that it compares without them, and this path, which that fits.
constexpr const char* kAnyPath = "/:any";
constexpr const char* kOnePath = "/";

/// What the listener alone may say: the framing and the life of the connection.
constexpr std::string_view kReserved[] = {"Content-Length", "Transfer-Encoding", "Connection",
                                          "Keep-Alive",     "Content-Type",      "Accept-Ranges"};

/// The request that this thread has in hand: what the library's hooks are to know of each other.
struct Exchange {
  BoundedStream* stream = nullptr;
  Admission admission;
  std::optional<Response> refusal;
  bool failed = false;  ///< the answer's status is 400 or more
};
thread_local Exchange exchange;

bool is_allowed(std::string_view name, std::string_view value) {
  const auto is_name = [&](std::string_view other) { return equal_ignoring_case(name, other); };
  return is_token(name) && is_field_value(value) && std::ranges::none_of(kReserved, is_name);
}

/// What a handler did wrong in its answer; empty if nothing.
std::string fault_of(const Response& answer) {
  if (answer.status < 200 || answer.status > 599) {
    return "an answer has status " + std::to_string(answer.status);
  }
  if (!is_field_value(answer.content_type)) return "a content type holds control characters";
  for (const auto& [name, value] : answer.headers) {
    if (!is_allowed(name, value)) return "an answer has a header field that it may not have";
  }
  return {};
}

void fill(Response&& from, httplib::Response& to) {
  to.status = from.status;
  // The library would send it, and the client take it for the next answer.
  if (from.status == 204 || from.status == 304) from.body.clear();
  if (from.content_type.empty()) {
    to.body = std::move(from.body);
  } else {
    to.set_content(std::move(from.body), from.content_type);
  }
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
}

/// The library answers 400 to whatever it cannot read.
int status_of(const httplib::Request& request, int status) {
  if (status != 400) return status;
  if (exchange.stream->late()) return 408;
  if (exchange.stream->head_too_large()) return 431;
  if (request.headers.size() >= CPPHTTPLIB_HEADER_MAX_COUNT) return 431;
  const std::string& version = request.version;
  if (!version.starts_with("HTTP/")) return 400;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return 505;
  return is_known_method(request.method) ? 400 : 501;
}

constexpr std::pair<int, std::string_view> kDetails[] = {
    {400, "the request is malformed"},
    {408, "the request arrives too slowly"},
    {413, "the body is too large"},
    {414, "path and query are too long"},
    {416, "Range is malformed"},
    {431, "the header fields are too many or too large"},
    {500, "the service failed on this request"},
    {501, "this service does not know the method"},
    {505, "this service speaks HTTP/1.1 and HTTP/1.0"},
};

std::string_view detail_of(int status) {
  const auto* const found = std::ranges::find(kDetails, status, [](auto& d) { return d.first; });
  return found == std::end(kDetails) ? reason_phrase(status) : found->second;
}

}  // namespace

struct Server::Impl {
  explicit Impl(ServerOptions with);

  void install();
  void admit(httplib::Request& request) const;
  void answer(const httplib::Request& request, httplib::Response& to) const;
  Response handle(const Request& request, const Route& route) const;

  const ServerOptions options;
  Router router;
  std::optional<std::string> route_fault;  ///< the first one
  size_t body_bytes_max;                   ///< of the route that allows most
  Listener listener;
};

namespace {

ServerOptions with_log(ServerOptions options) {
  if (!options.log) options.log = [](std::string_view) {};
  return options;
}

void begin(BoundedStream& stream) {
  exchange.stream = &stream;
  exchange.refusal.reset();
  exchange.failed = false;
}

/// Every answer of 400 or more passes here, be it the library's or ours.
void complete_failure(const httplib::Request& request, httplib::Response& to) {
  exchange.failed = true;
  if (!to.body.empty()) return;
  const int status = status_of(request, to.status);
  fill(problem(status, detail_of(status)), to);
}

}  // namespace

Server::Impl::Impl(ServerOptions with)
    : options(with_log(std::move(with))),
      body_bytes_max(options.limits.body_bytes_max),
      listener(options, {begin, [this](httplib::Request& request) { admit(request); },
                         [] { return !exchange.failed; }}) {
  install();
}

void Server::Impl::install() {
  using Outcome = httplib::Server::HandlerResponse;
  const auto refuse = [](const httplib::Request&, httplib::Response& to) {
    if (!exchange.refusal) return Outcome::Unhandled;
    fill(std::move(*exchange.refusal), to);
    return Outcome::Handled;
  };
  listener.set_pre_routing_handler(refuse);
  listener.set_expect_100_continue_handler(
      [refuse](const httplib::Request& request, httplib::Response& to) {
        return refuse(request, to) == Outcome::Handled ? to.status : 100;
      });
  listener.set_error_handler([](const httplib::Request& request, httplib::Response& to) {
    complete_failure(request, to);
    return Outcome::Handled;
  });
  const auto respond = [this](const httplib::Request& request, httplib::Response& to) {
    answer(request, to);
  };
  listener.Get(kAnyPath, respond).Post(kAnyPath, respond).Put(kAnyPath, respond);
  listener.Patch(kAnyPath, respond).Delete(kAnyPath, respond).Options(kAnyPath, respond);
}

void Server::Impl::admit(httplib::Request& request) const {
  exchange.stream->end_head();
  exchange.refusal = http::admit(request, router, options.limits, exchange.admission);
  if (exchange.refusal) exchange.stream->hurry(kRefusedTime);
  // The library would take what a client sends next for the body.
  if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) {
    request.headers.emplace("Content-Length", "0");
  }
  request.ranges.clear();
  request.path = kOnePath;
}

void Server::Impl::answer(const httplib::Request& from, httplib::Response& to) const {
  const Admission& admission = exchange.admission;
  if (from.body.size() > admission.body_bytes_max) {
    return fill(body_too_large(admission.body_bytes_max), to);
  }
  const Request request{
      .method = from.method,
      .path = admission.path,
      .query = admission.query,
      .body = from.body,
      .remote_address = from.remote_addr,
      .headers = admission.fields,
      .captures = admission.captures,
  };
  fill(handle(request, *admission.route), to);
  if (from.method == "HEAD") to.set_header("Accept-Ranges", "none");
}

Response Server::Impl::handle(const Request& request, const Route& route) const {
  std::string fault;
  try {
    Response answer = route.handler(request);
    fault = fault_of(answer);
    if (fault.empty()) return answer;
  } catch (const std::exception& error) {
    fault = std::string("the handler threw: ") + error.what();
  } catch (...) {
    fault = "the handler threw something that is no exception";
  }
  options.log(route.method + " " + route.pattern + ": " + fault);
  return problem(500, detail_of(500));
}

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Server::~Server() { stop(kGraceOfDestructor); }

void Server::route(std::string_view method, std::string_view pattern, Handler handler,
                   RouteOptions options) {
  impl_->body_bytes_max = std::max(impl_->body_bytes_max, options.body_bytes_max);
  auto fault = impl_->router.add(method, pattern, std::move(handler), std::move(options));
  if (!impl_->route_fault) impl_->route_fault = std::move(fault);
}

Result<uint16_t> Server::start() {
  if (impl_->route_fault) return std::unexpected(Error{*impl_->route_fault});
  impl_->listener.set_payload_max_length(impl_->body_bytes_max);
  return impl_->listener.start();
}

void Server::stop(std::chrono::milliseconds grace) { impl_->listener.stop(grace); }

}  // namespace toll::http
