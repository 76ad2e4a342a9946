#include "dsl/format/same_tree.h"

#include <algorithm>
#include <boost/pfr/core.hpp>
#include <type_traits>
#include <utility>

namespace toll::dsl::formatting {
namespace {

/// Compares any node of the tree field by field, so that a node that is added to the language is
/// compared without a change here.
class Comparison {
 public:
  explicit Comparison(const UnitForms& units) : units_(units) {}

  bool same(const Span&, const Span&) const { return true; }

  bool same(const Decimal& a, const Decimal& b) const {
    return a.mantissa == b.mantissa && a.scale == b.scale;  // as many zeros
  }

  bool same(const syntax::Word& a, const syntax::Word& b) const {
    return a.text == b.text || units_.are_one(a.text, b.text);
  }

  template <typename T>
  bool same(const std::optional<T>& a, const std::optional<T>& b) const {
    return a.has_value() == b.has_value() && (!a || same(*a, *b));
  }

  bool same(const std::vector<syntax::Word>& a, const std::vector<syntax::Word>& b) const {
    return std::ranges::equal(a, b, {}, &syntax::Word::text, &syntax::Word::text);
  }

  bool same(std::vector<syntax::Header> a, std::vector<syntax::Header> b) const {
    std::ranges::stable_sort(a, {}, &syntax::Header::index);
    std::ranges::stable_sort(b, {}, &syntax::Header::index);
    return same_list(a, b);
  }

  template <typename T>
  bool same(const std::vector<T>& a, const std::vector<T>& b) const {
    return same_list(a, b);
  }

  template <typename... T>
  bool same(const std::variant<T...>& a, const std::variant<T...>& b) const {
    const auto same_as_b = [&]<typename V>(const V& v) { return same(v, std::get<V>(b)); };
    return a.index() == b.index() && std::visit(same_as_b, a);
  }

  template <typename T>
  bool same(const T& a, const T& b) const {
    if constexpr (std::is_aggregate_v<T>) {
      return same_fields(a, b, std::make_index_sequence<boost::pfr::tuple_size_v<T>>());
    } else {
      return a == b;
    }
  }

 private:
  template <typename T>
  bool same_list(const T& a, const T& b) const {
    return std::ranges::equal(a, b, [&](const auto& x, const auto& y) { return same(x, y); });
  }

  template <typename T, size_t... I>
  bool same_fields(const T& a, const T& b, std::index_sequence<I...>) const {
    return (same_field<I>(boost::pfr::get<I>(a), boost::pfr::get<I>(b)) && ...);
  }

  template <size_t I, typename T>
  bool same_field(const T& a, const T& b) const {
    if constexpr (I == 0 && std::is_same_v<T, syntax::Word>) return a.text == b.text;
    return same(a, b);
  }

  const UnitForms& units_;
};

}  // namespace

bool same_tree(const syntax::File& a, const syntax::File& b, const UnitForms& units) {
  return Comparison(units).same(a, b);
}

}  // namespace toll::dsl::formatting
