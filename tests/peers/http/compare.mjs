// compare.mjs requests FILE: writes the bodies that all are asked, one a line.
// compare.mjs answers FILE PORT...: asks each of them; their lines and totals have to be the same.
// compare.mjs table FILE: the medians of what wrk found (NAME QUOTES P50 P99 ERRORS a line), beside Toll's.
import fs from 'node:fs'

const [verb, file, ...ports] = process.argv.slice(2)

function writeRequests() {
  let state = 12345
  const below = limit => (state = (state * 1103515245 + 12345) % 2147483648) % limit
  const document = (calls, storage) => JSON.stringify({
    card: 'hybrid',
    on: '2026-03-15',
    usage: [{ meter: 'api_calls', quantity: String(calls) }, { meter: 'storage', quantity: String(storage) }],
  })
  const ends = [[0, 0], [100_000, 51_200], [100_001, 51_201], [0, 512_000], [9_999_999, 512_001]]
  const all = ends.map(([calls, storage]) => document(calls, storage))
  while (all.length < 256) all.push(document(below(10 ** (1 + below(7))), below(10 ** (1 + below(6)))))
  fs.writeFileSync(file, all.join('\n') + '\n')
}

/** What an answer comes to: what all of them have, whatever else they say. */
const gist = ({ lines, total }) => JSON.stringify([lines.map(({ path, amount }) => [path, amount]), total])

async function ask(port, body) {
  const response = await fetch(`http://127.0.0.1:${port}/v1/quotes`,
    { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  if (response.status !== 200) throw new Error(`port ${port} answers ${response.status}: ${await response.text()}`)
  return gist(await response.json())
}

async function compareAnswers() {
  const bodies = fs.readFileSync(file, 'utf8').trimEnd().split('\n')
  for (const body of bodies) {
    const answers = await Promise.all(ports.map(port => ask(port, body)))
    const other = answers.findIndex(answer => answer !== answers[0])
    if (other >= 0) throw new Error(`${body}\n  ${answers[0]}\n  ${answers[other]} (port ${ports[other]})`)
  }
  console.log(`${bodies.length} documents, ${ports.length} servers: the same lines and totals`)
}

const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

function printTable() {
  const rows = new Map()
  for (const line of fs.readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const [name, ...figures] = line.split(' ')
    if (!rows.has(name)) rows.set(name, [])
    rows.get(name).push(figures.map(Number))
  }
  const toll = rows.get('toll')
  console.log('| | quotes/s | Toll is | p50 | p99 |\n|---|---|---|---|---|')
  for (const [name, runs] of rows) {
    const of = i => median(runs.map(run => run[i]))
    const times = median(runs.map((run, i) => toll[i][0] / run[0]))
    if (runs.some(run => run[3] > 0)) throw new Error(`${name}: answers other than 200`)
    console.log(`| ${name} | ${of(0).toLocaleString('en')} | ${times.toFixed(1)} × | ` +
      `${(of(1) / 1000).toFixed(2)} ms | ${(of(2) / 1000).toFixed(2)} ms |`)
  }
}

await { requests: writeRequests, answers: compareAnswers, table: printTable }[verb]()
