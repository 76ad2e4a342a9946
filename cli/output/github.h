// Workflow commands, which GitHub shows as annotations beside the lines of a pull request.
#pragma once

#include <span>
#include <string>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace toll::cli {

/// `::error file=…,line=…,col=…,endColumn=…,title=…::MESSAGE` and a line break.
std::string workflow_command(const dsl::Diagnostic& diagnostic,
                             std::span<const dsl::SourceFile> files);

}  // namespace toll::cli
