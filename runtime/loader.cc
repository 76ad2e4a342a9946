#include "runtime/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "compiler/lower.h"
#include "compiler/sample_usage.h"
#include "compiler/usage_vector.h"
#include "dsl/check.h"
#include "dsl/parse.h"
#include "dsl/table_file.h"

namespace toll::runtime {
namespace {

namespace fs = std::filesystem;

/// Usages that native code is compared on with the interpreter before it may answer.
constexpr int kVerifyUsages = 1000;

/// Length of the period that they are in. Each count of covered days comes up in finished and in
/// unfinished periods.
constexpr int kVerifyPeriodDays = 31;

Result<std::string> read_file(const fs::path& path, size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return std::unexpected(
        Error{fmt::format("cannot read `{}`: {}", path.string(), std::strerror(errno))});
  // One byte over the limit is enough for the checker to refuse the file.
  const size_t most = bytes_max + 1;
  constexpr size_t kPiece = 64 * 1024;
  std::string text;
  while (file && text.size() < most) {
    const size_t before = text.size();
    text.resize(std::min(before + kPiece, most));
    file.read(text.data() + before, static_cast<std::streamsize>(text.size() - before));
    text.resize(before + static_cast<size_t>(file.gcount()));
  }
  if (file.bad()) return std::unexpected(Error{fmt::format("cannot read `{}`", path.string())});
  return text;
}

bool is_called_like_a_card(const fs::path& path) {
  return path.extension() == ".toll" && !path.filename().string().starts_with('.');
}

/// Whether a path, its links followed, stays in the folder.
bool stays_in(const fs::path& folder, const fs::path& path) {
  std::error_code error;
  const fs::path top = fs::canonical(folder, error);
  const fs::path target = error ? fs::path() : fs::canonical(path, error);
  return !error && std::ranges::mismatch(top, target).in1 == top.end();
}

/// A table file that a card of the folder names; empty where there is none.
std::optional<dsl::SourceFile> read_table(const fs::path& folder, const std::string& name,
                                          const std::string& shown_as) {
  const fs::path path = folder / name;
  dsl::SourceFile file{(fs::path(shown_as) / name).string(), {}};
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status) && !fs::is_symlink(fs::symlink_status(path, error))) return std::nullopt;
  if (!stays_in(folder, path)) {
    file.unread = "it is a link that leads out of the folder, or to nothing";
  } else if (!fs::is_regular_file(status)) {
    file.unread = "it is no file";
  } else if (auto text = read_file(path, dsl::kTableFileBytesMax)) {
    file.text = std::move(*text);
  } else {
    file.unread = text.error().message;
  }
  return file;
}

using Key = std::pair<std::string, Date>;
Key key_of(const dsl::RateCard& card) { return {card.name, card.from}; }

/// The versions of a folder on their way from the checker: each is sound in all of its offers, or
/// left out, and with it what stands on it.
class FolderCheck {
 public:
  FolderCheck(const CardSet& tested, std::vector<dsl::Diagnostic>& diagnostics)
      : tested_(tested), diagnostics_(diagnostics) {}

  /// Lowers an offer and tests its guarantees, unless `tested` has the same text.
  void take(dsl::RateCard card) {
    if (card.offer == 0)
      versions_.push_back({key_of(card), card.source.place, dsl::held_back(card)});
    Version& version = versions_.back();
    auto program = compiler::lower(card);
    if (!program) return refuse(version, card, std::move(program.error()));
    CheckedCard checked{std::move(card), std::move(*program), {}};
    if (!is_tested(checked.card)) {
      checked.guarantees = compiler::test_guarantees(checked.card, checked.program);
      for (const compiler::GuaranteeVerdict& verdict : checked.guarantees)
        if (verdict.refutation) refute(version, checked.card, *verdict.refutation);
    }
    version.offers.push_back(std::move(checked));
  }

  void finish(CheckedFolder& folder) {
    for (Version& version : versions_) compare(version);
    do fail_deals_as_a_whole();
    while (hold_back());
    for (Version& version : versions_) {
      if (!version.sound) folder.held_back.push_back(std::move(version.in_error));
      if (version.sound || version.refuted)
        std::ranges::move(version.offers,
                          std::back_inserter(version.sound ? folder.cards : folder.refuted));
    }
  }

