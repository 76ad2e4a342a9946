// decimal.js, over the first rows: as a service written in JavaScript rates them.
import { Decimal } from 'decimal.js'
import { readColumns, serve, some, workload } from './peer.mjs'
import { HYBRID, MODELS, STORAGE, TIERS } from './prices.mjs'

const columns = readColumns(some)
const ZERO = new Decimal(0)
const dollars = milli => new Decimal(milli).div(1000)
const rounded = amount => amount.toDecimalPlaces(2, Decimal.ROUND_HALF_UP)

function widths(tiers) {
  let below = 0
  return tiers.map(({ upTo, milli }) => {
    const width = upTo === null ? null : new Decimal(upTo - below)
    below = upTo
    return { width, price: dollars(milli) }
  })
}

function graduated(used, tiers) {
  let left = new Decimal(used), sum = ZERO
  for (const { width, price } of tiers) {
    const taken = width === null ? left : Decimal.min(left, width)
    sum = sum.plus(taken.times(price))
    left = left.minus(taken)
    if (left.isZero()) break
  }
  return rounded(sum)
}

const tiers = widths(TIERS), storage = widths(STORAGE)
const prices = MODELS.map(kinds => kinds.map(milli => new Decimal(milli).div(1_000_000_000)))
const included = new Decimal(HYBRID.included), perCall = dollars(HYBRID.milliPerCall)
const off = new Decimal(HYBRID.percentOff).div(100), minimum = new Decimal(HYBRID.minimum)

const RATE = {
  graduated: row => graduated(columns[0][row], tiers),
  models: row => prices[columns[0][row]].reduce(
    (sum, price, kind) => sum.plus(rounded(new Decimal(columns[kind + 1][row]).times(price))), ZERO),
  hybrid(row) {
    const above = Decimal.max(ZERO, new Decimal(columns[0][row]).minus(included))
    const sum = new Decimal(HYBRID.base).plus(rounded(above.times(perCall))).plus(graduated(columns[1][row], storage))
    return Decimal.max(sum.minus(rounded(sum.times(off))), minimum)
  },
}

await serve({
  decimal() {
    let sum = ZERO
    for (let row = 0; row < some; ++row) sum = sum.plus(RATE[workload](row))
    return sum.times(100).toFixed(0)
  },
})
