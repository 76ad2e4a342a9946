// Extensions: the cards of a folder, each with everything it extends worked in.
//
// A card that extends the version before it is one text from its day on. One that extends another
// card follows it: it is a text for each version of that card which is in force on its days, so
// that what the two agree on is checked again whenever the other card changes.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "dsl/checker/budget.h"
#include "dsl/checker/extends/agreements.h"
#include "dsl/checker/extends/merge.h"
#include "dsl/checker/report.h"
#include "dsl/checker/tables/expansion.h"
#include "dsl/checker/texts.h"
#include "dsl/rate_card.h"
#include "dsl/syntax.h"

namespace toll::dsl::checker {

/// A text that is checked as a card.
struct CardSource {
  CardText own;               ///< as it was written
  CardText expanded;          ///< with the rows of its table files
  CardText text;              ///< with them and what it extends; the same where that is
                              ///< nothing
  bool sound = true;          ///< its own lines could be read
  bool failed = false;        ///< what is wrong with how it extends is reported
  bool held = false;          ///< it extends something, which cannot be worked in
  std::vector<Place> blocks;  ///< its own lines and table files, then those of what it extends
  std::vector<RateCard::Extended> stands_on;
  std::optional<std::string> customer;
  std::string deal_on;  ///< the card that it changes for the customer; or empty
  AppliesTo applies;
  std::optional<Date> from, until;  ///< its days; `until` as it says itself
};

class Extensions {
 public:
  /// `is_sound` says whether a card's lines could all be read. REQUIRES: all arguments outlive it.
  Extensions(std::span<const syntax::File> trees, std::function<bool(const CardText&)> is_sound,
             Texts& texts, Report& report, Budget& budget);

  /// All cards, by file and line; one that follows another by date too.
  const std::deque<CardSource>& sources() const { return sources_; }

 private:
  using Versions = std::vector<CardSource*>;  ///< of one card, by rising `from`

  /// A card as it was written.
  struct Declared {
    CardText own;
    Expanded expanded;  ///< with the rows of its table files
    const syntax::From* days = nullptr;
    std::optional<Date> until;           ///< where it or the next version says
    const Declared* previous = nullptr;  ///< the version before
    const Declared* first = nullptr;     ///< of the versions that it continues
    bool sound = true;

    bool continues() const { return own.tree->extends && own.tree->extends->text == "previous"; }
    const syntax::Word* deal_on() const {
      const auto& extends = first->own.tree->extends;
      return extends && extends->text != "previous" ? &*extends : nullptr;
    }
  };
  /// Days on which one version of the extended card is in force.
  struct Segment {
    Date from;
    std::optional<Date> until;
    CardSource* base = nullptr;
  };

  void gather(std::span<const syntax::File> trees,
              const std::function<bool(const CardText&)>& is_sound);
  const syntax::Charge* charge_below(const Declared& card, const std::string& name,
                                     size_t depth) const;
  void put_in_order();
  void work_out(const std::string& name);
  void work_out(const Declared& card, Versions& versions);
  void add_plain(const Declared& card, Versions& versions);
  void add_deal(const Declared& card, Versions& versions);
  CardSource& flatten(const Declared& card, CardSource& base, Date from, std::optional<Date> until);
  CardSource& hold(const Declared& card);
  CardSource& source_of(const Declared& card);
  std::vector<Segment> segments(const Declared& card, const Versions& base) const;
  static DealDays days_of(const Declared& card, const Segment& segment, const Versions& base);
  void fail_as_a_whole();
  void report_too_often(const Declared& card);
  void check_applies(const Declared& card);
  void check_stands_alone(const Declared& card);
  void check_deals();
  void report_days(const Declared& card, const Segment& gap, const Versions& base);

  Place at(const CardText& card, Span span) const { return {card.file, span}; }

  Texts& texts_;
  Report& report_;
  Budget& budget_;
  Agreements agreements_;
  std::deque<Declared> declared_;
  std::map<std::string, std::vector<Declared*>> by_name_;  ///< in order of time
  std::map<std::string, Versions> done_;
  std::set<const syntax::Card*> failed_;  ///< as they were written
  std::vector<std::string> open_;         ///< being worked out, to find circles
  std::map<std::pair<const Declared*, const CardSource*>, CardSource*> flattened_;
  std::deque<CardSource> sources_;
  std::deque<CardSource> parts_;    ///< that others stand on only
  std::deque<syntax::File> trees_;  ///< of expanded and flattened texts
};

}  // namespace toll::dsl::checker
