// What `toll test` finds, file by file, as text for people and as JUnit XML for CI.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toll::cli {

struct TestResult {
  enum class Verdict {
    Ok,       ///< an example or invoice that passes
    Fail,     ///< one that does not
    Update,   ///< one whose expected amounts were rewritten
    NotRun,   ///< one whose card, or which itself, is in error
    Tested,   ///< a guarantee that no bill refutes
    Refuted,  ///< a guarantee that a bill refutes
    Error,    ///< a mistake in the file; its text has been printed as a diagnostic
  } verdict = Verdict::Ok;
  uint32_t line = 0;
  std::string title;
  std::string figure;   ///< the total, or how far a test went
  std::string details;  ///< what is printed below; whole lines
  uint64_t microseconds = 0;
};

struct FileResults {
  std::string path;
  std::vector<TestResult> results;  ///< by line
};

/// The file's name and a line for each result but errors; empty where there are none.
std::string results_text(const FileResults& file);

/// A suite per file. Characters that XML cannot hold are written as U+FFFD.
std::string junit_xml(std::span<const FileResults> files);

}  // namespace toll::cli
