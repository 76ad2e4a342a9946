#include "dsl/checker/share.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "dsl/checker/wording.h"

namespace toll::dsl::checker {
namespace {

using TermKind = syntax::Term::Kind;

/// What the rows are a share of: the names after `of`, which all rows repeat.
class ShareBase {
 public:
  ShareBase(ChargeDraft& draft, CardContext& context) : draft_(draft), context_(context) {}

  void take() {
    for (const auto& line : draft_.syntax.lines) {
      const auto* row = std::get_if<syntax::Row>(&line);
      if (!row) continue;
      for (const syntax::Term& term : row->price)
        if (term.kind == TermKind::Percent && !term.of.empty()) take(term);
    }
  }

 private:
  static std::vector<std::string_view> names_of(const syntax::Term& term) {
    std::vector<std::string_view> names;
    for (const syntax::Word& word : term.of) names.push_back(word.text);
    std::ranges::sort(names);
    return names;
  }

  void take(const syntax::Term& term) {
    if (!first_) {
      first_ = &term;
      for (const syntax::Word& word : term.of) take(term, word);
      return;
    }
    if (reported_ || names_of(term) == names_of(*first_)) return;
    reported_ = true;
    context_.report
        .add("E232", "the rows of one charge are shares of the same charges", at(names(term)))
        .see(at(names(*first_)), "another row is a share of these")
        .why("the tiers are about one amount, and so is the line of the invoice")
        .help("name the same charges in all rows, or write one charge for each");
  }

  void take(const syntax::Term& term, const syntax::Word& word) {
    const std::optional<ItemRef> item = item_above(word.text);
    if (!item) return report_not_above(term, word);
    if (is_in_credits(*item)) return report_credits(word);
    const auto same = [&](const ItemRef& other) {
      return other.kind == item->kind && other.index == item->index;
    };
    if (draft_.charge.share_of.size() == kShareNamesMax) {
      if (std::exchange(full_, true)) return;
      context_.report
          .add("E214", fmt::format("a share is of at most {}", counted(kShareNamesMax, "line")),
               at(word.span))
          .help("write a second charge for a share of the others");
      return;
    }
    if (std::ranges::any_of(draft_.charge.share_of, same)) {
      context_.report.add("E120", fmt::format("{} stands twice", quoted(word.text)), at(word.span))
          .help("leave one of them out");
      return;
    }
    draft_.charge.share_of.push_back(*item);
  }

  std::optional<ItemRef> item_above(const std::string& name) const {
    const auto known = context_.item_by_name.find(name);
    return known == context_.item_by_name.end() ? std::nullopt : std::optional(known->second);
  }

  bool is_in_credits(const ItemRef& item) const {
    return item.kind == ItemRef::Kind::Charge && context_.card.charges[item.index].credit;
  }

  void report_credits(const syntax::Word& word) {
    const Charge& charge = context_.card.charges[item_above(word.text)->index];
    context_.report
        .add("E403",
             fmt::format("{} is priced in {}, and a share is of money", quoted(word.text),
                         context_.card.credits[*charge.credit].plural),
             at(word.span))
        .see(charge.source.place)
        .help("leave it out: what its pool bills is known when all charges are");
  }

  /// The name of a fee or charge anywhere in the card.
  const syntax::Word* named_somewhere(const std::string& name) const {
    for (const auto& item : context_.syntax.items) {
      const auto* fee = std::get_if<syntax::Fee>(&item);
      const auto* charge = std::get_if<syntax::Charge>(&item);
      const syntax::Word* word = fee ? &fee->name : charge ? &charge->name : nullptr;
      if (word && word->text == name) return word;
    }
    return nullptr;
  }

  void report_not_above(const syntax::Term& term, const syntax::Word& word) {
    const bool listed = context_.report.lists(context_.read.file());
    if (context_.incomplete || !listed) return context_.report.hold_back();
    const syntax::Word* below = named_somewhere(word.text);
    auto finding = context_.report.add(
        "E230",
        below ? fmt::format("{} does not stand above this charge", quoted(word.text))
              : fmt::format("the card has no charge or fee {}", quoted(word.text)),
        at(word.span));
    if (below) {
      finding.see(at(below->span), "it stands here")
          .why("a bill is worked out from top to bottom")
          .help("move the charge that is a share below what it is a share of");
      return;
    }
    if (word.text == "total" || word.text == "bill") {
      finding.help(
          fmt::format("of all that stands above, fees too, write a line of the bill: `bill "
                      "surcharge {}`",
                      context_.read.text(term.percent->span)));
      return;
    }
    std::vector<std::string> names;
    for (const Fee& fee : context_.card.fees) names.push_back(fee.name);
    for (const Charge& charge : context_.card.charges) names.push_back(charge.name);
    const std::string nearest = suggest(word.text, names);
    finding.help(nearest.empty() ? "name charges and fees that stand above, joined by `and`"
                                 : fmt::format("did you mean {}?", quoted(nearest)));
  }

  static Span names(const syntax::Term& term) {
    return {term.of.front().span.begin, term.of.back().span.end};
  }
  Place at(Span span) const { return context_.read.at(span); }

