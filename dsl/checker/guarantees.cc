#include "dsl/checker/guarantees.h"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

/// Whether a price of the card depends on the meter.
bool charges(const RateCard& card, uint32_t meter) {
  return std::ranges::any_of(card.charges, [meter](const Charge& charge) {
    return charge.meter == meter ||
           std::ranges::find(charge.tier_meters, meter) != charge.tier_meters.end();
  });
}

/// The meter that a word names, if the card charges it.
std::optional<uint32_t> charged_meter(const syntax::Word& word, CardContext& context) {
  const RateCard& card = context.card;
  auto meter = context.known_meter(word.text);
  if (meter && charges(card, *meter)) return meter;
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

/// Whether a plan that is not of this offer charges the meter, so that naming it is no mistake.
bool is_charged_elsewhere(const syntax::Word& word, const CardContext& context) {
  const auto* charged = context.offer.charged_in_plans;
  if (!charged || !charged->contains(word.text)) return false;
  const auto meter = context.known_meter(word.text);
  return !meter || !charges(context.card, *meter);
}

/// A guarantee stands for all offers that it can speak of: those that charge one of its meters, and
/// bill in one of its currencies.
bool is_for_offer(const syntax::Guarantee& syntax, const CardContext& context) {
  if (syntax.amount && !context.read.is_for(*syntax.amount, context.currency)) return false;
  return syntax.meters.empty() || !std::ranges::all_of(syntax.meters, [&](const auto& meter) {
           return is_charged_elsewhere(meter, context);
         });
}

}  // namespace

void check_guarantee(const syntax::Guarantee& syntax, CardContext& context) {
  if (!is_for_offer(syntax, context)) return;
  Guarantee guarantee;
  guarantee.kind = syntax.kind;
  guarantee.source = context.read.source(syntax.span);
  if (syntax.than) {
    guarantee.than = syntax.than->text;
    if (syntax.than_on) guarantee.than_from = syntax.than_on->value;
  }
  if (syntax.percent) guarantee.fraction = context.read.fraction(*syntax.percent);
  if (syntax.amount) {
    guarantee.amount_minor = context.read.amount(*syntax.amount, context.currency);
  }
  for (const syntax::Word& word : syntax.meters) {
    if (is_charged_elsewhere(word, context)) continue;
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
    if (is_charged_elsewhere(bound.meter, context)) continue;
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
