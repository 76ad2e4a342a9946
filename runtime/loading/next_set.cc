#include "runtime/loading/next_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "runtime/example_document.h"
#include "runtime/loading/self_test.h"

namespace toll::runtime {
namespace {

std::string shown(const dsl::RateCard& card) {
  return fmt::format("{} {}", card.name, to_string(card.from));
}

std::pair<uint32_t, uint32_t> text_of(const dsl::RateCard& card) {
  return {card.source.place.file, card.source.place.span.begin};
}

/// The date in a file's name, `CARD@FROM.toll`.
std::optional<Date> named_date(const std::string& file, const std::string& card) {
  constexpr std::string_view kEnding = ".toll";
  const std::string_view name = file;
  if (!name.ends_with(kEnding) || !name.starts_with(card + "@")) return std::nullopt;
  const size_t begin = card.size() + 1;
  return parse_date(name.substr(begin, name.size() - kEnding.size() - begin));
}

}  // namespace

NextSet::NextSet(const LoadBegin& begin, Loaded& loaded, std::vector<dsl::HeldBack> held_back,
                 std::vector<dsl::Checked::Contradicted> contradicted)
    : compiler_(begin.compiler),
      make_(begin.make),
      previous_(begin.previous),
      loaded_(loaded),
      held_back_(std::move(held_back)),
      contradicted_(std::move(contradicted)) {
  std::map<std::string, std::string_view> before;
  for (const dsl::SourceFile& file : begin.before.files) before.emplace(base_name(file), file.text);
  for (const dsl::SourceFile& file : loaded_.files) {
    const auto was = before.find(base_name(file));
    if (was == before.end() || was->second != file.text) changed_.insert(base_name(file));
  }
}

void NextSet::add(std::span<CheckedCard> version) {
  const dsl::RateCard& card = version.front().card;
  const bool is_new = !is_live_text(card);
  const LeftOut out{dsl::held_back(card), text_of(card)};  // `card` is moved from below
  CardSet::Revisions offers;
  if (!make_offers(version, offers)) return leave_out(out);
  const bool passes = passes_examples(offers, is_new);
  if (is_new && !passes) return leave_out(out);
  std::ranges::move(offers, std::back_inserter(revisions_));
}

std::shared_ptr<const CardSet> NextSet::take() && {
  test_invoices_of_several();
  leave_out_dependents();
  keep_broken();
  date_held_back();
  return std::make_shared<const CardSet>(std::move(revisions_), std::move(held_back_),
                                         previous_.earlier());
}

/// False, and reported, where the native code of an offer cannot be made.
bool NextSet::make_offers(std::span<CheckedCard> version, CardSet::Revisions& offers) {
  const int usages = std::max(kUsagesOfOffer, kUsagesOfVersion / static_cast<int>(version.size()));
  for (CheckedCard& checked : version) {
    std::shared_ptr<const compiler::NativeFunction> native = native_before(checked.card);
    if (!native && make_.at_once_max > 0) {
      --make_.at_once_max;
      auto made =
          compile_verified(compiler_, checked.card, checked.program, make_.optimise, usages);
      if (!made) {
        loaded_.failures.push_back(
            fmt::format("{}: {}", shown(checked.card), made.error().message));
        return false;
      }
      native = std::move(*made);
    }
    offers.push_back(std::make_shared<const Revision>(
        std::move(checked.card), std::move(checked.program), std::move(native)));
  }
  return true;
}

/// Whether all examples and golden invoices of a version give what they expect, but for invoices
/// that others bill too. Of a text that is live already only those are run that may have changed.
bool NextSet::passes_examples(const CardSet::Revisions& offers, bool is_new) {
  const dsl::RateCard& card = offers.front()->card();
  const std::string_view consequence = is_new ? "" : "; it stays live with the text that it had";
  bool passes = true;
  const auto fail = [&](std::string_view why) {
    passes = false;
    loaded_.failed_examples.push_back(fmt::format("{}: {}{}", shown(card), why, consequence));
  };
  for (const auto& offer : offers) {
    for (const dsl::Example& example : offer->card().examples) {
      if (example.is_of_several_versions()) continue;
      if (!is_new && !changed_.contains(example.source.file)) continue;
      if (const std::string why = why_example_fails(offer, example, offers); !why.empty())
        fail(why);
    }
  }
  if (is_new && is_contradicted(card)) fail("an invoice asks for what its bills do not have");
  return passes;
}

/// Golden invoices that several versions bill. Where one does not give what it expects, those of
/// its versions that are new are kept out; where none is, it changes nothing. One whose versions
/// are not all there is held back with what is missing.
void NextSet::test_invoices_of_several() {
  std::set<VersionKey> out;
  for (const auto& revision : revisions_) {
    for (const dsl::Example& invoice : revision->card().examples) {
      if (!invoice.is_of_several_versions() || !document_of(revision->card(), invoice, revisions_))
        continue;
      const std::set<VersionKey> fresh = new_versions_of(invoice);
      if (fresh.empty() && !changed_.contains(invoice.source.file)) continue;
      const std::string why = why_example_fails(revision, invoice, revisions_);
      if (why.empty()) continue;
      const auto [card, from] = fresh.empty() ? version_key(revision->card()) : *fresh.rbegin();
      loaded_.failed_examples.push_back(
          fmt::format("{} {}: {}{}", card, to_string(from), why,
                      fresh.empty() ? "; it stays live with the text that it had" : ""));
      out.insert(fresh.begin(), fresh.end());
    }
  }
  leave_out(out);
}

/// Those of its versions whose texts are not live yet.
std::set<VersionKey> NextSet::new_versions_of(const dsl::Example& invoice) const {
  std::set<VersionKey> versions{{invoice.offer.card, invoice.offer.from}};
  for (const dsl::Example& change : invoice.changes)
    versions.emplace(change.offer.card, change.offer.from);
  for (const auto& revision : revisions_)
    if (is_live_text(revision->card())) versions.erase(version_key(revision->card()));
  return versions;
}

bool NextSet::is_contradicted(const dsl::RateCard& card) const {
  return std::ranges::any_of(contradicted_, [&](const dsl::Checked::Contradicted& version) {
    return version.card == card.name && version.from == card.from;
  });
}

void NextSet::leave_out(const LeftOut& version) {
  held_back_.push_back(version.in_error);
  texts_out_.insert(version.text);
  versions_out_.emplace(version.in_error.card, version.in_error.from);
}

void NextSet::leave_out(const std::set<VersionKey>& versions) {
  std::set<VersionKey> seen;
  std::erase_if(revisions_, [&](const auto& revision) {
    const dsl::RateCard& card = revision->card();
    const bool is_out = versions.contains(version_key(card));
    if (is_out && seen.insert(version_key(card)).second)
      leave_out({dsl::held_back(card), text_of(card)});
    return is_out;
  });
}

/// A version that is left out takes along the new texts that stand on it, and a deal that is left
/// out for one version of its card goes live for none: cards change together or not at all.
void NextSet::leave_out_dependents() {
  const auto depends = [&](const dsl::RateCard& card) {
    if (texts_out_.contains(text_of(card))) return true;
    return !is_live_text(card) &&
           std::ranges::any_of(card.stands_on, [&](const dsl::RateCard::Extended& below) {
             return versions_out_.contains({below.card, below.from});
           });
  };
  bool any = !versions_out_.empty();
  while (any) {
    std::set<VersionKey> out;
    for (const auto& revision : revisions_) {
      const dsl::RateCard& card = revision->card();
      if (!depends(card) || !out.insert(version_key(card)).second) continue;
      loaded_.failed_examples.push_back(
          fmt::format("{}: what it extends, or another version of it, is kept out", shown(card)));
    }
    leave_out(out);
    any = !out.empty();
  }
}

/// Cards of the set before that are missing now although their file is there: while anything in the
/// folder is wrong, they are taken to be broken rather than removed. A version whose file makes
/// others now was replaced by them, unless its card is in error there.
void NextSet::keep_broken() {
  if (!loaded_.has_errors()) return;
  std::set<VersionKey> present;
  std::set<std::string> sources;
  std::set<std::pair<std::string, std::string>> in_error;
  for (const auto& revision : revisions_) {
    present.insert(version_key(revision->card()));
    sources.insert(revision->card().source.file);
  }
  for (const dsl::HeldBack& held : held_back_) in_error.emplace(held.file, held.card);
  for (const auto& [name, versions] : previous_.cards()) {
    for (const std::shared_ptr<const Revision>& revision : versions) {
      const std::string& file = revision->card().source.file;
      const bool replaced = sources.contains(file) && !in_error.contains({file, name});
      if (present.contains(version_key(revision->card())) || replaced || !has_file(file)) continue;
      std::ranges::copy(previous_.offers(*revision), std::back_inserter(revisions_));
      loaded_.kept.push_back(fmt::format("{} {}", name, revision->version()));
    }
  }
}

/// What may be the deal of any customer stops all of them in a service that starts: it cannot know
/// whose list price would be wrong. In one that runs it is nobody's: the deal that was live goes
/// on, and where there was none nobody has another price than before.
void NextSet::forget_unknown_deals() {
  const bool starts = previous_.cards().empty() && previous_.held_back().empty();
  const auto was_unknown = [&](const dsl::HeldBack& held) {
    return std::ranges::any_of(previous_.held_back(), [&](const dsl::HeldBack& before) {
      return before.file == held.file && before.deal_on == held.deal_on && !before.customer;
    });
  };
  const auto is_card = [&](const std::string& name) {
    return std::ranges::any_of(
               revisions_, [&](const auto& revision) { return revision->card().name == name; }) ||
           std::ranges::any_of(held_back_, [&](const auto& other) { return other.card == name; });
  };
  const auto was_of_any_card = [&](const dsl::HeldBack& held) {
    return std::ranges::any_of(previous_.held_back(), [&](const dsl::HeldBack& before) {
      return before.file == held.file && before.customer == held.customer &&
             before.deal_on == kAnyCard;
    });
  };
  // A customer's card that extends none, or one that is not there, may be meant for any.
  for (dsl::HeldBack& held : held_back_)
    if (held.customer && !is_card(held.deal_on) && (starts || was_of_any_card(held)))
      held.deal_on = std::string(kAnyCard);
  std::erase_if(held_back_, [&](dsl::HeldBack& held) {
    if (held.customer || held.deal_on.empty() || starts || was_unknown(held)) return false;
    held.customer.emplace();
    return held.deal_on == kAnyCard;
  });
}

/// A version in error whose first day cannot be read holds back the days that its file is named
/// for. Where that says nothing, a card that is live goes on on all of its days: what comes to a
/// running service must not stop it. A service that starts cannot know which days are meant.
void NextSet::date_held_back() {
  forget_unknown_deals();
  std::erase_if(held_back_, [&](dsl::HeldBack& held) {
    if (held.from != Date{} || !held.deal_on.empty()) return false;
    if (const auto named = named_date(held.file, held.card)) held.from = *named;
    if (held.from != Date{} || !previous_.versions(held.card)) return false;
    return std::ranges::none_of(previous_.held_back(), [&](const dsl::HeldBack& before) {
      return before.card == held.card && before.file == held.file && before.from == Date{};
    });
  });
}

bool NextSet::is_live_text(const dsl::RateCard& card) const {
  return previous_.find_hash(card.name, card.hash) != nullptr;
}

std::shared_ptr<const compiler::NativeFunction> NextSet::native_before(
    const dsl::RateCard& card) const {
  const auto before = previous_.find_hash(card.name, card.hash);
  if (!before) return nullptr;
  const CardSet::Revisions& offers = previous_.offers(*before);
  return card.offer < offers.size() ? offers[card.offer]->native() : nullptr;
}

bool NextSet::has_file(const std::string& name) const {
  return std::ranges::any_of(loaded_.files,
                             [&](const dsl::SourceFile& file) { return base_name(file) == name; });
}

}  // namespace toll::runtime
