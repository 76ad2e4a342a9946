// One folder of cards as `toll quote`, `explain` and `show` use it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "dsl/source.h"
#include "runtime/card_set.h"
#include "runtime/loader.h"
#include "runtime/usage.h"

namespace toll::cli {

struct OpenedFolder {
  std::string path;
  std::vector<dsl::SourceFile> files;
  std::vector<dsl::Diagnostic> diagnostics;
  runtime::CardSet cards;  ///< rated by the interpreter
};

/// Reads and checks the folder at `path`; cards in error are left out.
Result<OpenedFolder> open_folder(const std::string& path);

/// The same of a tenant's cards, which stand in the folder of that name below `path`; empty: those
/// directly in it.
Result<OpenedFolder> open_tenants_folder(const std::string& path, const std::string& tenant);

/// Says that the folder has no such card: which one may be meant, or which errors may hide it. The
/// exit code for that.
int complain_of_missing_card(const OpenedFolder& folder, const std::string& card);

/// `cards` with native code for the revision that `document` asks for. Where there is none, `cards`
/// unchanged: quoting then says why.
Result<runtime::CardSet> with_native_code(const runtime::CardSet& cards,
                                          const runtime::UsageDocument& document);

/// Puts native code into `cards` for the revision that `document` asks for, where it has none yet.
/// One that is not live any more stays with the interpreter.
Result<void> add_native_code(runtime::CardSet& cards, const runtime::UsageDocument& document);

}  // namespace toll::cli
