#include "runtime/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "compiler/lower.h"
#include "compiler/sample_usage.h"
#include "compiler/usage_vector.h"
#include "dsl/check.h"
#include "dsl/parse.h"

namespace toll::runtime {
namespace {

namespace fs = std::filesystem;

/// Usages that native code is compared on with the interpreter before it may answer.
constexpr int kVerifyUsages = 1000;

/// Length of the period that they are in. Each count of covered days comes up in finished and in
/// unfinished periods.
constexpr int kVerifyPeriodDays = 31;

Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(Error{fmt::format("cannot read `{}`", path.string())});
  // One byte over the limit is enough for the parser to refuse the file.
  std::string text(dsl::ParseLimits{}.bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::unexpected(Error{fmt::format("cannot read `{}`", path.string())});
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

/// Lowers a card and tests its guarantees, unless `tested` has the same text; what stands against
/// it goes into the folder's diagnostics.
void check_card(dsl::RateCard card, const CardSet& tested, CheckedFolder& folder) {
  auto program = compiler::lower(card);
  if (!program) {
    folder.diagnostics.push_back(std::move(program.error()));
    return;
  }
  CheckedCard checked{std::move(card), std::move(*program), {}};
  bool holds = true;
  if (!tested.find_hash(checked.card.name, checked.card.hash))
    checked.guarantees = compiler::test_guarantees(checked.card, checked.program);
  for (const compiler::GuaranteeVerdict& verdict : checked.guarantees) {
    if (!verdict.refutation) continue;
    folder.diagnostics.push_back(*verdict.refutation);
    holds = false;
  }
  (holds ? folder.cards : folder.refuted).push_back(std::move(checked));
}

using Key = std::pair<std::string, Date>;
Key key_of(const dsl::RateCard& card) { return {card.name, card.from}; }

/// Builds the next set from a checked folder and the set before it.
class NextSet {
 public:
  NextSet(const compiler::NativeCompiler& compiler, compiler::Optimise optimise,
          const CardSet& previous)
      : compiler_(compiler), optimise_(optimise), previous_(previous) {}

  void add(CheckedCard checked, Loaded& loaded) {
    std::shared_ptr<const compiler::NativeFunction> native;
    if (const auto before = previous_.find_hash(checked.card.name, checked.card.hash))
      native = before->native();
    if (!native) {
      auto made = compile_verified(compiler_, checked.card, checked.program, optimise_);
      if (!made) {
        loaded.failures.push_back(fmt::format("{}: {}", checked.card.name, made.error().message));
        return;
      }
      native = std::move(*made);
    }
    present_.insert(key_of(checked.card));
    sources_.insert(checked.card.source.file);
    revisions_.push_back(std::make_shared<const Revision>(
        std::move(checked.card), std::move(checked.program), std::move(native)));
  }

  /// Cards of `previous` that are missing now although their file is there: while anything in the
  /// folder is wrong, they are taken to be broken rather than removed. A file holds one version; so
  /// a version whose file made another one now was replaced by it.
  void keep_broken(Loaded& loaded) {
    if (loaded.failures.empty() && !dsl::has_errors(loaded.diagnostics)) return;
    for (const auto& [name, versions] : previous_.cards()) {
      for (const std::shared_ptr<const Revision>& revision : versions) {
        const std::string& file = revision->card().source.file;
        if (present_.contains(key_of(revision->card())) || sources_.contains(file) ||
            !has_file(loaded, file))
          continue;
        revisions_.push_back(revision);
        loaded.kept.push_back(fmt::format("{} {}", name, revision->version()));
      }
    }
  }

  std::shared_ptr<const CardSet> take() {
    return std::make_shared<const CardSet>(std::move(revisions_));
  }

 private:
  static bool has_file(const Loaded& loaded, const std::string& name) {
    const auto is_it = [&](const dsl::SourceFile& file) {
      return fs::path(file.path).filename() == name;
    };
    return std::ranges::any_of(loaded.files, is_it);
  }

  const compiler::NativeCompiler& compiler_;
  const compiler::Optimise optimise_;
  const CardSet& previous_;
  std::set<Key> present_;
  std::set<std::string> sources_;  ///< files that the new revisions stand in
  std::vector<std::shared_ptr<const Revision>> revisions_;
};

}  // namespace

bool is_card_file(const fs::directory_entry& entry) {
  std::error_code error;  // a link to nowhere, which is no file
  return entry.path().extension() == ".toll" &&
         !entry.path().filename().string().starts_with('.') && entry.is_regular_file(error);
}

Result<std::vector<dsl::SourceFile>> read_folder(const fs::path& folder,
                                                 const std::string& shown_as) {
  std::error_code error;
  std::vector<fs::path> paths;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    if (is_card_file(*entry)) paths.push_back(entry->path());
  if (error)
    return std::unexpected(
        Error{fmt::format("cannot read folder `{}`: {}", folder.string(), error.message())});
  std::ranges::sort(paths);
  std::vector<dsl::SourceFile> files;
  for (const fs::path& path : paths) {
    auto text = read_file(path);
    if (!text) return std::unexpected(text.error());
    files.push_back({(fs::path(shown_as) / path.filename()).string(), std::move(*text)});
  }
  return files;
}

CheckedFolder check_folder(std::span<const dsl::SourceFile> files, const CardSet& tested) {
  dsl::Checked checked = dsl::check(files);
  CheckedFolder folder;
  folder.diagnostics = std::move(checked.diagnostics);
  for (dsl::RateCard& card : checked.cards) check_card(std::move(card), tested, folder);
  std::ranges::stable_sort(folder.diagnostics, {}, [](const dsl::Diagnostic& diagnostic) {
    return std::pair(diagnostic.primary.place.file, diagnostic.primary.place.span.begin);
  });
  return folder;
}

Result<std::shared_ptr<const compiler::NativeFunction>> compile_verified(
    const compiler::NativeCompiler& compiler, const dsl::RateCard& card,
    const compiler::RatingProgram& program, compiler::Optimise optimise) {
  auto native = compiler.compile(program, optimise);
  if (!native) return std::unexpected(native.error());
  compiler::UsageSampler sampler(card, std::hash<std::string>{}(card.hash));
  compiler::UsageVector usage(card, program);
  std::vector<compiler::LineAmount> lines;
  for (int i = 0; i < kVerifyUsages; ++i) {
    usage.clear();
    for (const compiler::UsageSampler::Draw& draw : sampler.draw())
      usage.add(draw.meter, draw.values, draw.quantity);
    compiler::RateInput* const input = usage.bind();
    if (!input) continue;
    input->period_days = kVerifyPeriodDays;
    input->covered_days = i % kVerifyPeriodDays + 1;
    input->final = i / kVerifyPeriodDays % 2;
    lines.resize(usage.lines().size());
    compiler::RateOutput reference{.lines = usage.lines().data()}, result{.lines = lines.data()};
    compiler::interpret(program, *input, reference);
    (*native)(*input, result);
    if (!compiler::same_result(program, *input, reference, result))
      return std::unexpected(Error{"native code and interpreter differ: please report this card"});
  }
  return std::make_shared<const compiler::NativeFunction>(std::move(*native));
}

Result<Loaded> load_folder(const fs::path& folder, const compiler::NativeCompiler& compiler,
                           compiler::Optimise optimise, const CardSet& previous) {
  auto files = read_folder(folder, folder.string());
  if (!files) return std::unexpected(files.error());
  CheckedFolder checked = check_folder(*files, previous);
  Loaded loaded;
  loaded.files = std::move(*files);
  loaded.diagnostics = std::move(checked.diagnostics);
  NextSet next(compiler, optimise, previous);
  for (CheckedCard& card : checked.cards) next.add(std::move(card), loaded);
  next.keep_broken(loaded);
  loaded.cards = next.take();
  return loaded;
}

std::shared_ptr<const CardSet> optimised(const CardSet& cards,
                                         const compiler::NativeCompiler& compiler,
                                         std::vector<std::string>& failures) {
  std::vector<std::shared_ptr<const Revision>> revisions;
  for (const auto& [name, versions] : cards.cards()) {
    for (const std::shared_ptr<const Revision>& revision : versions) {
      revisions.push_back(revision);
      if (revision->native() && revision->native()->optimise() == compiler::Optimise::Yes) continue;
      auto native = compile_verified(compiler, revision->card(), revision->program(),
                                     compiler::Optimise::Yes);
      if (native)
        revisions.back() = std::make_shared<const Revision>(revision->card(), revision->program(),
                                                            std::move(*native));
      else
        failures.push_back(
            fmt::format("{} {}: {}", name, revision->version(), native.error().message));
    }
  }
  return std::make_shared<const CardSet>(std::move(revisions));
}

}  // namespace toll::runtime