  ChargeDraft& draft_;
  CardContext& context_;
  const syntax::Term* first_ = nullptr;
  bool reported_ = false, full_ = false;
};

/// "base and calls": charges and fees of the card that a share can be of, for a help.
std::string some_above(const CardContext& context) {
  std::vector<std::string> names;
  for (const Fee& fee : context.card.fees) names.push_back(fee.name);
  for (const Charge& charge : context.card.charges) names.push_back(charge.name);
  if (names.empty()) return "base and calls";
  return names.size() == 1 ? names.front() : fmt::format("{} and {}", names[0], names[1]);
}

/// The first price that is a percentage, and does not say of what.
const syntax::Term* bare_percentage(const syntax::Charge& charge) {
  for (const auto& line : charge.lines) {
    const auto* row = std::get_if<syntax::Row>(&line);
    if (!row) continue;
    for (const syntax::Term& term : row->price)
      if (term.kind == TermKind::Percent && term.of.empty()) return &term;
  }
  return nullptr;
}

}  // namespace

bool is_share(const syntax::Charge& charge) {
  return std::ranges::any_of(charge.lines, [](const syntax::ChargeLine& line) {
    const auto* row = std::get_if<syntax::Row>(&line);
    return row && std::ranges::any_of(row->price, [](const syntax::Term& term) {
             return term.kind == TermKind::Percent && !term.of.empty();
           });
  });
}

bool is_meant_as_share(const syntax::Charge& charge, CardContext& context) {
  if (charge.on || context.scope.has_meter(charge.name.text)) return false;
  const auto is_row = [](const auto& line) { return std::holds_alternative<syntax::Row>(line); };
  if (charge.damaged && std::ranges::none_of(charge.lines, is_row)) {
    context.report.hold_back();
    return true;
  }
  const syntax::Term* const bare = bare_percentage(charge);
  std::vector<std::string> meters;
  for (const MeterEntry& entry : context.scope.meters()) meters.push_back(entry.meter.name);
  if (!bare || !suggest(charge.name.text, meters).empty()) return false;
  const std::string_view percent = context.read.text(bare->percent->span);
  context.report
      .add("E231", "this percentage does not say of which charges", context.read.at(bare->span))
      .why(fmt::format("there is no meter {} whose money it could be of", quoted(charge.name.text)))
      .help(fmt::format("write `at {} of {}`; or, for the money that a meter counts, `charge {} on "
                        "METER`",
                        percent, some_above(context), charge.name.text));
  return true;
}

Finding report_unfit_for_share(std::string message, Span place, CardContext& context) {
  return context.report.add("E231", std::move(message), context.read.at(place))
      .why("its quantity is the amount of the charges above, not something that was used");
}

std::optional<Term> read_share_term(const syntax::Term& term, CardContext& context) {
  if (term.kind == TermKind::Percent && term.of.empty()) {
    report_unfit_for_share("this percentage does not say of which charges", term.span, context)
        .help("write `of` and the charges, as in the other rows");
    return std::nullopt;
  }
  if (term.kind == TermKind::Percent) {
    auto fraction = context.read.fraction(*term.percent);
    return fraction ? std::optional(Term{TermKind::PerUnit, *fraction, {}}) : std::nullopt;
  }
  if (term.kind == TermKind::Flat) {
    auto amount = context.read.amount(term.money, context.currency);
    return amount ? std::optional(Term{TermKind::Flat, Ratio(*amount), {}}) : std::nullopt;
  }
  report_unfit_for_share("a share of charges has no units to be priced", term.span, context)
      .help(
          "write a percentage of the charges or a flat amount, and other prices in a charge on a "
          "meter");
  return std::nullopt;
}

void check_share(const syntax::Charge& charge, CardContext& context) {
  // What stands in for a meter: money in the currency of the card.
  MeterEntry money;
  money.meter.declaration = std::make_shared<const syntax::Meter>();
  money.meter.name = charge.name.text;
  money.meter.unit = context.currency.currency ? context.currency.currency->name() : "unit";
  money.meter.unit_plural = money.meter.unit;
  money.name = context.read.at(charge.name.span);

  ChargeDraft draft{.syntax = charge, .meter = money, .currency = context.currency, .share = true};
  draft.charge.meter = kNoMeter;
  if (charge.on) {
    report_unfit_for_share("a share of charges is not on a meter", charge.on->span, context)
        .help("leave `on` out, or price the meter in a charge of its own");
  }
  if (!charge.by.empty()) {
    const Span by{charge.by.front().span.begin, charge.by.back().span.end};
    report_unfit_for_share("a share of charges is not split by a dimension", by, context)
        .help("leave `by` out: it is one line of the invoice");
  }
  if (charge.each) {
    report_unfit_for_share("a share of charges has no items or days", charge.each->span, context)
        .help("leave `each` out");
  }
  if (context.card.rounding_place == RoundingPlace::Bill) {
    context.report
        .add("E116", "a card that rounds each bill has no shares of charges",
             context.read.at(draft.head()))
        .why(
            "a share is of rounded lines, and here no line is rounded before the whole bill is "
            "known")
        .help("write `round each line` in the header of the card");
  }
  ShareBase(draft, context).take();
  check_lines(draft, context);
}

}  // namespace toll::dsl::checker
