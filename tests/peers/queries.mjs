// The workloads as SQL that DuckDB takes: a query with a column `amount`, rounded as the cards round.
import { centsOf } from './peer.mjs'
import { HYBRID, STORAGE, TIERS } from './prices.mjs'

const fixed = (number, places) => {
  const text = String(number).padStart(places + 1, '0')
  return `${text.slice(0, -places)}.${text.slice(-places)}`
}
const decimals = (whole, places, stored) => ({
  stored,
  quantity: name => `${name}::DECIMAL(${whole}, 0)`,
  price: milli => `${fixed(milli, 3)}::DECIMAL(${places}, 3)`,
  dollars: whole => `${whole}::DECIMAL(${places}, 2)`,
  rounded: amount => `round(${amount}, 2)`,
  roundedTokens: amount => `round(${amount}, 2)`,
  percent: (amount, percent) => `round(${amount} * ${fixed(percent, 2)}::DECIMAL(3, 2), 2)`,
  token: milli => `${fixed(milli, 9)}::DECIMAL(${places > 9 ? places : 9}, 9)`,
  cents: centsOf,
})

/** How to count: quantities, prices, and what cents an amount is; and of which type a column of a table in memory
 * is, which are those that DuckDB is fastest with. */
export const WAYS = {
  decimal: decimals(8, 5, name => name === 'model' ? 'UTINYINT' : 'DECIMAL(8, 0)'),
  wide: decimals(18, 20, () => 'BIGINT'),
  bigint: {
    stored: () => 'BIGINT',
    quantity: name => name,
    price: String,
    dollars: whole => String(whole * 100),
    rounded: amount => `(${amount} + 5) // 10`,
    roundedTokens: amount => `(${amount} + 5000000) // 10000000`,
    percent: (amount, percent) => `(${amount} * ${percent} + 50) // 100`,
    token: milli => `${milli}::BIGINT`,
    cents: String,
  },
}

/** The parts of a quantity that lie in each tier, priced. */
function graduated(used, tiers, way) {
  let below = 0
  return way.rounded(tiers.map(({ upTo, milli }) => {
    const above = below === 0 ? used : `greatest(${used} - ${way.quantity(below)}, ${way.quantity(0)})`
    const part = upTo === null ? above : `least(${above}, ${way.quantity(upTo - below)})`
    below = upTo
    return `${part} * ${way.price(milli)}`
  }).join(' + '))
}

const QUERIES = {
  graduated: (way, name, from, keep) => `select ${keep}${graduated('used', TIERS, way)} as amount from ` +
    `(select ${keep}${way.quantity('calls')} as used from ${from})`,
  models(way, name, from) {
    const line = kind => way.roundedTokens(`${way.quantity(kind)} * ${kind}_price`)
    return `select ${['input', 'cached', 'output'].map(line).join(' + ')} as amount ` +
      `from ${from} join prices_${name} using (model)`
  },
  hybrid(way, name, from, keep) {
    const above = `greatest(used - ${way.quantity(HYBRID.included)}, ${way.quantity(0)})`
    const sum = `${way.dollars(HYBRID.base)} + ${way.rounded(`${above} * ${way.price(HYBRID.milliPerCall)}`)} + ` +
      graduated('stored', STORAGE, way)
    const used = `select ${keep}${way.quantity('api_calls')} as used, ${way.quantity('storage')} as stored from ${from}`
    const off = way.percent('bill', HYBRID.percentOff)
    return `select ${keep}greatest(bill - ${off}, ${way.dollars(HYBRID.minimum)}) as amount ` +
      `from (select ${keep}${sum} as bill from (${used}))`
  },
}

/** `keep`: columns that the result has as well. */
export const amountOf = (workload, name, from, keep = []) =>
  QUERIES[workload](WAYS[name], name, from, keep.map(column => `${column}, `).join(''))
