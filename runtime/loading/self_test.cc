#include "runtime/loading/self_test.h"

#include <fmt/format.h>

#include "base/money.h"
#include "runtime/examples.h"

namespace toll::runtime {
namespace {

std::string amount_text(const Mismatch& mismatch, const std::optional<Ratio>& amount,
                        Currency currency) {
  if (!amount) return "nothing";
  if (!mismatch.unit.empty()) return fmt::format("{} {}", amount->to_string(), mismatch.unit);
  return fmt::format("{} {}", format_minor_grouped(amount->numerator(), currency), currency.name());
}

}  // namespace

std::string why_example_fails(const std::shared_ptr<const Revision>& revision,
                              const dsl::Example& example, const CardSet::Revisions& offers) {
  const ExampleResult result = run_example(revision, example, offers);
  if (result.passed()) return "";
  const std::string name = fmt::format("the {} \"{}\" ({})", example.whole ? "invoice" : "example",
                                       result.title, result.source);
  if (!result.fault.empty()) return fmt::format("{} cannot be rated: {}", name, result.fault);
  if (result.expects_nothing) return name + " expects nothing";
  const Mismatch& first = result.mismatches.front();
  const Currency currency = revision->card().currency;
  return fmt::format("{} expects {} of `{}`{} and gets {}", name,
                     amount_text(first, first.expected, currency), first.path,
                     first.left ? " left" : "", amount_text(first, first.got, currency));
}

}  // namespace toll::runtime
