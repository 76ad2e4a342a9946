// How an answer goes onto the connection.
#pragma once

#include <optional>
#include <string>

#include "http/message.h"

namespace toll::http {

/// Why `answer` cannot be sent as it is: a sentence for the log, or nothing.
std::optional<std::string> fault_of(const Response& answer);

struct AnswerContext {
  bool to_head = false;   ///< the request's method is HEAD
  int minor_version = 1;  ///< of the request
  bool closes = false;    ///< the connection ends behind this answer
};

/// True if the body of `answer` goes with it.
bool sends_body(const Response& answer, const AnswerContext& context);

/// Overwrites `out` with status line, header fields and empty line.
/// REQUIRES: !fault_of(answer).
void write_head(const Response& answer, const AnswerContext& context, std::string& out);

}  // namespace toll::http
