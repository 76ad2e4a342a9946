// The answer to a usage document as JSON text: what `toll quote --json` and POST /v1/quotes give.
#pragma once

#include <string>

#include "runtime/answer.h"

namespace toll::wire {

/// Appends `answer` to `out`. `due_at_close`, `over_limit`, `warnings` and a line's `quantity`,
/// `unit` and `steps` are written where there is something in them. Any thread.
void write_answer(const runtime::Answer& answer, std::string& out);

}  // namespace toll::wire
