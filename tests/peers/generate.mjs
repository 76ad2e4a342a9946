// Usage for the peers, the same on every machine: node generate.mjs FOLDER ROWS SOME WORKLOAD...
//
// Writes WORKLOAD.bin (64-bit integers, one column after the other), WORKLOAD.csv, models.csv with the prices,
// the card of models, and expected.json: the exact totals in cents, of all rows and of the first SOME. They are
// worked out here tier by tier with big integers, unlike any peer does it.
import fs from 'node:fs'
import path from 'node:path'
import { COLUMNS, HYBRID, KINDS, MODELS, STORAGE, TIERS } from './prices.mjs'

const [folder, rowsText, someText, ...workloads] = process.argv.slice(2)
const rows = Number(rowsText), some = Number(someText)
fs.mkdirSync(path.join(folder, 'cards'), { recursive: true })

/** Mulberry32: integers only, so that every machine draws the same. */
function random(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

/** 0 to most, evenly in the number of digits. */
function quantity(draw, most) {
  const drawn = Math.floor(Math.exp(draw() * Math.log(most + 2))) - 1
  return Math.min(Math.max(drawn, 0), most)
}

function drawColumns(workload) {
  const draw = random({ graduated: 101, models: 202, hybrid: 303 }[workload])
  const columns = COLUMNS[workload].map(() => new Float64Array(rows))
  for (let row = 0; row < rows; ++row) {
    if (workload === 'graduated') {
      columns[0][row] = quantity(draw, 10_000_000)
    } else if (workload === 'models') {
      columns[0][row] = Math.floor(draw() * MODELS.length)
      columns[1][row] = quantity(draw, 50_000_000)
      columns[2][row] = draw() < 0.5 ? 0 : quantity(draw, 25_000_000)
      columns[3][row] = quantity(draw, 4_000_000)
    } else {
      columns[0][row] = quantity(draw, 10_000_000)
      columns[1][row] = quantity(draw, 1_000_000)
    }
  }
  return columns
}

function writeBinary(workload, columns) {
  const file = fs.openSync(path.join(folder, `${workload}.bin`), 'w')
  for (const column of columns) fs.writeSync(file, new Uint8Array(BigInt64Array.from(column, BigInt).buffer))
  fs.closeSync(file)
}

/** With a customer a row, but for models, whose rows have no form as a wide table. */
function writeCsv(workload, columns) {
  const file = fs.openSync(path.join(folder, `${workload}.csv`), 'w')
  const names = workload === 'models' ? COLUMNS.models : ['customer', ...COLUMNS[workload]]
  let text = [names.join(',')]
  for (let row = 0; row < rows; ++row) {
    const fields = columns.map(column => column[row])
    if (workload !== 'models') fields.unshift(`customer_${row}`)
    text.push(fields.join(','))
    if (text.length === 100_000) {
      fs.writeSync(file, text.join('\n') + '\n')
      text = []
    }
  }
  if (text.length > 0) fs.writeSync(file, text.join('\n') + '\n')
  fs.closeSync(file)
}

const halfUp = (amount, divisor) => (2n * amount + divisor) / (2n * divisor)

/** In thousandths of a dollar. */
function graduated(used, tiers) {
  let sum = 0n, left = used, below = 0n
  for (const { upTo, milli } of tiers) {
    const width = upTo === null ? left : BigInt(upTo) - below
    const taken = left < width ? left : width
    sum += taken * BigInt(milli)
    left -= taken
    below += width
    if (left === 0n) break
  }
  return sum
}

const CENTS = {
  graduated: ([calls]) => halfUp(graduated(calls, TIERS), 10n),
  // A thousandth of a dollar per million is 10^-7 cents.
  models: ([model, ...tokens]) =>
    tokens.reduce((sum, used, kind) => sum + halfUp(used * BigInt(MODELS[model][kind]), 10_000_000n), 0n),
  hybrid([calls, storage]) {
    const above = calls > BigInt(HYBRID.included) ? calls - BigInt(HYBRID.included) : 0n
    const sum = BigInt(HYBRID.base) * 100n + halfUp(above * BigInt(HYBRID.milliPerCall), 10n) +
      halfUp(graduated(storage, STORAGE), 10n)
    const total = sum - halfUp(sum * BigInt(HYBRID.percentOff), 100n)
    const minimum = BigInt(HYBRID.minimum) * 100n
    return total > minimum ? total : minimum
  },
}

function expected(workload, columns) {
  let sum = 0n, ofSome = 0n
  for (let row = 0; row < rows; ++row) {
    sum += CENTS[workload](columns.map(column => BigInt(column[row])))
    if (row + 1 === some) ofSome = sum
  }
  return { all: sum.toString(), some: ofSome.toString() }
}

function writeCardOfModels() {
  const dollars = milli => `${Math.floor(milli / 1000)}.${String(milli % 1000).padStart(3, '0')}`
  const charge = (kind, index) => `  charge ${kind}_tokens by model\n` +
    MODELS.map((prices, model) => `    m${model} at ${dollars(prices[index])} USD per 1M tokens\n`).join('')
  fs.writeFileSync(path.join(folder, 'cards', 'models@2026-01-01.toll'), `toll 1

unit token, tokens
dimension model is ${MODELS.map((_, model) => `m${model}`).join(', ')}

${KINDS.map(kind => `meter ${kind}_tokens sums token by model`).join('\n')}

card models "Models"
  from 2026-01-01
  currency USD
  period month
  round each line half-up

${KINDS.map(charge).join('\n')}`)
}

const result = { rows, some }
for (const workload of workloads) {
  const columns = drawColumns(workload)
  writeBinary(workload, columns)
  writeCsv(workload, columns)
  result[workload] = expected(workload, columns)
}
writeCardOfModels()
fs.writeFileSync(path.join(folder, 'models_prices.csv'),
  MODELS.map((prices, model) => [model, ...prices].join(',')).join('\n') + '\n')
fs.writeFileSync(path.join(folder, 'expected.json'), JSON.stringify(result, null, 1) + '\n')
