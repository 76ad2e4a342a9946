#include "http/server.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "http/guard/admission.h"
#include "http/library/listener.h"
#include "http/library/request_threads.h"
#include "http/library/stream_answer.h"
#include "http/route/router.h"
#include "http/text/syntax.h"

namespace toll::http {
namespace {

constexpr std::chrono::seconds kGraceOfDestructor{5};

/// How long a client may still send what belongs to a request that is refused.
constexpr std::chrono::milliseconds kRefusedTime{1000};

/// A body that nobody wants is read up to this size, so that its connection can be kept. A client
/// that is told to come again later would have to open another one just when that costs most.
constexpr uint64_t kUnwantedBytesMax = 64 * 1024;

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
  Pass pass;
  bool at_end = false;  ///< what comes next on the connection is another request, or will be
  bool failed = false;  ///< nothing more is read from the connection
  int status = 0;       ///< of the answer
  std::chrono::steady_clock::time_point begun{};
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
  exchange.status = to.status = from.status;
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
  std::optional<Response> refusal_of(const httplib::Request& request) const;
  void answer(const httplib::Request& request, std::string_view body, httplib::Response& to) const;
  void answer_with_body(const httplib::Request& request, httplib::Response& to,
                        const httplib::ContentReader& body) const;
  using ReadBody = std::function<bool(const httplib::ContentReceiver&)>;
  void stream(const httplib::Request& request, httplib::Response& to, const ReadBody& body) const;
  Response handle(const Request& request, const Route& route) const;
  bool goes_on() const;

  const ServerOptions options;
  Router router;
  std::optional<std::string> route_fault;  ///< the first one
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
  exchange.pass = {};
  exchange.at_end = false;
  exchange.failed = false;
  exchange.status = 0;
  exchange.admission.route = nullptr;
  exchange.admission.ends_clearly = false;
  exchange.begun = std::chrono::steady_clock::now();
}

/// What a connection beyond the last is told, as it goes over the wire.
std::string no_place() {
  const Response answer = problem(503, "the service has no place for another connection now");
  return "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: "
         "1\r\nContent-Type: " +
         answer.content_type + "\r\nContent-Length: " + std::to_string(answer.body.size()) +
         "\r\n\r\n" + answer.body;
}

Request to_request(const httplib::Request& from, std::string_view body) {
  const Admission& admission = exchange.admission;
  return {
      .method = from.method,
      .path = admission.path,
      .query = admission.query,
      .body = body,
      .remote_address = from.remote_addr,
      .caller = exchange.pass.caller,
      .tenant = exchange.pass.tenant,
      .headers = admission.fields,
      .captures = admission.captures,
  };
}

void add_headers_of_pass(Response& answer) {
  for (auto& header : exchange.pass.headers) answer.headers.push_back(std::move(header));
}

/// Every answer of 400 or more passes here, be it the library's or ours.
void complete_failure(const httplib::Request& request, httplib::Response& to) {
  exchange.failed = !exchange.at_end;
  exchange.status = to.status;
  if (!to.body.empty()) return;
  const int status = status_of(request, to.status);
  fill(problem(status, detail_of(status)), to);
}

/// Whether the library, once it has answered, reads to the end of a request that was refused.
bool is_passed_over(const httplib::Request& request) {
  const Admission& admission = exchange.admission;
  const bool in_chunks = admission.has_body && admission.length == 0;
  // Whoever asked whether to send its body may do either when the answer is no.
  return admission.ends_clearly && !in_chunks && admission.length <= kUnwantedBytesMax &&
         !request.has_header("Expect");
}

bool asks_to_close(const httplib::Request& request) {
  const std::string wish = request.get_header_value("Connection");
  return wish == "close" || (request.version == "HTTP/1.0" && wish != "Keep-Alive");
}

/// The library says of every error that it ends the connection, and of no answer to HTTP/1.0.
void say_how_it_goes_on(const httplib::Request& request, httplib::Response& to) {
  if (exchange.failed || exchange.stream->is_last() || asks_to_close(request)) {
    to.headers.erase("Keep-Alive");
    to.headers.erase("Connection");
    to.set_header("Connection", "close");
  } else {
    to.headers.erase("Connection");
  }
}

}  // namespace

Server::Impl::Impl(ServerOptions with)
    : options(with_log(std::move(with))),
      listener(options, {begin, [this](httplib::Request& request) { admit(request); },
                         [this] { return goes_on(); }, no_place()}) {
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
  listener.set_post_routing_handler(say_how_it_goes_on);
  const auto respond = [this](const httplib::Request& request, httplib::Response& to) {
    if (!exchange.admission.route->duplex) return answer(request, request.body, to);
    if (request.method == "HEAD") {  // whose answer has no body to be streamed
      Response head;
      add_headers_of_pass(head);
      return fill(std::move(head), to);
    }
    stream(request, to, [](const httplib::ContentReceiver&) { return true; });
  };
  const auto receive = [this](const httplib::Request& request, httplib::Response& to,
                              const httplib::ContentReader& body) {
    answer_with_body(request, to, body);
  };
  listener.Get(kAnyPath, respond).Options(kAnyPath, respond);
  listener.Post(kAnyPath, receive).Put(kAnyPath, receive);
  listener.Patch(kAnyPath, receive).Delete(kAnyPath, receive);
}

