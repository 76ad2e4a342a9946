#include "runtime/quoting/cut_once.h"

#include <algorithm>

namespace toll::runtime {
namespace {

bool is_alike(const OnceStep& a, const OnceStep& b) { return a.kind == b.kind && a.name == b.name; }

/// The line of the same kind in another version: the first, the second one.
const OnceStep* same_step(const std::vector<OnceStep>& steps, const OnceStep& as, size_t number) {
  for (const OnceStep& step : steps)
    if (is_alike(step, as) && number-- == 0) return &step;
  return nullptr;
}

Once once_of(const StepsByPart& steps, size_t by, size_t place) {
  const std::vector<OnceStep>& own = *steps[by];
  const OnceStep& step = own[place];
  const auto number = static_cast<size_t>(
      std::count_if(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(place),
                    [&](const OnceStep& above) { return is_alike(above, step); }));
  // A version without a maximum takes nothing of that of the others.
  const Ratio unsaid = step.kind == dsl::syntax::MoneyLine::Kind::Maximum ? step.amount : Ratio();
  Once once{.in = {}, .amounts = {}, .by = by};
  for (const auto& there : steps) {
    const OnceStep* same = there ? same_step(*there, step, number) : nullptr;
    // A line that is due whole is not due for days.
    if (same && step.prorated && !same->prorated) same = nullptr;
    once.in.push_back(same);
    once.amounts.push_back(once.in.back() ? once.in.back()->amount : there ? unsaid : Ratio());
  }
  return once;
}

}  // namespace

std::vector<Once> acting_once(const StepsByPart& steps, const GoesOn& goes_on) {
  std::vector<Once> merged;
  for (size_t place = 0; place < steps.back()->size(); ++place)
    merged.push_back(once_of(steps, steps.size() - 1, place));
  for (size_t part = steps.size() - 1; part-- > 0;) {
    if (!steps[part]) continue;
    size_t next = 0;  // where a line goes that stands below the last one of its text
    for (size_t place = 0; place < steps[part]->size(); ++place) {
      const auto known = std::ranges::find_if(
          merged, [&](const Once& once) { return once.in[part] == &(*steps[part])[place]; });
      if (known != merged.end())
        next = static_cast<size_t>(known - merged.begin()) + 1;
      else if (goes_on(merged, part, place))
        merged.insert(merged.begin() + static_cast<std::ptrdiff_t>(next++),
                      once_of(steps, part, place));
    }
  }
  return merged;
}

}  // namespace toll::runtime
