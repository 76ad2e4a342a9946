// What is said where a unit does not fit its meter.
#pragma once

#include <string>
#include <string_view>

#include "dsl/checker/report.h"
#include "dsl/checker/scope.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// A price per something that the meter does not measure (E101, E104).
void report_price_mismatch(const syntax::Word& word, Place place, const Unit& unit,
                           const MeterEntry& meter, const MeterEntry* meter_that_fits,
                           std::string_view per, Report& report);

/// A quantity of something that the meter does not measure (E102, E104). `text` is the quantity as
/// written, `subject` and `before` as for Reader::quantity.
void report_quantity_mismatch(const syntax::Quantity& quantity, Place unit_place, const Unit& unit,
                              const MeterEntry& meter, std::string_view text,
                              std::string_view subject, std::string_view before, Report& report);

}  // namespace toll::dsl::checker
