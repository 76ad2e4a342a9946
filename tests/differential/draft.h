// A card while it is being made up: what its parts know of each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/differential/constructs.h"
#include "tests/differential/oracle.h"
#include "tests/differential/random.h"

namespace toll::differential {

/// A number, or a number and its unit, as a card writes it, and what it stands for.
struct Literal {
  std::string text;
  Fraction value;
};

/// A unit by its names and its size in the first unit of its family.
struct UnitDraft {
  std::string singular, plural;
  Fraction size;
};

/// Units that convert into each other, with the lines that declare those that are not built in.
struct UnitFamily {
  std::vector<UnitDraft> units;
  std::vector<std::string> declarations;
};

struct DimensionDraft {
  std::string name;
  std::vector<std::string> values;
};

struct MeterDraft {
  std::string name;
  dsl::Grain grain = dsl::Grain::Cell;  ///< Item, Day: its charges may be `each item`, `each day`
  bool counts_money = false;            ///< in the card's currency
  bool counts_credits = false;          ///< in the card's credit unit
  bool has_shares = false;              ///< a second charge takes a share of the first one
  UnitFamily family;
  size_t unit = 0;                 ///< of the family
  std::vector<size_t> dimensions;  ///< into CardDraft::dimensions
  size_t charges = 0;              ///< how many price it so far
  bool chooses = false;            ///< whether it chooses the tier of another's charge
  std::optional<Literal> closing;  ///< the lowest last bound that a limit must close
};

struct CardDraft {
  CardDraft(uint64_t seed, const Constructs& without);

  /// Whether to use a construct here: never where the card has it switched off.
  bool wants(Construct construct, int percent) {
    return allowed.has(construct) && random.chance(percent);
  }
  /// The same, and notes the use.
  bool takes(Construct construct, int percent) {
    const bool taken = wants(construct, percent);
    if (taken) used.add(construct);
    return taken;
  }

  Random random;
  Constructs allowed, used;
  std::string currency;
  int minor_places = 2;
  int64_t step_minor = 1;  ///< that lines are rounded to
  std::string period;
  bool rounds_bill = false;
  std::vector<DimensionDraft> dimensions;
  std::vector<MeterDraft> meters;
  std::vector<std::string> in_credits;  ///< charges that are priced in credits
};

/// The card's currency as a unit, and units of it.
UnitFamily draw_money_family(CardDraft& card);

/// A family of units, and one of them for a meter.
UnitFamily draw_family(CardDraft& card);

/// `1,000 calls`: a quantity in some unit of the meter's family; its value is in the meter's unit.
Literal draw_quantity(CardDraft& card, const MeterDraft& meter);

/// A unit price without its currency: up to 12 decimal places.
Literal draw_price(CardDraft& card);

/// `5.00 USD`: an amount in whole minor units, and the value is in those.
Literal draw_amount(CardDraft& card);
Literal draw_line_amount(CardDraft& card);
Literal amount_literal(CardDraft& card, int64_t minor);

/// `12.5%`, more than 0 and at most `max`; a surcharge, which has a `max` above 100, may be huge.
std::string draw_percent(CardDraft& card, int max);

/// ` per GiB`, ` per 1,000 GiB`, ` per started 10 GiB`: what a unit price is for.
std::string draw_per(CardDraft& card, const MeterDraft& meter, bool started);

/// The lines of a charge on all meters of the card, with a bound for each in every row.
std::string draw_joint_charge(CardDraft& card, const std::string& name);

/// The lines of a charge that is a share of the charges and fees named.
std::string draw_share(CardDraft& card, const std::string& name,
                       const std::vector<std::string>& of);

/// What a charge must be like, so that one may take a share of another.
struct ChargeWish {
  bool is_taken_from = false;
  std::string share_of = {};  ///< the other charge; empty: none
};

/// The lines of one charge on `meter`, ending in a newline.
std::string draw_charge(CardDraft& card, MeterDraft& meter, const std::string& name,
                        const ChargeWish& wish = {});

}  // namespace toll::differential
