#include "dsl/grammar/statements.h"

#include <algorithm>
#include <vector>

namespace toll::dsl::grammar {
namespace {

constexpr Statement kStatements[] = {
    {"toll", Kind::Toll, Level::Opening, "toll 1"},

    {"unit", Kind::Unit, Level::Declaration, "unit call, calls"},
    {"dimension", Kind::Dimension, Level::Declaration, "dimension region is EU, US, other"},
    {"meter", Kind::Meter, Level::Declaration, "meter api_calls counts call by region"},
    {"cost", Kind::Cost, Level::Declaration,
     R"(cost gpu_cost "What the fleet costs" on gpu_time by gpu)"},
    {"card", Kind::Card, Level::Declaration, R"(card api_platform "API platform")"},
    {"invoice", Kind::Invoice, Level::Declaration,
     R"(invoice "Acme, March 2026" for api_platform in 2026-03)"},

    {"from", Kind::MeterLine, Level::MeterLine, "from api.request"},
    {"take", Kind::MeterLine, Level::MeterLine, "take input_tokens as kind input"},
    {"step", Kind::MeterLine, Level::MeterLine, "step change"},
    {"until", Kind::MeterLine, Level::MeterLine, "until seat.removed"},
    {"each", Kind::MeterLine, Level::MeterLine, "each rounded up to 0.001 GiB-seconds"},
    {"when", Kind::MeterLine, Level::MeterLine, "when lead.qualified"},
    {"within", Kind::MeterLine, Level::MeterLine, "within 72 hours after conversation.started"},
    {"unless", Kind::MeterLine, Level::MeterLine, "unless conversation.reopened within 7 days"},
    {"once", Kind::MeterLine, Level::MeterLine, "once per conversation"},

    {"from", Kind::CostLine, Level::CostLine, "from 2026-01-01"},
    {"currency", Kind::CostLine, Level::CostLine, "currency USD"},
    {"rows", Kind::CostLine, Level::CostLine, R"(rows from "fleet.csv")"},

    {"from", Kind::Header, Level::Header, "from 2026-01-01"},
    {"currency", Kind::Header, Level::Header, "currency USD"},
    {"time", Kind::Header, Level::Header, "time zone Europe/Berlin"},
    {"period", Kind::Header, Level::Header, "period month"},
    {"round", Kind::Header, Level::Header, "round each line half-up"},

    {"for", Kind::Header, Level::Header, "for customer northwind"},
    {"switch", Kind::Header, Level::Header, "switch next period"},
    {"applies", Kind::Header, Level::Header, "applies to new customers"},

    {"fee", Kind::Fee, Level::Item,
     R"(fee base "Platform fee" at 500.00 USD per month, in advance, not prorated)"},
    {"charge", Kind::Charge, Level::Item, R"(charge api_calls "API calls" by region)"},
    {"pool", Kind::Pool, Level::Item, R"(pool compute "Compute credits" in credit, credits)"},
    {"bill", Kind::Bill, Level::Item, R"(bill minimum 49.00 USD "Monthly minimum")"},
    {"commit", Kind::Commit, Level::Item,
     R"(commit annual 60,000.00 USD per year "Annual commitment")"},
    {"plan", Kind::Plan, Level::Item, R"(plan pro "Pro")"},
    {"limit", Kind::Limit, Level::Item, "limit api_calls to 50,000 calls per month then block"},
    {"feature", Kind::Feature, Level::Item, "feature dashboard, sso"},
    {"alert", Kind::Alert, Level::Item,
     "alert when api_calls reaches 80% of included, notify customer"},
    {"change", Kind::Change, Level::Item, "change charge api_calls"},
    {"remove", Kind::Remove, Level::Item, "remove charge api_calls"},
    {"guarantee", Kind::Guarantee, Level::Item, "guarantee bill never decreases"},
    {"example", Kind::Example, Level::Item, R"(example "Growing customer" in 2026-03)"},

    {"included", Kind::ChargeLine, Level::ChargeLine, "included 100,000 calls"},
    {"rounded", Kind::ChargeLine, Level::ChargeLine, "rounded up to 100 calls"},
    {"tiers", Kind::ChargeLine, Level::ChargeLine, "tiers graduated"},
    {"rows", Kind::ChargeLine, Level::ChargeLine, R"(rows from "sms.csv")"},
    {"discount", Kind::ChargeLine, Level::ChargeLine, "discount 50% when mode is batch"},
    {"surcharge", Kind::ChargeLine, Level::ChargeLine, "surcharge 10%"},
    {"minimum", Kind::ChargeLine, Level::ChargeLine, "minimum 5.00 USD"},
    {"maximum", Kind::ChargeLine, Level::ChargeLine, "maximum 500.00 USD"},

    {"counts", Kind::CommitLine, Level::CommitLine, "counts api_calls, storage"},
    {"true", Kind::CommitLine, Level::CommitLine, "true up every year"},

    {"grant", Kind::PoolLine, Level::PoolLine, "grant 500 credits every month"},
    {"sell", Kind::PoolLine, Level::PoolLine, "sell 1,000 credits for 2,700.00 USD"},
    {"spend", Kind::PoolLine, Level::PoolLine, "spend soonest-expiring first"},
    {"rollover", Kind::PoolLine, Level::PoolLine, "rollover up to 200 credits"},
    {"beyond", Kind::PoolLine, Level::PoolLine, "beyond at 3.00 USD per credit"},

    {"on", Kind::OnPlan, Level::ExampleLine, "on plan pro"},
    {"for", Kind::OfCustomer, Level::ExampleLine, "for customer northwind since 2025-11-01"},
    {"use", Kind::Use, Level::ExampleLine, "use api_calls 250,000 calls"},
    {"used", Kind::UsedToDate, Level::ExampleLine, "used 700,000 calls to date"},
    {"billed", Kind::BilledToDate, Level::ExampleLine, "billed 51,000.00 USD to date"},
    {"granted", Kind::Granted, Level::ExampleLine, "granted 500 credits, expiring 2027-01-01"},
    {"expect", Kind::Expect, Level::ExampleLine, "expect api_calls 600.00 USD"},
};

}  // namespace

std::span<const Statement> statements() { return kStatements; }

constexpr Statement kPriceRow = {"", Kind::Row, Level::ChargeLine, "at 0.0040 USD per call"};
constexpr Statement kTierRow = {"", Kind::Row, Level::ChargeLine,
                                "up to 1M calls at 0.0040 USD per call"};
constexpr Statement kKeyedRow = {"", Kind::Row, Level::ChargeLine,
                                 "mini, output at 1.60 USD per 1M tokens"};
constexpr Statement kDerivedValue = {"", Kind::DerivedValue, Level::DimensionRow,
                                     "short up to 200,000"};
constexpr Statement kTimeValue = {"", Kind::TimeValue, Level::DimensionRow,
                                  "peak Mon-Fri 08:00-20:00"};
constexpr Statement kLostValue = {"", Kind::LostValue, Level::DimensionRow, ""};

std::string keywords_of(std::span<const Level> levels) {
  std::vector<std::string_view> words;
  for (Level level : levels) {
    for (const Statement& s : kStatements) {
      bool listed = std::ranges::find(words, s.keyword) != words.end();
      if (s.level == level && !listed) words.push_back(s.keyword);
    }
  }
  std::string result;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? " or " : ", ";
    result.append("`").append(words[i]).append("`");
  }
  return result;
}

}  // namespace toll::dsl::grammar
