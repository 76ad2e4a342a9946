// Live bills of generated cards: what events come to is the quote of what was used, period after
// period, each with what the one before it left. The usage documents are made here, from what was
// drawn and not from what was counted.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/ratio_text.h"
#include "engine/admission.h"
#include "engine/granting.h"
#include "engine/live_bill.h"
#include "runtime/quote.h"
#include "tests/differential/card_family.h"
#include "tests/differential/card_generator.h"
#include "tests/differential/usage_entry.h"
#include "tests/differential/usage_generator.h"
#include "tests/support/arguments.h"
#include "tests/support/live.h"
#include "wire/answer_json.h"

namespace toll::differential {
namespace {

using std::chrono::days;

uint64_t cards_to_draw = 400;
uint64_t first_seed = 1;
constexpr int kPeriods = 3;
constexpr const char* kTenant = "t";
constexpr const char* kCustomer = "acme";
const Date kStart = *parse_date("2026-01-05");  // as the generator dates its cards

/// The text with an event for each meter, of which all sum that did not list: other aggregations,
/// and what changes events before they are counted, are metering's, and have tests of their own.
std::string with_events(const std::string& text) {
  std::string bound;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line == "  from used" || line == "  take amount" || line.starts_with("  each ")) continue;
    if (line.starts_with("meter ")) {
      const size_t name = line.find(' ') + 1, aggregate = line.find(' ', name) + 1;
      const size_t unit = line.find(' ', aggregate);
      if (line.substr(aggregate, unit - aggregate) != "lists")
        line.replace(aggregate, unit - aggregate, "sums");
      line +=
          fmt::format("\n  from used.{}\n  take amount", line.substr(name, aggregate - 1 - name));
    }
    bound += line + '\n';
  }
  return bound;
}

/// The text with what begins later, a version or a deal, on other days.
std::string with_other_days(std::string text, Random& random, int within) {
  for (const std::string_view begins : {"extends previous\n  from ", "for customer acme\n  from "})
    if (const size_t at = text.find(begins); at != text.npos)
      text.replace(at + begins.size(), 10,
                   toll::to_string(kStart + days(1 + random.below(static_cast<uint64_t>(within)))) +
                       "\n  switch at once");
  return text;
}

/// Null where the text is no card.
std::shared_ptr<const runtime::CardSet> live(const std::string& text) {
  const dsl::SourceFile file{"card.toll", text};
  auto revisions = testing::drawn_revisions({&file, 1});
  if (revisions.empty()) return nullptr;
  return std::make_shared<const runtime::CardSet>(std::move(revisions));
}

/// A customer, its events, and beside it the documents that say the same.
class House {
 public:
  House(uint64_t seed, std::shared_ptr<const runtime::CardSet> cards)
      : random_(seed), cards_(std::move(cards)) {
    const dsl::RateCard& card = first_version();
    document_.card = subscription_.card = card.name;
    document_.customer = kCustomer;
    document_.customer_since = kStart;
    for (const auto& revision : cards_->revisions())
      if (!revision->card().plan.empty()) plans_.push_back(revision->card().plan);
    if (!plans_.empty()) subscription_.plan = random_.pick(plans_);
    document_.currency = subscription_.currency = std::string(card.currency.name());
    subscribe();
  }

  Period period_of(Date first) const {
    return {first, period_containing(cards_->revisions().front()->card().period, first).until};
  }