 private:
  struct Version {
    Key key;
    dsl::Place declared;
    dsl::HeldBack in_error;  ///< what is known of it where it is not sound
    std::vector<CheckedCard> offers = {};
    bool sound = true;
    bool refuted = false;  ///< a guarantee fails in one of the offers
    std::set<std::tuple<std::string, uint32_t, uint32_t>> said = {};
  };

  bool is_tested(const dsl::RateCard& card) const {
    return tested_.find_hash(card.name, card.hash) != nullptr;
  }

  /// What is wrong in several offers at one place is said of the first.
  void refuse(Version& version, const dsl::RateCard& card, dsl::Diagnostic why) {
    version.sound = false;
    const dsl::Place place = why.primary.place;
    if (!version.said.emplace(why.code, place.file, place.span.begin).second) return;
    if (const std::string offer = offer_text(card); !offer.empty())
      why.notes.push_back({"note", offer});
    diagnostics_.push_back(std::move(why));
  }

  void refute(Version& version, const dsl::RateCard& card, const dsl::Diagnostic& why) {
    version.refuted = true;
    refuse(version, card, why);
  }

  Version* find(const Key& key) {
    const auto found = std::ranges::find(versions_, key, &Version::key);
    return found == versions_.end() ? nullptr : &*found;
  }

  /// The offer of another version that a customer of this one would have there.
  static const CheckedCard& counterpart(const Version& other, const dsl::RateCard& card) {
    const CheckedCard* in_common = nullptr;
    for (const CheckedCard& offer : other.offers) {
      if (offer.card.currency != card.currency) continue;
      if (offer.card.plan == card.plan) return offer;
      if (!in_common) in_common = &offer;
    }
    return in_common ? *in_common : other.offers.front();
  }

  /// Guarantees that speak of another card.
  void compare(Version& version) {
    if (!version.sound) return;
    for (CheckedCard& checked : version.offers) {
      for (uint32_t i = 0; i < checked.card.guarantees.size(); ++i) {
        const dsl::Guarantee& guarantee = checked.card.guarantees[i];
        if (guarantee.kind != dsl::syntax::Guarantee::Kind::NeverDearer) continue;
        const Version* other = find({guarantee.than, *guarantee.than_from});
        if (!other || other->offers.empty()) {
          refuse(version, checked.card,
                 in_error(guarantee.source.place, guarantee.than, *guarantee.than_from));
          continue;
        }
        const CheckedCard& there = counterpart(*other, checked.card);
        if (is_tested(checked.card) && is_tested(there.card)) continue;
        checked.guarantees.push_back(compiler::test_never_dearer(checked.card, checked.program, i,
                                                                 there.card, there.program));
        if (checked.guarantees.back().refutation)
          refute(version, checked.card, *checked.guarantees.back().refutation);
      }
    }
  }

  static dsl::Diagnostic in_error(dsl::Place place, const std::string& card, Date from) {
    dsl::Diagnostic why =
        dsl::diagnostic("E514",
                        fmt::format("the card `{}` of {} is in error, and this one stands on it",
                                    card, to_string(from)),
                        place);
    why.notes.push_back({"help", "mend that card first"});
    return why;
  }

  /// A deal stands there once for each version of its card. With one left out all are: else its
  /// customer would pay the list price on the days of that one.
  void fail_deals_as_a_whole() {
    std::set<std::pair<uint32_t, uint32_t>> failed;
    const auto place = [](const Version& version) {
      return std::pair(version.declared.file, version.declared.span.begin);
    };
    for (const Version& version : versions_)
      if (!version.sound) failed.insert(place(version));
    for (Version& version : versions_)
      if (failed.contains(place(version))) version.sound = false;
  }

  /// Leaves out what stands on a version that was left out; whether there was any.
  bool hold_back() {
    bool any = false;
    for (Version& version : versions_) {
      if (!version.sound) continue;
      const dsl::RateCard& card = version.offers.front().card;
      for (const dsl::RateCard::Extended& below : card.stands_on) {
        const Version* other = find({below.card, below.from});
        if (!other || other->sound || !version.sound) continue;
        refuse(version, card, in_error(card.source.place, below.card, below.from));
        any = true;
      }
    }
    return any;
  }

