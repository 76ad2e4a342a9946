#include "metering/counting/contributions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/decimal.h"
#include "dsl/near_value.h"
#include "wire/text.h"

namespace toll::metering {
namespace {

/// What is wrong with a text where a number belongs. Cells of tables that are no number come as
/// texts, too.
std::string why_no_number(std::string_view text) {
  const auto number = parse_decimal(text.starts_with('-') ? text.substr(1) : text);
  if (number) return "is a text: send the number without quotes";
  const std::string shown = wire::shown(text);
  switch (number.error()) {
    case DecimalFault::LeadingZero:
      return fmt::format("is the text `{}`: a number does not begin with 0, so leave the zeros out",
                         shown);
    case DecimalFault::Exponent:
      return fmt::format("is the text `{}`: write the number out, without an exponent", shown);
    case DecimalFault::Empty:
    case DecimalFault::NotANumber:
    case DecimalFault::Negative:
      return fmt::format("is the text `{}`, and no number", shown);
    case DecimalFault::TooManyPlaces:
    case DecimalFault::TooLarge:
      return fmt::format("is the text `{}`, which {}", shown, describe(number.error()));
  }
  std::unreachable();
}

using dsl::DimensionBinding;

using Read = std::expected<Ratio, Unreadable>;

class ContributionReader {
 public:
  ContributionReader(const dsl::RateCard& card, const dsl::Meter& meter, const UsageEvent& event)
      : card_(card), meter_(meter), event_(event) {}

  std::expected<std::vector<Contribution>, Unreadable> read() {
    std::vector<Contribution> result;
    const auto& takes = meter_.binding.takes;
    for (size_t i = 0; i < std::max<size_t>(1, takes.size()); ++i) {
      auto contribution = read_one(takes.empty() ? nullptr : &takes[i]);
      if (!contribution) return std::unexpected(std::move(contribution.error()));
      result.push_back(*std::move(contribution));
    }
    return result;
  }

 private:
  std::unexpected<Unreadable> fault(std::string reason) const {
    return std::unexpected(Unreadable{line_, std::move(reason)});
  }

  std::expected<Contribution, Unreadable> read_one(const dsl::TakenField* take) {
    line_ = take ? take->line : meter_.source.line;
    Contribution result;
    if (auto read = read_values(take, result.values); !read)
      return std::unexpected(std::move(read.error()));
    auto quantity = read_quantity(take);
    if (!quantity) return std::unexpected(std::move(quantity.error()));
    result.quantity = *quantity;
    if (meter_.binding.aggregate != dsl::Aggregate::CountsDistinct) return result;
    auto distinct = text_of(event_, meter_.binding.distinct_field);
    if (!distinct) return fault(missing(meter_.binding.distinct_field));
    result.distinct = *std::move(distinct);
    return result;
  }

  static std::string missing(std::string_view field) {
    return fmt::format("field `{}` is missing, or is no text", field);
  }

  // ---- how much ----

  Read read_quantity(const dsl::TakenField* take) {
    const dsl::EventBinding& binding = meter_.binding;
    const Read quantity = binding.step ? number(*binding.step, Sign::Any) : given(take);
    if (quantity && event_.type == binding.until) return *checked_sub(Ratio(0), *quantity);
    return quantity;
  }

  Read given(const dsl::TakenField* take) {
    const dsl::EventBinding& binding = meter_.binding;
    Read quantity = take ? taken(*take) : Read(Ratio(1));
    if (quantity && binding.each_at_least) quantity = std::max(*quantity, *binding.each_at_least);
    if (quantity && binding.each_rounded) quantity = rounded(*quantity);
    if (quantity && binding.each_times) quantity = multiplied(*quantity, *binding.each_times);
    return quantity;
  }

  Read taken(const dsl::TakenField& take) const {
    Read whole = number(take.field, Sign::NotNegative);
    if (!whole || !take.less) return whole;
    const Read less = number(*take.less, Sign::NotNegative);
    if (!less) return less;
    const auto rest = checked_sub(*whole, *less);
    if (!rest || *rest < Ratio(0))
      return fault(fmt::format("field `{}` is less than `{}`", take.field, *take.less));
    return *rest;
  }

  Read rounded(const Ratio& quantity) const {
    const Ratio& step = *meter_.binding.each_rounded;
    const auto steps = checked_div(quantity, step);
    const auto result = steps
                            ? checked_mul(Ratio(div_round(steps->numerator(), steps->denominator(),
                                                          meter_.binding.each_mode)),
                                          step)
                            : std::nullopt;
    return result ? Read(*result) : fault("the quantity does not fit");
  }

  /// The product has no more digits before and behind the point than a field may have: as many of
  /// such as a period brings still add up exactly, and no event that was taken spoils the bill.
  Read multiplied(const Ratio& quantity, const dsl::Multiplier& times) {
    line_ = times.line;
    const Read factor = number(times.field, Sign::NotNegative);
    if (!factor) return factor;
    constexpr DecimalLimits kLimits;
    const auto product = checked_mul(quantity, *factor);
    if (!product || *product >= Ratio(power_of_ten(kLimits.whole_digits_max)))
      return fault(fmt::format("times `{}`, the quantity does not fit", times.field));
    if (quantity.to_decimal(kLimits.places_max) && !product->to_decimal(kLimits.places_max))
      return fault(fmt::format("times `{}`, the quantity has more than {} decimal places",
                               times.field, kLimits.places_max));
    return *product;
  }

