#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/cards/opened_folder.h"
#include "cli/cards/usage_input.h"
#include "cli/output/invoice.h"
#include "cli/output/terminal.h"
#include "cli/verbs/exit_codes.h"
#include "cli/verbs/quote_batch.h"
#include "cli/verbs/verbs.h"
#include "runtime/example_document.h"
#include "runtime/quote.h"
#include "wire/answer_json.h"
#include "wire/text.h"

namespace toll::cli {
namespace {

using runtime::UsageDocument;

/// A folder that has the card, or the exit code.
std::expected<OpenedFolder, int> find_folder(const QuoteOptions& options) {
  auto folder = open_folder(options.folder);
  if (!folder) {
    complain(folder.error().message);
    return std::unexpected(kFailed);
  }
  if (!folder->cards.versions(options.card))
    return std::unexpected(complain_of_missing_card(*folder, options.card));
  return *std::move(folder);
}

struct FoundExample {
  runtime::CardSet cards;
  UsageDocument document;
};

/// The card itself and the deals on it, whose invoices ask for it.
std::vector<std::string> cards_with_invoices_for(const OpenedFolder& folder,
                                                 const std::string& card) {
  std::vector<std::string> names{card};
  for (const auto& [name, versions] : folder.cards.cards())
    if (versions.front()->card().deal_on == card) names.push_back(name);
  return names;
}

/// An example as a document; reported where it cannot be one.
std::optional<FoundExample> found_example(const OpenedFolder& folder, const dsl::RateCard& card,
                                          const dsl::Example& example,
                                          const runtime::CardSet::Revisions& offers) {
  const runtime::CardSet::Revisions all = folder.cards.revisions();
  auto document = runtime::document_of(card, example, all);
  if (document)
    return FoundExample{example.whole ? folder.cards : runtime::cards_of(offers, example),
                        *std::move(document)};
  complain(
      fmt::format("a version that bills some days of `{}` is in error", wire::shown(example.title)),
      "mend it first: `toll check` says what is wrong");
  return std::nullopt;
}

/// The example of that title, of the latest version that has one.
std::optional<FoundExample> find_example(const OpenedFolder& folder, const QuoteOptions& options) {
  std::vector<std::string> titles;
  for (const std::string& name : cards_with_invoices_for(folder, options.card)) {
    const auto& versions = *folder.cards.versions(name);
    for (auto revision = versions.rbegin(); revision != versions.rend(); ++revision) {
      const runtime::CardSet::Revisions& offers = folder.cards.offers(**revision);
      for (const auto& offer : offers)
        for (const dsl::Example& example : offer->card().examples) {
          if (name != options.card && example.card != options.card) continue;
          if (example.title == options.example)
            return found_example(folder, offer->card(), example, offers);
          titles.push_back(example.title);
        }
    }
  }
  const std::string meant = dsl::suggest(options.example, titles);
  complain(fmt::format("card `{}` has no example `{}`", options.card, wire::shown(options.example)),
           !meant.empty()   ? fmt::format("did you mean `{}`?", meant)
           : titles.empty() ? "give the usage with --usage"
                            : fmt::format("its examples are \"{}\"", fmt::join(titles, "\", \"")));
  return std::nullopt;
}

/// What is asked for at the end of the period, whose version and plan head an answer.
UsageDocument asked_at_end(UsageDocument document, const runtime::Answer& answer) {
  if (answer.parts.empty()) return document;
  document.on = answer.parts.back().period.from;
  document.plan = answer.parts.back().plan;
  return document;
}

/// What of an offer depends on since when the customer is one: "a fee that is due once".
std::vector<std::string> depending_on_since(const runtime::CardSet& cards,
                                            const runtime::Revision& offer) {
  const dsl::RateCard& card = offer.card();
  std::vector<std::string> names;
  for (const dsl::Fee& fee : card.fees)
    if (fee.has_term())
      names.push_back(fmt::format("fee `{}` is {}", fee.name,
                                  fee.once ? "due once" : "for a longer time than the period"));
  for (const dsl::BillStep& step : card.bill_steps)
    if (step.commitment && step.commitment->per != card.period)
      names.push_back(fmt::format("commitment `{}` is for a longer time than the period",
                                  step.commitment->name));
  if (const auto* versions = cards.versions(card.name))
    for (const auto& version : *versions)
      if (!version->card().applies.everyone) {
        names.push_back(fmt::format("version {} is not for everyone", version->version()));
        break;
      }
  return names;
}

/// Where nothing says since when the customer is one, and it matters: what the quote takes it for.
void note_new_customer(const UsageDocument& document, const runtime::CardSet& cards,
                       const runtime::Revision& offer) {
  if (document.customer_since || document.hash) return;
  const std::vector<std::string> names = depending_on_since(cards, offer);
  if (names.empty()) return;
  complain(
      fmt::format("note: nothing says since when the customer is one, so it is taken as new: {}",
                  fmt::join(names, ", ")),
      "say it with --customer-since DATE, or `customer_since` in the usage document");
}

int print_answer(const QuoteOptions& options, const runtime::CardSet& cards,
                 const UsageDocument& document, bool steps) {
  const auto answer = steps ? runtime::explain(cards, document) : runtime::quote(cards, document);
  if (!answer) {
    complain_of_faults(options.example.empty() ? options.usage : options.example,
                       answer.error().faults);
    return kUnfit;
  }
  const auto offer = runtime::choose(cards, asked_at_end(document, *answer));
  const dsl::RateCard& card = (*offer)->card();
  if (options.example.empty()) note_new_customer(document, cards, **offer);
  std::string text;
  if (options.json) {
    wire::write_answer(*answer, text);
    text += '\n';
  } else {
    text = steps ? explanation_text(*answer, card) : invoice_text(*answer, card);
  }
  print(text);
  return kOk;
}

/// Whether options stand for fields of the document.
bool has_overrides(const QuoteOptions& options) {
  return !(options.on.empty() && options.plan.empty() && options.currency.empty() &&
           options.customer.empty() && options.since.empty());
}

}  // namespace

int quote(const QuoteOptions& options) {
  if (options.batch && has_overrides(options)) {
    complain("in a batch each document says itself what it is for",
             "leave out --on, --plan, --currency, --customer and --customer-since");
    return kWrongCommand;
  }
  const auto folder = find_folder(options);
  if (!folder) return folder.error();
  if (options.batch) return quote_batch(options, folder->cards);
  const auto document = read_document(options, folder->cards);
  if (!document) return document.error();
  if (options.interpreter) return print_answer(options, folder->cards, *document, /*steps=*/false);
  const auto cards = with_native_code(folder->cards, *document);
  if (!cards) {
    complain(fmt::format("{}: {}", options.card, cards.error().message),
             "`--engine interpreter` gives the same answer without native code");
    return kFailed;
  }
  return print_answer(options, *cards, *document, /*steps=*/false);
}

int explain(const QuoteOptions& options) {
  if (options.usage.empty() == options.example.empty()) {
    complain("explain wants either --usage or --example");
    return kWrongCommand;
  }
  if (!options.example.empty() && has_overrides(options)) {
    complain("an example says itself what it is for",
             "leave out --on, --plan, --currency, --customer and --customer-since");
    return kWrongCommand;
  }
  const auto folder = find_folder(options);
  if (!folder) return folder.error();
  if (!options.example.empty()) {
    const auto example = find_example(*folder, options);
    return example ? print_answer(options, example->cards, example->document, true) : kUnfit;
  }
  const auto document = read_document(options, folder->cards);
  if (!document) return document.error();
  return print_answer(options, folder->cards, *document, /*steps=*/true);
}

}  // namespace toll::cli