  const CardSet& tested_;
  std::vector<dsl::Diagnostic>& diagnostics_;
  std::vector<Version> versions_;
};

/// How many offers the version has that stands first.
size_t offer_count(std::span<const CheckedCard> cards) {
  const auto next = std::ranges::find(
      cards.subspan(1), 0u, [](const CheckedCard& checked) { return checked.card.offer; });
  return static_cast<size_t>(next - cards.begin());
}

/// Builds the next set from a checked folder and the set before it.
class NextSet {
 public:
  NextSet(const compiler::NativeCompiler& compiler, MakeNative make, const CardSet& previous,
          std::vector<dsl::HeldBack> held_back)
      : compiler_(compiler), make_(make), previous_(previous), held_back_(std::move(held_back)) {}

  /// All offers of one version, or none where the native code of one cannot be made.
  void add(std::span<CheckedCard> version, Loaded& loaded) {
    CardSet::Revisions offers;
    for (CheckedCard& checked : version) {
      std::shared_ptr<const compiler::NativeFunction> native = native_before(checked.card);
      if (!native && make_.at_once_max > 0) {
        --make_.at_once_max;
        auto made = compile_verified(compiler_, checked.card, checked.program, make_.optimise);
        if (!made) {
          loaded.failures.push_back(fmt::format("{}: {}", checked.card.name, made.error().message));
          return leave_out(checked.card);
        }
        native = std::move(*made);
      }
      offers.push_back(std::make_shared<const Revision>(
          std::move(checked.card), std::move(checked.program), std::move(native)));
    }
    std::ranges::move(offers, std::back_inserter(revisions_));
  }

  /// Cards of `previous` that are missing now although their file is there: while anything in the
  /// folder is wrong, they are taken to be broken rather than removed. A version whose file makes
  /// others now was replaced by them, unless its card is in error there.
  void keep_broken(Loaded& loaded) {
    if (loaded.failures.empty() && !dsl::has_errors(loaded.diagnostics)) return;
    leave_out_rest();
    std::set<Key> present;
    std::set<std::string> sources;
    std::set<std::pair<std::string, std::string>> in_error;
    for (const auto& revision : revisions_) {
      present.insert(key_of(revision->card()));
      sources.insert(revision->card().source.file);
    }
    for (const dsl::HeldBack& held : held_back_) in_error.emplace(held.file, held.card);
    for (const auto& [name, versions] : previous_.cards()) {
      for (const std::shared_ptr<const Revision>& revision : versions) {
        const std::string& file = revision->card().source.file;
        const bool replaced = sources.contains(file) && !in_error.contains({file, name});
        if (present.contains(key_of(revision->card())) || replaced || !has_file(loaded, file))
          continue;
        std::ranges::copy(previous_.offers(*revision), std::back_inserter(revisions_));
        loaded.kept.push_back(fmt::format("{} {}", name, revision->version()));
      }
    }
  }

  std::shared_ptr<const CardSet> take() {
    return std::make_shared<const CardSet>(std::move(revisions_), std::move(held_back_));
  }

 private:
  /// A version without native code.
  void leave_out(const dsl::RateCard& card) {
    held_back_.push_back(dsl::held_back(card));
    without_code_.insert(text_of(card));
  }

  /// Where a version is declared; a deal has several at one place.
  static std::pair<uint32_t, uint32_t> text_of(const dsl::RateCard& card) {
    return {card.source.place.file, card.source.place.span.begin};
  }

  /// A deal without native code for one version of its card goes live for none.
  void leave_out_rest() {
    std::erase_if(revisions_, [&](const std::shared_ptr<const Revision>& revision) {
      if (!without_code_.contains(text_of(revision->card()))) return false;
      held_back_.push_back(dsl::held_back(revision->card()));
      return true;
    });
  }

  std::shared_ptr<const compiler::NativeFunction> native_before(const dsl::RateCard& card) const {
    const auto before = previous_.find_hash(card.name, card.hash);
    if (!before) return nullptr;
    const CardSet::Revisions& offers = previous_.offers(*before);
    return card.offer < offers.size() ? offers[card.offer]->native() : nullptr;
  }

