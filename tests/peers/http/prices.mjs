// The hybrid card three more times, each as its tool has it. All take a usage document, give the lines and the
// total in cents as texts, and round each line half-up.

/** Quantities of a document by their meters. */
const quantities = usage => Object.fromEntries(usage.map(({ meter, quantity }) => [meter, quantity]))

const answer = (calls, storage, amounts) => {
  const lines = [
    { path: 'base', quantity: '1', amount: amounts.base },
    { path: 'api_calls', quantity: calls, amount: amounts.calls },
    { path: 'storage', quantity: storage, amount: amounts.storage },
    { path: 'bill/discount', amount: amounts.discount },
  ]
  if (amounts.minimum) lines.push({ path: 'bill/minimum', amount: amounts.minimum })
  return { card: 'hybrid', currency: 'USD', lines, total: amounts.total }
}

/** 123 cents as `1.23`. */
const money = cents => {
  const digits = String(cents < 0 ? -cents : cents).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** Whole numbers of any size: tenths of a cent, rounded to cents. */
export function bigint({ usage }) {
  const given = quantities(usage)
  const calls = BigInt(given.api_calls)
  const storage = BigInt(given.storage)
  const cents = tenths => (tenths + 5n) / 10n
  const callCents = calls > 100_000n ? cents((calls - 100_000n) * 4n) : 0n
  const storageCents = cents(
    storage <= 51_200n ? storage * 23n
      : storage <= 512_000n ? 1_177_600n + (storage - 51_200n) * 22n
        : 11_315_200n + (storage - 512_000n) * 21n)
  const sum = 50_000n + callCents + storageCents
  const discount = cents(sum)
  const total = sum - discount
  const least = 50_000n
  return answer(given.api_calls, given.storage, {
    base: '500.00', calls: money(callCents), storage: money(storageCents), discount: money(-discount),
    minimum: total < least && money(least - total), total: money(total < least ? least : total),
  })
}

/** The same in doubles that hold whole numbers: exact as long as nobody exceeds 2^53 of them. */
export function numbers({ usage }) {
  const given = quantities(usage)
  const calls = Number(given.api_calls)
  const storage = Number(given.storage)
  const cents = tenths => Math.floor((tenths + 5) / 10)
  const callCents = calls > 100_000 ? cents((calls - 100_000) * 4) : 0
  const storageCents = cents(
    storage <= 51_200 ? storage * 23
      : storage <= 512_000 ? 1_177_600 + (storage - 51_200) * 22
        : 11_315_200 + (storage - 512_000) * 21)
  const sum = 50_000 + callCents + storageCents
  const discount = cents(sum)
  const total = sum - discount
  const least = 50_000
  return answer(given.api_calls, given.storage, {
    base: '500.00', calls: money(callCents), storage: money(storageCents), discount: money(-discount),
    minimum: total < least && money(least - total), total: money(total < least ? least : total),
  })
}

/** A decision table for the tier and expressions for the rest, in zen-engine's decimals. It gives doubles back,
 * which hold cents of such amounts exactly. */
export async function zen() {
  const { ZenEngine } = await import('@gorules/zen-engine')
  const node = (id, type, content) => ({ id, name: id, type, position: { x: 0, y: 0 }, ...(content && { content }) })
  const alone = { inputField: null, outputPath: null, executionMode: 'single' }
  const tiers = [['<= 51200', '0', '0', '0.023'], ['<= 512000', '51200', '1177.6', '0.022'],
    ['', '512000', '11315.2', '0.021']]
  const table = node('tier', 'decisionTableNode', {
    ...alone, hitPolicy: 'first', passThrough: true,
    inputs: [{ id: 'storage', name: 'storage', field: 'storage' }],
    outputs: ['beyond', 'sum', 'rate'].map(field => ({ id: field, name: field, field })),
    rules: tiers.map(([storage, beyond, sum, rate], i) => ({ _id: `tier${i}`, storage, beyond, sum, rate })),
  })
  const cents = text => `floor((${text}) * 100 + 0.5)`
  const prices = node('prices', 'expressionNode', {
    ...alone, passThrough: false,
    expressions: Object.entries({
      calls: cents('max([calls - 100000, 0]) * 0.004'),
      storage: cents('sum + (storage - beyond) * rate'),
      all: '50000 + $.calls + $.storage',
      discount: 'floor($.all * 0.1 + 0.5)',
      minimum: 'max([50000 - ($.all - $.discount), 0])',
      total: '$.all - $.discount + $.minimum',
    }).map(([key, value]) => ({ id: key, key, value })),
  })
  const nodes = [node('in', 'inputNode'), table, prices, node('out', 'outputNode')]
  const edges = nodes.slice(1).map((to, i) => ({ id: `edge${i}`, type: 'edge', sourceId: nodes[i].id, targetId: to.id }))
  const decision = new ZenEngine().createDecision({ nodes, edges })
  return async ({ usage }) => {
    const given = quantities(usage)
    const { result } = await decision.evaluate({ calls: Number(given.api_calls), storage: Number(given.storage) })
    return answer(given.api_calls, given.storage, {
      base: '500.00', calls: money(result.calls), storage: money(result.storage), discount: money(-result.discount),
      minimum: result.minimum > 0 && money(result.minimum), total: money(result.total),
    })
  }
}
