// The answer to a usage document as JSON text: what `toll quote --json` and POST /v1/quotes give.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/answer.h"

namespace toll::wire {

/// Appends `answer` to `out`. `due_at_close`, `over_limit` and a line's `quantity`, `unit` and
/// `steps` are written where there is something in them. Any thread.
void write_answer(const runtime::Answer& answer, std::string& out);

/// Reads what write_answer() wrote, for clients. Fields that it does not know are passed over; an
/// Error says which one is missing or of another kind.
Result<runtime::Answer> read_answer(std::string_view text);

}  // namespace toll::wire