  static bool has_file(const Loaded& loaded, const std::string& name) {
    const auto is_it = [&](const dsl::SourceFile& file) {
      return fs::path(file.path).filename() == name;
    };
    return std::ranges::any_of(loaded.files, is_it);
  }

  const compiler::NativeCompiler& compiler_;
  MakeNative make_;
  const CardSet& previous_;
  std::vector<dsl::HeldBack> held_back_;
  std::set<std::pair<uint32_t, uint32_t>> without_code_;
  CardSet::Revisions revisions_;
};

}  // namespace

bool is_card_file(const fs::directory_entry& entry) {
  std::error_code error;  // a link to nowhere, which is no file
  return is_called_like_a_card(entry.path()) && entry.is_regular_file(error);
}

std::vector<std::string> links_to_nothing(const fs::path& folder) {
  std::vector<std::string> links;
  std::error_code error, none;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    if (is_called_like_a_card(entry->path()) && entry->is_symlink(none) && !entry->exists(none))
      links.push_back(entry->path().filename().string());
  std::ranges::sort(links);
  return links;
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
  std::set<std::string> tables;
  for (const fs::path& path : paths) {
    auto text = read_file(path, dsl::ParseLimits{}.bytes_max);
    if (!text) return std::unexpected(text.error());
    tables.merge(dsl::tables_named(*text));
    files.push_back({(fs::path(shown_as) / path.filename()).string(), std::move(*text)});
  }
  for (const std::string& name : tables)
    if (auto table = read_table(folder, name, shown_as)) files.push_back(std::move(*table));
  return files;
}

std::string offer_text(const dsl::RateCard& card) {
  std::string text;
  if (!card.plan.empty()) text = fmt::format("in plan `{}`", card.plan);
  if (card.currencies.size() > 1)
    text += fmt::format("{}in {}", text.empty() ? "" : ", ", card.currency.name());
  return text;
}

CheckedFolder check_folder(std::span<const dsl::SourceFile> files, const CardSet& tested) {
  dsl::Checked checked = dsl::check(files);
  CheckedFolder folder;
  folder.diagnostics = std::move(checked.diagnostics);
  folder.held_back = std::move(checked.held_back);
  FolderCheck check(tested, folder.diagnostics);
  for (dsl::RateCard& card : checked.cards) check.take(std::move(card));
  check.finish(folder);
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
    for (uint32_t pool = 0; pool < card.pools.size(); ++pool)
      usage.add_available(pool, sampler.draw_available(pool));
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
                           MakeNative make, const CardSet& previous) {
  auto files = read_folder(folder, folder.string());
  if (!files) return std::unexpected(files.error());
  CheckedFolder checked = check_folder(*files, previous);
  Loaded loaded;
  loaded.files = std::move(*files);
  loaded.diagnostics = std::move(checked.diagnostics);
  NextSet next(compiler, make, previous, std::move(checked.held_back));
  for (std::span<CheckedCard> rest(checked.cards); !rest.empty();) {
    const auto version = rest.first(offer_count(rest));
    next.add(version, loaded);
    rest = rest.subspan(version.size());
  }
  next.keep_broken(loaded);
  loaded.cards = next.take();
  return loaded;
}

std::shared_ptr<const CardSet> with_native(const CardSet& cards, std::span<const MadeNative> made) {
  CardSet::Revisions revisions = cards.revisions();
  using Offer = std::tuple<std::string_view, std::string_view, uint32_t>;  // card, hash, offer
  const auto offer_of = [](const Revision& revision) {
    const dsl::RateCard& card = revision.card();
    return Offer(card.name, card.hash, card.offer);
  };
  std::map<Offer, const MadeNative*> by_hash;
  for (const MadeNative& one : made) by_hash.emplace(offer_of(*one.revision), &one);
  for (std::shared_ptr<const Revision>& revision : revisions) {
    const auto found = by_hash.find(offer_of(*revision));
    if (found != by_hash.end())
      revision = std::make_shared<const Revision>(revision->card(), revision->program(),
                                                  found->second->native);
  }
  return std::make_shared<const CardSet>(std::move(revisions), cards.held_back());
}

}  // namespace toll::runtime
