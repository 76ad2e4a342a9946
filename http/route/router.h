// The table of routes. A service has a few dozen: they stand in a plain list for each number of
// segments, in the order in which they are to be tried, and are compared segment by segment.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/server.h"

namespace toll::http {

struct Route {
  std::string method;
  std::string pattern;
  Handler handler;
  DuplexHandler duplex;  ///< instead of `handler`
  std::unique_ptr<const RouteOptions> options;
  RouteInfo info;  ///< views of the router's own texts

  struct Segment {
    std::string text;  ///< the literal, or the name of the capture
    bool captures = false;

    friend bool operator==(const Segment&, const Segment&) = default;
  };
  std::vector<Segment> segments;
};

/// Thread rule: add() first, from one thread; then all else from any.
class Router {
 public:
  /// The error says which route is wrong and why; the route is left out.
  std::optional<std::string> add(std::string_view method, std::string_view pattern, Handler handler,
                                 RouteOptions options, DuplexHandler duplex = {});

  /// In the order in which they were added.
  std::vector<RouteInfo> list() const;

  /// The route of a path that was cut into `segments`, or null. HEAD finds the GET route where it
  /// has none of its own. `captures` is overwritten with views into route and segments.
  const Route* find(std::string_view method, std::span<const std::string_view> segments,
                    std::vector<Field>& captures) const;

  /// The value of an Allow field for a path, "GET, HEAD, OPTIONS"; empty when no route has it.
  std::string allowed(std::span<const std::string_view> segments) const;

 private:
  const Route* find_exact(std::string_view method,
                          std::span<const std::string_view> segments) const;

  struct Names {
    std::string method, pattern;
  };
  std::deque<Names> names_;  // what RouteInfo shows, which stays where it is
  /// By number of segments. Literal segments before captures, decided at the first difference.
  std::vector<std::vector<Route>> routes_;
};

/// The methods of RFC 9110 and PATCH: 405 where a path does not have them, 501 for all others.
bool is_known_method(std::string_view method);

}  // namespace toll::http