std::optional<Response> Server::Impl::refusal_of(const httplib::Request& request) const {
  Admission& admission = exchange.admission;
  if (auto refusal = find_route(request, router, admission)) return refusal;
  if (options.gate) {
    auto pass = options.gate(to_request(request, {}), admission.route->info);
    if (!pass) return std::move(pass.error());
    exchange.pass = *std::move(pass);
  }
  return check_body(options.limits, admission);
}

void Server::Impl::admit(httplib::Request& request) const {
  exchange.refusal = refusal_of(request);
  if (!exchange.refusal && exchange.admission.route->options->waits) RequestThreads::may_wait();
  if (exchange.refusal) {
    add_headers_of_pass(*exchange.refusal);
    exchange.at_end = is_passed_over(request);
    exchange.stream->hurry(kRefusedTime);
  } else {
    // How much of a body is taken is counted where it is read, without its chunks' heads.
    const bool reads_body = request.method != "GET" && request.method != "OPTIONS";
    exchange.stream->end_head(reads_body ? SIZE_MAX : exchange.admission.body_bytes_max);
  }
  // The library would take what a client sends next for the body.
  if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) {
    request.headers.emplace("Content-Length", "0");
  }
  request.ranges.clear();
  request.path = kOnePath;
}

void Server::Impl::answer(const httplib::Request& from, std::string_view body,
                          httplib::Response& to) const {
  exchange.at_end = true;
  Response answer = handle(to_request(from, body), *exchange.admission.route);
  add_headers_of_pass(answer);
  fill(std::move(answer), to);
  if (from.method == "HEAD") to.set_header("Accept-Ranges", "none");
}

void Server::Impl::answer_with_body(const httplib::Request& from, httplib::Response& to,
                                    const httplib::ContentReader& reader) const {
  const Admission& admission = exchange.admission;
  if (admission.route->duplex)
    return stream(from, to, [&](const httplib::ContentReceiver& take) { return reader(take); });
  std::string body;
  body.reserve(admission.length);
  bool too_large = false;
  const bool whole = reader([&](const char* bytes, size_t size) {
    too_large = size > admission.body_bytes_max - body.size();
    if (!too_large) body.append(bytes, size);
    return !too_large;
  });
  if (whole) return answer(from, body, to);
  // The rest of the body is not read.
  exchange.stream->hurry(kRefusedTime);
  if (too_large) return fill(body_too_large(admission.body_bytes_max), to);
  if (to.status < 400) to.status = 400;
  complete_failure(from, to);
}

void Server::Impl::stream(const httplib::Request& from, httplib::Response& to,
                          const ReadBody& read_body) const {
  const Admission& admission = exchange.admission;
  StreamAnswer duplex(*exchange.stream, admission.body_bytes_max, exchange.pass.headers, read_body,
                      [this] { return listener.ends(); });
  std::optional<Response> answer;
  bool threw = false;
  try {
    answer = admission.route->duplex(to_request(from, {}), duplex);
  } catch (const std::exception& error) {
    options.log(admission.route->pattern + ": the handler threw: " + error.what());
    answer = problem(500, detail_of(500));
    threw = true;
  }
  if (!duplex.begun()) {
    if (!duplex.ended()) exchange.stream->hurry(kRefusedTime);
    exchange.at_end = duplex.ended() || (!duplex.touched() && is_passed_over(from));
    if (duplex.too_large()) answer = body_too_large(admission.body_bytes_max);
    if (!answer) {
      to.status = 400;
      return complete_failure(from, to);
    }
    add_headers_of_pass(*answer);
    return fill(*std::move(answer), to);
  }
  exchange.status = to.status = duplex.status();
  exchange.failed = !duplex.finish(threw);
  if (exchange.failed) exchange.stream->hurry(std::chrono::milliseconds{0});
}

/// A request is answered.
bool Server::Impl::goes_on() const {
  if (options.observe) {
    const Route* const route = exchange.admission.route;
    options.observe({route ? &route->info : nullptr, exchange.status,
                     std::chrono::steady_clock::now() - exchange.begun});
  }
  return !exchange.failed;
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
  auto fault = impl_->router.add(method, pattern, std::move(handler), std::move(options));
  if (!impl_->route_fault) impl_->route_fault = std::move(fault);
}

void Server::stream(std::string_view method, std::string_view pattern, DuplexHandler handler,
                    RouteOptions options) {
  auto fault = impl_->router.add(method, pattern, {}, std::move(options), std::move(handler));
  if (!impl_->route_fault) impl_->route_fault = std::move(fault);
}

std::vector<RouteInfo> Server::routes() const { return impl_->router.list(); }

Result<uint16_t> Server::start() {
  if (impl_->route_fault) return std::unexpected(Error{*impl_->route_fault});
  for (const RouteInfo& route : routes()) {
    if (impl_->options.gate && route.options->scope.empty()) {
      return std::unexpected(Error{"route " + std::string(route.method) + " " +
                                   std::string(route.pattern) + " says no scope"});
    }
  }
  // Each route has a limit of its own, which is looked to while a body is read.
  impl_->listener.set_payload_max_length(SIZE_MAX);
  return impl_->listener.start();
}

void Server::drain() { impl_->listener.drain(); }

int Server::connections() const { return impl_->listener.connections(); }

uint64_t Server::refused_connections() const { return impl_->listener.refused(); }

void Server::stop(std::chrono::milliseconds grace) { impl_->listener.stop(grace); }

}  // namespace toll::http
