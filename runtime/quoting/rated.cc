#include "runtime/quoting/rated.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>

#include <fmt/format.h>

#include "runtime/quoting/answer_writer.h"

namespace toll::runtime {
namespace {

using compiler::CreditStep;
using compiler::RateInput;
using compiler::RateOutput;

std::vector<compiler::Grant> grants_of(const BoundUsage& bound) {
  std::vector<compiler::Grant> grants;
  for (const BoundGrant& grant : bound.grants) grants.push_back(grant.grant);
  return grants;
}

Refusal pool_too_large(const std::string& pool) {
  return {
      Refusal::Kind::Unfit,
      {{"/usage", fmt::format("what is left of `{}` needs more than 128 bits: use quantities and "
                              "credits of fewer digits",
                              pool)}}};
}

/// Rates a period that grants cut: what the charges come to at the end of each segment, and so what
/// grants pay, is known before the whole is rated.
class SegmentRating {
 public:
  SegmentRating(BoundUsage& bound, bool final) : bound_(bound), final_(final) {
    available_.resize(bound.revision->card().pools.size());
    parts_ = {bound.input->credit_scale, bound.input->credit_split};
    for (const auto& part : bound.parts)
      parts_.scale = std::max(parts_.scale, part->input->credit_scale);
    copy_money();
  }

  std::expected<void, Refusal> rate(RateOutput& output, compiler::Trace* trace) {
    if (auto fine = refine(); !fine) return fine;
    // Nothing is beyond the pools while it is not known what they pay.
    for (const CreditStep& step : program().credit_steps) available_[step.billed_by()] = kInt128Max;
    used_.resize(program().credit_steps.size());
    for (const auto& part : bound_.parts)
      if (auto fine = take_part(*part); !fine) return fine;
    const RateInput whole = with_grants(*bound_.input, final_);
    bound_.revision->rate(whole, output);
    if (output.fault != compiler::FaultKind::None) return {};
    take(whole, output);
    pay();
    if (trace)
      compiler::interpret(program(), whole, output, trace);
    else
      bound_.revision->rate(whole, output);
    return {};
  }

  const std::vector<std::vector<std::vector<Int128>>>& used() const { return used_; }
  const compiler::CreditParts& parts() const { return parts_; }

 private:
  const compiler::RatingProgram& program() const { return bound_.revision->program(); }

  /// So that each grant is whole, and each that part of one which earlier segments leave.
  std::expected<void, Refusal> refine() {
    for (const BoundGrant& grant : bound_.grants)
      for (const CreditStep& step : program().credit_steps)
        for (const CreditStep::Draw& draw : step.draws)
          if (draw.pool == grant.grant.pool && !parts_.refine(step, grant.grant.quantity))
            return std::unexpected(pool_too_large(bound_.revision->card().pools[draw.pool].name));
    return {};
  }

  void copy_money() {
    for (const uint32_t pool : program().money_pools)
      available_[pool] = bound_.input->available[pool];
  }

  RateInput with_grants(const RateInput& input, bool final) const {
    RateInput result = input;
    result.available = available_.data();
    result.credit_scale = parts_.scale;
    result.credit_split = parts_.split;
    result.final = final;
    return result;
  }

  std::expected<void, Refusal> take_part(const BoundUsage::Part& part) {
    const RateInput input = with_grants(*part.input, false);
    std::vector<compiler::LineAmount> lines(compiler::line_count(program(), input));
    RateOutput output{.lines = lines.data()};
    bound_.revision->rate(input, output);
    if (output.fault != compiler::FaultKind::None)
      return std::unexpected(refusal_of(*bound_.revision, input, output));
    take(input, output);
    return {};
  }

  void take(const RateInput& input, const RateOutput& output) {
    for (size_t i = 0; i < used_.size(); ++i)
      used_[i].push_back(
          compiler::credits_used(program(), program().credit_steps[i], input, output));
  }

