#include "dsl/checker/guarantees.h"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// The meter that a word names, if the card charges it.
std::optional<uint32_t> charged_meter(const syntax::Word& word, CardContext& context) {
  const RateCard& card = context.card;
  auto meter = context.known_meter(word.text);
  const auto reads = [&](const Charge& charge) {
    return charge.meter == *meter ||
           std::ranges::find(charge.tier_meters, *meter) != charge.tier_meters.end();
  };
  if (meter && std::ranges::any_of(card.charges, reads)) return meter;
  if (context.incomplete) {
    context.report.hold_back();
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (const Charge& charge : card.charges)
    if (!charge.is_share()) names.push_back(card.meters[charge.meter].name);
  auto finding =
      context.report.add("E316", fmt::format("this card does not charge {}", quoted(word.text)),
                         context.read.at(word.span));
  const std::string nearest = suggest(word.text, names);
  if (!nearest.empty()) {
    finding.help(fmt::format("did you mean {}?", quoted(nearest)));
  } else {
    finding.help("name a meter that the card has a charge for");
  }
  return std::nullopt;
}

}  // namespace

void check_guarantee(const syntax::Guarantee& syntax, CardContext& context) {
  Guarantee guarantee;
  guarantee.kind = syntax.kind;
  guarantee.source = context.read.source(syntax.span);
  if (syntax.amount) {
    guarantee.amount_minor = context.read.amount(*syntax.amount, context.currency);
  }
  for (const syntax::Word& word : syntax.meters) {
    auto meter = charged_meter(word, context);
    if (!meter) continue;
    if (std::ranges::find(guarantee.meters, *meter) != guarantee.meters.end()) {
      context.report
          .add("E120", fmt::format("{} stands twice", quoted(word.text)),
               context.read.at(word.span))
          .help("leave one of them out");
      continue;
    }
    guarantee.meters.push_back(*meter);
  }
  for (const syntax::While& bound : syntax.whiles) {
    auto meter = charged_meter(bound.meter, context);
    if (!meter) continue;
    if (std::ranges::find(guarantee.whiles, *meter, &Guarantee::Bound::meter) !=
        guarantee.whiles.end()) {
      context.report
          .add("E120", fmt::format("{} is bounded twice", quoted(bound.meter.text)),
               context.read.at(bound.span))
          .help("keep one of the two");
      continue;
    }
    auto up_to =
        context.read.quantity(bound.up_to, *context.meters[*meter], "this bound is", "up to ");
    if (up_to) guarantee.whiles.push_back({*meter, *up_to});
  }
  context.card.guarantees.push_back(std::move(guarantee));
}

}  // namespace toll::dsl::checker
