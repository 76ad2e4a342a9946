// Writing past the caches: what is written and not read soon needs no room there, and a line of
// memory that is written whole need not be read first.
#pragma once

#include <cstddef>
#include <cstdint>

namespace toll::compiler {

/// Copies; the writes are seen by other threads after end_of_streams().
void stream_out(int64_t* to, const int64_t* from, size_t count);

void end_of_streams();

}  // namespace toll::compiler