  void pay() {
    const std::vector<compiler::Grant> grants = grants_of(bound_);
    for (size_t i = 0; i < used_.size(); ++i) {
      const CreditStep& step = program().credit_steps[i];
      Int128 sum = 0;  // at most what the charges come to, but for what was drawn and then fell
      for (const Int128 paid :
           compiler::paid_by_grants(step, grants, used_[i], parts_.of_credit(step)))
        sum = checked_add(sum, paid).value_or(kInt128Max);
      available_[step.billed_by()] = sum;
    }
  }

  BoundUsage& bound_;
  const bool final_;
  compiler::CreditParts parts_;
  std::vector<Int128> available_;
  std::vector<std::vector<std::vector<Int128>>> used_;  // by credit step, segment and charge
};

}  // namespace

std::expected<void, Refusal> rate(BoundUsage& bound, bool final, RateOutput& output,
                                  compiler::Trace* trace) {
  if (!bound.parts.empty()) {
    SegmentRating rating(bound, final);
    auto fine = rating.rate(output, trace);
    bound.used_of_segments = rating.used();
    bound.credit_parts = rating.parts();
    return fine;
  }
  RateInput input = *bound.input;
  input.final = final;
  if (trace)
    compiler::interpret(bound.revision->program(), input, output, trace);
  else
    bound.revision->rate(input, output);
  return {};
}

std::vector<Draws> draws_of(const BoundUsage& bound, const RateOutput& output) {
  const compiler::RatingProgram& program = bound.revision->program();
  const std::vector<compiler::Grant> grants = grants_of(bound);
  const bool cut = !bound.parts.empty();
  const compiler::CreditParts parts =
      cut ? bound.credit_parts
          : compiler::CreditParts{bound.input->credit_scale, bound.input->credit_split};
  std::vector<Draws> result;
  for (size_t i = 0; i < program.credit_steps.size(); ++i) {
    const CreditStep& step = program.credit_steps[i];
    std::vector<std::vector<Int128>> used;
    if (cut)
      used = bound.used_of_segments[i];
    else
      used.push_back(compiler::credits_used(program, step, *bound.input, output));
    Draws draws;
    draws.unit = parts.of_credit(step);
    draws.paid = compiler::paid_by_grants(step, grants, used, draws.unit);
    Int128 paid = 0;
    for (const Int128 each : draws.paid) paid += each;
    for (const Int128 each : used.back()) draws.beyond += each;
    draws.beyond = std::max<Int128>(0, draws.beyond - paid);
    result.push_back(std::move(draws));
  }
  return result;
}

std::expected<std::vector<Ratio>, Refusal> left_of_grants(const BoundUsage& bound,
                                                          const RateOutput& output) {
  const dsl::RateCard& card = bound.revision->card();
  const compiler::RatingProgram& program = bound.revision->program();
  const std::vector<compiler::Grant> grants = grants_of(bound);
  std::vector<Ratio> left;
  for (const compiler::Grant& grant : grants) left.push_back(grant.quantity);
  for (const Draws& draws : draws_of(bound, output)) {
    for (size_t g = 0; g < grants.size(); ++g) {
      if (draws.paid[g] == 0) continue;
      const auto rest = checked_sub(left[g], Ratio::of(draws.paid[g], draws.unit));
      if (!rest) return std::unexpected(pool_too_large(card.pools[grants[g].pool].name));
      left[g] = *rest;
    }
  }
  compiler::for_each_line(
      program, *bound.input, [&](uint32_t line, const compiler::LineOrigin& origin) {
        if (origin.kind != compiler::LineOrigin::Kind::Pool || card.pools[origin.item].credit)
          return;
        Ratio open(-Int128{output.lines[line].amount});
        for (size_t g = 0; g < grants.size(); ++g) {
          if (grants[g].pool != origin.item || grants[g].first == grants[g].end) continue;
          const Ratio paid = std::min(open, left[g]);
          open = *checked_sub(open, paid);
          left[g] = *checked_sub(left[g], paid);
        }
      });
  return left;
}

}  // namespace toll::runtime