  /// Empty where both say the same; else both.
  std::string differ_in(const Period& period) {
    document_.period = period;
    document_.usage.clear();
    take(left_);
    if (!plans_.empty() && random_.chance(50)) change_plan(period);
    document_.plan = subscription_.plan_on(period.from);
    document_.plan_changes.clear();
    for (const auto& change : subscription_.plan_changes)
      if (change.first > period.from && change.first < period.until)
        document_.plan_changes.push_back(change);
    for (Date day = period.from; day < period.until;) {
      const auto offer = offer_on(day);
      Date until = day + days(1);
      while (until < period.until && offer_on(until) == offer) until += days(1);
      UsageGenerator generator(offer->card(), offer->program(), random_.below(1'000'000'000));
      const Document drawn = generator.draw();
      if (day == period.from) buy(drawn, offer->card(), period);
      use(drawn, offer->card(), {day, until});
      day = until;
    }
    const Date today = period.from + days(random_.below(static_cast<uint64_t>(period.days())));
    if (std::string difference = compared(today); !difference.empty()) return difference;
    return compared({});
  }

  bool is_refused() const { return refused_; }

 private:
  const dsl::RateCard& first_version() const {
    return cards_->versions("generated")->front()->card();
  }

  void subscribe() {
    const auto put = engine_->put_subscription(kTenant, kCustomer, subscription_);
    EXPECT_TRUE(put && !*put);
  }

  void change_plan(const Period& period) {
    const Date day = period.from + days(random_.below(static_cast<uint64_t>(period.days())));
    const std::string& plan = random_.pick(plans_);
    if (day == kStart || plan == subscription_.plan_on(day)) return;
    subscription_.plan_changes.emplace_back(day, plan);
    subscribe();
  }

  std::shared_ptr<const runtime::Revision> offer_on(Date day) const {
    runtime::UsageDocument asked;
    asked.card = document_.card;
    asked.customer = kCustomer;
    asked.currency = document_.currency;
    asked.plan = subscription_.plan_on(day);
    asked.on = day;
    auto offer = runtime::choose(*cards_, asked);
    if (!offer) testing::give_up(offer.error().faults.front().message);
    return *offer;
  }

  void take(const runtime::NextState& left) {
    document_.used_to_date = left.used_to_date;
    document_.billed_to_date = left.billed_to_date;
    document_.grants.clear();
    for (const runtime::GrantLeft& grant : left.grants) {
      const auto quantity = parse_ratio(grant.quantity);
      EXPECT_TRUE(quantity) << grant.quantity << " is left, and no document takes it";
      document_.grants.push_back({.pool = grant.pool,
                                  .quantity = quantity.value_or(Ratio()),
                                  .from = grant.from,
                                  .expires = grant.expires,
                                  .recurring = grant.recurring});
    }
  }

  /// What the pools hold in the document comes on top, and some of it does not stay.
  void buy(const Document& drawn, const dsl::RateCard& card, const Period& period) {
    for (size_t pool = 0; pool < card.pools.size(); ++pool) {
      Ratio quantity = drawn.available[pool];
      if (quantity.is_zero()) continue;
      if (!card.pools[pool].credit)
        quantity = *checked_div(quantity, Ratio(power_of_ten(card.currency.exponent)));
      runtime::Grant bought{
          .pool = card.pools[pool].name, .quantity = quantity, .from = {}, .expires = {}};
      if (pool % 2 == 0) bought.expires = period.until + days(40);
      const auto kept = engine::grant(*cards_, *engine_,
                                      {.tenant = kTenant,
                                       .customer = kCustomer,
                                       .grant = {.id = std::to_string(next_id_++),
                                                 .subscription = "main",
                                                 .pool = bought.pool,
                                                 .quantity = bought.quantity,
                                                 .from = period.from,
                                                 .expires = bought.expires}});
      EXPECT_TRUE(kept) << kept.error().why.message;
      document_.grants.push_back(std::move(bought));
    }
  }

  void use(const Document& drawn, const dsl::RateCard& card, const Period& period) {
    std::vector<std::vector<const Entry*>> by_day(static_cast<size_t>(period.days()));
    for (const Entry& entry : drawn.entries)
      if (!entry.names_only) by_day[entry.day % by_day.size()].push_back(&entry);
    engine::Admission admission(cards_, *engine_, kTenant);
    engine::Candidates candidates(kTenant);
    for (size_t day = 0; day < by_day.size(); ++day) {
      const Date date = period.from + days(day);
      for (size_t i = 0; i < by_day[day].size(); ++i) {
        const auto read = admission.read(event(*by_day[day][i], card, date, i), candidates);
        EXPECT_TRUE(read) << read.error().message;
        add(*by_day[day][i], card, date);
      }
    }
    const auto judged = engine_->ingest(std::move(candidates));
    ASSERT_TRUE(judged);
    for (const engine::Judged& one : *judged)
      EXPECT_TRUE(one.verdict == engine::Verdict::Accepted && !one.unmetered);
  }

  std::string event(const Entry& entry, const dsl::RateCard& card, Date day, size_t second) {
    const dsl::Meter& meter = card.meters[entry.meter];
    std::string data = fmt::format(R"("amount":{})", entry.quantity.to_string());
    for (size_t i = 0; i < meter.dimensions.size(); ++i) {
      const dsl::Dimension& dimension = card.dimensions[meter.dimensions[i]];
      data += fmt::format(R"(,"{}":"{}")", dimension.name, dimension.values[entry.values[i]]);
    }
    return fmt::format(
        R"({{"specversion":"1.0","id":"{}","source":"/s","type":"used.{}","subject":"{}",)"
        R"("time":"{}T12:{:02}:{:02}Z","data":{{{}}}}})",
        next_id_++, meter.name, kCustomer, toll::to_string(day), second / 60, second % 60, data);
  }

  void add(const Entry& entry, const dsl::RateCard& card, Date day) {
    document_.usage.push_back(usage_entry(entry, card, {day, day + days(1)}));
  }

  /// By what is known when a day begins, or when all is over.
  std::string compared(std::optional<Date> known_until) {
    runtime::UsageDocument asked = document_;
    asked.final = !known_until;
    if (known_until)
      std::erase_if(asked.usage, [&](const auto& entry) { return *entry.from >= *known_until; });
    const auto quote = runtime::quote(*cards_, asked);
    const auto bill = engine::live_bill(
        *cards_, *engine_,
        {.tenant = kTenant,
         .customer = kCustomer,
         .subscription = {},
         .day = document_.period->from,
         .as_of = start_of(known_until.value_or(*parse_date("2190-01-01")), "UTC")});
    refused_ = !quote && !bill;
    if (quote) left_ = quote->next_state;
    const std::string quoted = quote ? text_of(*quote) : quote.error().faults.front().message;
    const std::string billed = bill ? text_of(*bill) : bill.error().message;
    return refused_ || quoted == billed ? "" : quoted + '\n' + billed;
  }

  static std::string text_of(const runtime::Answer& answer) {
    std::string text;
    wire::write_answer(answer, text);
    return text;
  }

  Random random_;
  const std::shared_ptr<const runtime::CardSet> cards_;
  std::vector<std::string> plans_;
  engine::Subscription subscription_ = {
      .id = "main", .card = {}, .plan = {}, .currency = {}, .start = kStart, .end = {}};
  std::unique_ptr<engine::Engine> engine_ =
      *engine::Engine::open(std::make_unique<engine::MemoryStore>());
  runtime::UsageDocument document_;
  runtime::NextState left_;
  bool refused_ = false;
  int next_id_ = 1;
};

TEST(LiveBill, IsTheQuoteOfWhatWasUsed) {
  uint64_t bills = 0, refused = 0;
  for (uint64_t seed = first_seed; seed < first_seed + cards_to_draw; ++seed) {
    Random random(seed);
    constexpr std::array kWithin = {2, 12, 80, 400};
    const std::string text = seed % 2 == 0
                                 ? with_events(generate_card(seed).text)
                                 : with_other_days(with_events(generate_family(seed).text), random,
                                                   random.pick(kWithin));
    const auto cards = live(text);
    if (!cards) continue;
    House house(seed, cards);
    Period period = house.period_of(kStart);
    for (int i = 0; i < kPeriods && !house.is_refused(); ++i) {
      const std::string difference = house.differ_in(period);
      ASSERT_EQ(difference, "") << "seed " << seed << ", from " << toll::to_string(period.from)
                                << '\n'
                                << text;
      ++bills;
      refused += house.is_refused();
      period = house.period_of(period.until);
    }
  }
  fmt::print("{} bills, {} refused\n", bills, refused);
  EXPECT_LT(refused, bills / 4);
}

}  // namespace
}  // namespace toll::differential

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  using namespace toll::differential;
  using toll::testing::read_flag;
  for (int i = 1; i < argc; ++i)
    if (!read_flag(argv[i], "--cards=", cards_to_draw) &&
        !read_flag(argv[i], "--seed=", first_seed)) {
      fmt::print(stderr, "{} is not --cards=N or --seed=S\n", argv[i]);
      return 2;
    }
  return RUN_ALL_TESTS();
}
