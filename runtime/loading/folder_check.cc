// From the texts of a folder to versions that are sound in all of their offers.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "compiler/lower.h"
#include "dsl/check.h"
#include "dsl/table_file.h"
#include "runtime/loader.h"

namespace toll::runtime {
namespace {

/// The versions of a folder on their way from the checker: each is sound in all of its offers, or
/// left out, and with it what stands on it.
class FolderCheck {
 public:
  FolderCheck(const CardSet& tested, std::vector<dsl::Diagnostic>& diagnostics)
      : tested_(tested), diagnostics_(diagnostics) {}

  /// Lowers an offer and tests its guarantees, unless `tested` has the same text.
  void take(dsl::RateCard card) {
    if (card.offer == 0)
      versions_.push_back({version_key(card), card.source.place, dsl::held_back(card)});
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
    VersionKey key;
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

  Version* find(const VersionKey& key) {
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

/// A file of which nothing is known, since its lines cannot be read, may hold the deal of a
/// customer: what its name says of card and day is all there is.
void hold_back_unknown(std::span<const dsl::SourceFile> files, CheckedFolder& folder) {
  std::set<uint32_t> unread;
  for (const dsl::Diagnostic& diagnostic : folder.diagnostics)
    if (diagnostic.severity == dsl::Severity::Error && diagnostic.code.starts_with("E0"))
      unread.insert(diagnostic.primary.place.file);
  for (const uint32_t index : unread) {
    const dsl::SourceFile& file = files[index];
    const std::string name = file.path.substr(file.path.find_last_of('/') + 1);
    const auto is_of = [&](const CheckedCard& card) { return card.card.source.file == name; };
    if (dsl::is_table_file(name) || std::ranges::any_of(folder.cards, is_of) ||
        std::ranges::any_of(folder.refuted, is_of) ||
        std::ranges::find(folder.held_back, name, &dsl::HeldBack::file) != folder.held_back.end())
      continue;
    const size_t at = std::min(name.find('@'), name.rfind(".toll"));
    dsl::HeldBack held{.card = name.substr(0, at),
                       .file = name,
                       .from = {},
                       .until = std::nullopt,
                       .stated_until = std::nullopt,
                       .customer = std::nullopt,
                       .deal_on = std::string(kAnyCard)};
    if (name[std::min(at, name.size() - 1)] == '@')
      held.from = parse_date(std::string_view(name).substr(at + 1, 10)).value_or(Date{});
    folder.held_back.push_back(std::move(held));
  }
}

}  // namespace

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
  folder.contradicted = std::move(checked.contradicted);
  FolderCheck check(tested, folder.diagnostics);
  for (dsl::RateCard& card : checked.cards) check.take(std::move(card));
  check.finish(folder);
  hold_back_unknown(files, folder);
  std::ranges::stable_sort(folder.diagnostics, {}, [](const dsl::Diagnostic& diagnostic) {
    return std::pair(diagnostic.primary.place.file, diagnostic.primary.place.span.begin);
  });
  return folder;
}

}  // namespace toll::runtime
