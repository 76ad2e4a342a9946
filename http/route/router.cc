#include "http/route/router.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/text/syntax.h"

namespace toll::http {
namespace {

constexpr std::array<std::string_view, 9> kMethods = {
    "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "CONNECT", "TRACE"};
constexpr std::span kRoutable(kMethods.begin(), 7);  ///< the library hands no others on

bool matches(const Route& route, std::span<const std::string_view> segments) {
  return std::ranges::equal(route.segments, segments,
                            [](const Route::Segment& mine, std::string_view given) {
                              return mine.captures ? !given.empty() : mine.text == given;
                            });
}

/// Whether `a` is to be tried before `b`. Routes of the same shape are equal.
bool goes_before(const Route& a, const Route& b) {
  for (size_t i = 0; i < a.segments.size(); ++i) {
    if (a.segments[i].captures != b.segments[i].captures) return b.segments[i].captures;
  }
  return false;
}

/// True if both stand for the same paths, whatever their captures are called.
bool same_paths(const Route& a, const Route& b) {
  return std::ranges::equal(a.segments, b.segments,
                            [](const Route::Segment& x, const Route::Segment& y) {
                              return x.captures == y.captures && (x.captures || x.text == y.text);
                            });
}

/// Empty if the text is neither a literal nor a `{name}`.
std::optional<Route::Segment> parse_segment(std::string_view text) {
  if (!text.contains('{') && !text.contains('}')) return Route::Segment{std::string(text)};
  if (!text.starts_with('{') || !text.ends_with('}')) return std::nullopt;
  const std::string_view name = text.substr(1, text.size() - 2);
  if (!is_token(name) || name.contains('{') || name.contains('}')) return std::nullopt;
  return Route::Segment{std::string(name), true};
}

/// Empty if the pattern is malformed, or has a name twice.
std::optional<std::vector<Route::Segment>> parse_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) return std::nullopt;
  std::vector<Route::Segment> segments;
  for (std::string_view rest = pattern.substr(1);;) {
    const size_t slash = rest.find('/');
    auto segment = parse_segment(rest.substr(0, slash));
    if (!segment) return std::nullopt;
    const bool repeated = std::ranges::find(segments, *segment) != segments.end();
    if (segment->captures && repeated) return std::nullopt;
    segments.push_back(*std::move(segment));
    if (slash == std::string_view::npos) return segments;
    rest.remove_prefix(slash + 1);
  }
}

/// Allow's value for a set of methods, which HEAD and OPTIONS join by themselves.
std::string list_methods(const std::vector<std::string_view>& methods) {
  const auto has = [&](std::string_view method) {
    return std::ranges::find(methods, method) != methods.end();
  };
  std::string list;
  for (const std::string_view method : kMethods) {
    const bool implied = method == "OPTIONS" || (method == "HEAD" && has("GET"));
    if (!implied && !has(method)) continue;
    if (!list.empty()) list += ", ";
    list += method;
  }
  return list;
}

}  // namespace

bool is_known_method(std::string_view method) {
  return std::ranges::find(kMethods, method) != kMethods.end();
}

std::optional<std::string> Router::add(std::string_view method, std::string_view pattern,
                                       Handler handler, RouteOptions options,
                                       DuplexHandler duplex) {
  const std::string name = std::string(method) + " " + std::string(pattern);
  if (std::ranges::find(kRoutable, method) == kRoutable.end()) {
    return "route " + name + " has a method that cannot be routed";
  }
  auto segments = parse_pattern(pattern);
  if (!segments) return "route " + name + " is not a path of literals and {names}";
  Route route{std::string(method),
              std::string(pattern),
              std::move(handler),
              std::move(duplex),
              std::make_unique<const RouteOptions>(std::move(options)),
              {},
              *std::move(segments)};

  if (routes_.size() <= route.segments.size()) routes_.resize(route.segments.size() + 1);
  std::vector<Route>& peers = routes_[route.segments.size()];
  for (const Route& other : peers) {
    if (other.method == method && same_paths(other, route)) {
      return "route " + name + " stands there already as " + other.pattern;
    }
  }
  const Names& names = names_.emplace_back(route.method, route.pattern);
  route.info = {names_.size() - 1, names.method, names.pattern, route.options.get()};
  peers.insert(std::ranges::upper_bound(peers, route, goes_before), std::move(route));
  return std::nullopt;
}

std::vector<RouteInfo> Router::list() const {
  std::vector<RouteInfo> all(names_.size());
  for (const std::vector<Route>& peers : routes_)
    for (const Route& route : peers) all[route.info.number] = route.info;
  return all;
}

const Route* Router::find_exact(std::string_view method,
                                std::span<const std::string_view> segments) const {
  if (segments.size() >= routes_.size()) return nullptr;
  for (const Route& route : routes_[segments.size()]) {
    if (route.method == method && matches(route, segments)) return &route;
  }
  return nullptr;
}

const Route* Router::find(std::string_view method, std::span<const std::string_view> segments,
                          std::vector<Field>& captures) const {
  const Route* route = find_exact(method, segments);
  if (!route && method == "HEAD") route = find_exact("GET", segments);
  captures.clear();
  if (!route) return nullptr;
  for (size_t i = 0; i < segments.size(); ++i) {
    if (route->segments[i].captures) captures.push_back({route->segments[i].text, segments[i]});
  }
  return route;
}

std::string Router::allowed(std::span<const std::string_view> segments) const {
  std::vector<std::string_view> methods;
  if (segments.size() < routes_.size()) {
    for (const Route& route : routes_[segments.size()]) {
      if (matches(route, segments)) methods.push_back(route.method);
    }
  }
  return methods.empty() ? std::string() : list_methods(methods);
}

}  // namespace toll::http
