// The engine of a data folder.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "engine/engine.h"

namespace toll::cli {

/// Opens what `--data` names.
Result<std::unique_ptr<engine::Engine>> open_engine(const std::string& folder);

}  // namespace toll::cli
