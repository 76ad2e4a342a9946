// zen-engine, over the first rows: one call rates a thousand, which is its fastest form. It counts in decimals
// and answers in doubles, which are put back on whole cents.
import { ZenEngine } from '@gorules/zen-engine'
import { readColumns, serve, some, workload } from './peer.mjs'
import { HYBRID, MODELS, STORAGE, TIERS } from './prices.mjs'

const BATCH = 1000
const columns = readColumns(some)
const engine = new ZenEngine()

const at = { x: 0, y: 0 }
const node = (name, type, more = {}) => ({ id: name, name, type, position: at, ...more })
const expression = (key, value) => node(key, 'expressionNode', {
  content: {
    expressions: [{ id: key, key, value }],
    passThrough: true, inputField: null, outputPath: null, executionMode: 'single',
  },
})

/** Rates by expressions, one after the other. */
function decision(...steps) {
  const nodes = [node('in', 'inputNode'), ...steps.map(([key, value]) => expression(key, value)), node('out', 'outputNode')]
  const edges = nodes.slice(1).map((to, i) => ({ id: `e${i}`, type: 'edge', sourceId: nodes[i].id, targetId: to.id }))
  return engine.createDecision({ nodes, edges })
}

const dollars = milli => String(milli / 1000)
const rounded = amount => `round(${amount}, 2)`

/** Each tier as a straight line, chosen by conditions. */
function graduated(used, tiers) {
  let below = 0, base = 0
  const lines = tiers.map(({ upTo, milli }) => {
    const line = { upTo, text: `${base / 1000} + (${used} - ${below}) * ${dollars(milli)}` }
    base += (upTo - below) * milli
    below = upTo
    return line
  })
  return rounded(lines.reduceRight((others, { upTo, text }) =>
    upTo === null ? text : `${used} <= ${upTo} ? ${text} : (${others})`, ''))
}

const perTokens = kind => rounded(`#[${kind + 1}] * prices[#[0]][${kind}] / 1000000`)
const above = `(#[0] > ${HYBRID.included} ? (#[0] - ${HYBRID.included}) * ${dollars(HYBRID.milliPerCall)} : 0)`

const DECISIONS = {
  graduated: () => decision(['amounts', `map(rows, ${graduated('#', TIERS)})`]),
  models: () => decision(['amounts', `map(rows, ${[0, 1, 2].map(kind => perTokens(kind)).join(' + ')})`]),
  hybrid: () => decision(
    ['sums', `map(rows, ${HYBRID.base} + ${rounded(above)} + ${graduated('#[1]', STORAGE)})`],
    ['amounts', `map(sums, max([${HYBRID.minimum}, # - ${rounded(`# * ${HYBRID.percentOff / 100}`)}]))`]),
}

const rated = DECISIONS[workload]()
const prices = MODELS.map(kinds => kinds.map(milli => milli / 1000))

await serve({
  async zen() {
    let sum = 0n
    for (let begin = 0; begin < some; begin += BATCH) {
      const rows = []
      for (let row = begin; row < Math.min(begin + BATCH, some); ++row)
        rows.push(columns.length === 1 ? columns[0][row] : columns.map(column => column[row]))
      const { result } = await rated.evaluate(workload === 'models' ? { rows, prices } : { rows })
      for (const amount of result.amounts) sum += BigInt(Math.round(amount * 100))
    }
    return sum
  },
})