  enum class Sign { NotNegative, Any };

  Read number(std::string_view name, Sign sign) const {
    const FieldValue* value = event_.field(name);
    if (!value) return fault(fmt::format("field `{}` is missing", name));
    const auto* decimal = std::get_if<Decimal>(value);
    if (decimal && (sign == Sign::Any || decimal->mantissa >= 0)) return *Ratio::of(*decimal);
    if (const auto* text = std::get_if<std::string>(value))
      return fault(fmt::format("field `{}` {}", name, why_no_number(*text)));
    const auto* unfit = std::get_if<UnfitNumber>(value);
    const DecimalFault why = decimal ? DecimalFault::Negative
                             : unfit ? unfit->fault
                                     : DecimalFault::NotANumber;
    return fault(fmt::format("field `{}` {}", name, describe(why)));
  }

  // ---- into which cell ----

  std::expected<void, Unreadable> read_values(const dsl::TakenField* take,
                                              std::vector<uint32_t>& values) const {
    for (uint32_t place = 0; place < meter_.dimensions.size(); ++place) {
      if (take && take->as && take->as->dimension == place) {
        values.push_back(take->as->value);
        continue;
      }
      const auto value = value_of(card_.dimensions[meter_.dimensions[place]]);
      if (!value) return std::unexpected(value.error());
      values.push_back(*value);
    }
    return {};
  }

  std::expected<uint32_t, Unreadable> value_of(const dsl::Dimension& dimension) const {
    switch (dimension.binding.kind) {
      case DimensionBinding::Kind::Named:
        return named(dimension);
      case DimensionBinding::Kind::Range:
        return in_range(dimension.binding);
      case DimensionBinding::Kind::Time:
        return at_time(dimension.binding);
    }
    std::unreachable();
  }

  std::expected<uint32_t, Unreadable> named(const dsl::Dimension& dimension) const {
    // A value begins with a letter: a number is a mistake even where `other` takes what is
    // unlisted.
    const FieldValue* field = event_.field(dimension.name);
    const auto* name = field ? std::get_if<std::string>(field) : nullptr;
    if (!name) return fault(missing(dimension.name));
    if (name->empty()) return fault(fmt::format("field `{}` is empty", dimension.name));
    const auto at = std::ranges::find(dimension.values, *name);
    if (at != dimension.values.end()) return static_cast<uint32_t>(at - dimension.values.begin());
    if (dimension.open) return static_cast<uint32_t>(dimension.values.size() - 1);
    return fault(fmt::format("`{}` is not a value of `{}`{}", *name, dimension.name,
                             dsl::but_is(dimension, *name)));
  }

  /// A missing field counts 0, unless all are.
  std::expected<uint32_t, Unreadable> in_range(const DimensionBinding& binding) const {
    Ratio sum;
    bool any = false;
    for (const std::string& field : binding.fields) {
      if (!event_.field(field)) continue;
      any = true;
      const Read value = number(field, Sign::NotNegative);
      if (!value) return std::unexpected(value.error());
      const auto with = checked_add(sum, *value);
      if (!with) return fault("the quantity does not fit");
      sum = *with;
    }
    if (!any) return fault(fmt::format("field `{}` is missing", fmt::join(binding.fields, "`, `")));
    const auto holds = [&](const std::optional<Decimal>& bound) {
      return !bound || sum <= *Ratio::of(*bound);
    };
    return static_cast<uint32_t>(std::ranges::find_if(binding.bounds, holds) -
                                 binding.bounds.begin());
  }

  uint32_t at_time(const DimensionBinding& binding) const {
    const LocalTime local =
        local_time(event_.time, binding.zone.empty() ? card_.time_zone : binding.zone);
    const unsigned day = std::chrono::weekday(local.day).iso_encoding() - 1;
    for (const dsl::WeekTime& time : binding.times) {
      if (time.first_day <= day && day <= time.last_day && time.from <= local.since_midnight &&
          local.since_midnight < time.until)
        return time.value;
    }
    return binding.otherwise;
  }

  const dsl::RateCard& card_;
  const dsl::Meter& meter_;
  const UsageEvent& event_;
  uint32_t line_ = 0;  // that is being read
};

}  // namespace

std::expected<std::vector<Contribution>, Unreadable> contributions(const dsl::RateCard& card,
                                                                   const dsl::Meter& meter,
                                                                   const UsageEvent& event) {
  return ContributionReader(card, meter, event).read();
}

std::optional<std::string> text_of(const UsageEvent& event, std::string_view field) {
  const FieldValue* value = event.field(field);
  if (!value) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(value)) return *text;
  if (const auto* number = std::get_if<Decimal>(value)) return number->normalized().to_string();
  return std::nullopt;
}

}  // namespace toll::metering
