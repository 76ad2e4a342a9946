// Any bytes are a usage document: reading must end with a document or with faults that can be
// shown, and a document must get the same answer from interpreter and native code, which reads back
// as it was written.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/native.h"
#include "runtime/quote.h"
#include "tests/support/answer_reader.h"
#include "tests/support/cards.h"
#include "wire/answer_json.h"
#include "wire/problem_json.h"
#include "wire/usage_json.h"

namespace {

using namespace toll;

void require(bool holds) {
  if (!holds) std::abort();
}

/// The founding cards that check, with native code or without.
runtime::CardSet founding_cards(bool native) {
  static const auto compiler = compiler::NativeCompiler::create();
  const std::vector<dsl::SourceFile> files = testing::ratecard_files("founding");
  std::vector<std::shared_ptr<const runtime::Revision>> revisions;
  for (runtime::CheckedCard& checked : runtime::check_folder(files).cards) {
    std::shared_ptr<const compiler::NativeFunction> function;
    if (native) {
      auto made = compiler->compile(checked.program, compiler::Optimise::No);
      require(made.has_value());
      function = std::make_shared<const compiler::NativeFunction>(*std::move(made));
    }
    revisions.push_back(std::make_shared<const runtime::Revision>(
        std::move(checked.card), std::move(checked.program), std::move(function)));
  }
  require(!revisions.empty());
  return runtime::CardSet(std::move(revisions));
}

void check_faults(const std::vector<runtime::UsageFault>& faults) {
  require(!faults.empty());
  for (const runtime::UsageFault& fault : faults) {
    require(fault.pointer.empty() || fault.pointer.starts_with('/'));
    require(!fault.message.empty());
    for (const char c : fault.message) require(static_cast<unsigned char>(c) >= ' ');
  }
  const auto problem = nlohmann::json::parse(wire::problem_json({400, "Bad Request", "x"}, faults));
  require(problem["errors"].size() == faults.size());
}

std::string written(const runtime::Answer& answer) {
  std::string text;
  wire::write_answer(answer, text);
  return text;
}

void check_answers(const runtime::UsageDocument& document) {
  static const runtime::CardSet interpreted = founding_cards(/*native=*/false);
  static const runtime::CardSet native = founding_cards(/*native=*/true);
  const auto reference = runtime::quote(interpreted, document);
  const auto answer = runtime::quote(native, document);
  const auto explained = runtime::explain(native, document);
  require(reference.has_value() == answer.has_value() &&
          explained.has_value() == answer.has_value());
  if (!answer) return check_faults(answer.error().faults);
  const std::string text = written(*answer);
  require(text == written(*reference) && explained->total == answer->total);
  const auto back = testing::read_answer(text);
  require(back && written(*back) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = wire::read_usage(text, "ai_tokens");
  if (!document) {
    check_faults(document.error());
    return 0;
  }
  require(nlohmann::json::accept(text));
  check_answers(*document);
  return 0;
}
