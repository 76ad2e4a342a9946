// Lets the peers take turns over the same usage, and compares what they give:
// drive.mjs FOLDER PROGRAMS CARDS REPEATS
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import readline from 'node:readline'
import { median, printTable, rate } from './report.mjs'

const [folder, programs, cards, repeatsText] = process.argv.slice(2)
const repeats = Number(repeatsText)
const expected = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json')))
const here = path.dirname(fileURLToPath(import.meta.url))
const script = name => [process.execPath, path.join(here, `${name}.mjs`)]

const cardOf = workload =>
  path.join(workload === 'models' ? path.join(folder, 'cards') : cards, `${workload}@2026-01-01.toll`)

// `passes`: of what takes a millisecond a repeat is the median of several. `some`: over the first rows only.
const PEERS = [
  { label: 'C++ by hand', command: [path.join(programs, 'peer_by_hand')], variants: ['amounts/1', 'total/1'], passes: 25 },
  { label: 'Toll', command: [path.join(programs, 'peer_toll')], variants: ['amounts/1', 'total/1'], passes: 25,
    card: true },
  { label: 'DuckDB', command: script('duckdb'),
    variants: ['decimal/1', 'decimal/2', 'bigint/1', 'wide/1'] },
  { label: 'PostgreSQL', command: script('postgres'), variants: ['numeric/1'] },
  { label: 'decimal.js', command: script('decimal'), variants: ['decimal'], some: true },
  { label: 'zen-engine', command: script('zen'), variants: ['zen'], some: true },
]

/** A process that answers a line with a line. */
class Peer {
  constructor(peer, workload) {
    Object.assign(this, peer)
    const [program, ...first] = peer.command
    this.process = spawn(program, [...first, workload, folder, ...(peer.card ? [cardOf(workload)] : [])],
      { stdio: ['pipe', 'pipe', 'inherit'] })
    this.lines = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]()
  }

  async answer() {
    const { value, done } = await this.lines.next()
    if (done) throw new Error(`${this.label} has ended`)
    return value
  }

  async rateOnce(variant) {
    this.process.stdin.write(`${variant}\n`)
    const [seconds, total] = (await this.answer()).split(' ')
    return { seconds: Number(seconds), total }
  }

  async stop() {
    const ended = new Promise(resolve => this.process.once('exit', resolve))
    this.process.stdin.end()
    await ended
  }
}

let wrong = 0

async function measure(workload) {
  const peers = []
  for (const peer of PEERS) {
    peers.push(new Peer(peer, workload))
    await peers.at(-1).answer()  // is ready
  }
  const results = []
  for (let repeat = 0; repeat <= repeats; ++repeat) {  // the first one only warms up
    for (const peer of peers) {
      const { all, some } = expected[workload]
      for (const variant of peer.variants) {
        const seconds = []
        for (let pass = 0; pass < (peer.passes ?? 1); ++pass) {
          const { seconds: taken, total } = await peer.rateOnce(variant)
          seconds.push(taken)
          if (total === (peer.some ? some : all)) continue
          console.error(`${workload}: ${peer.label} ${variant} gives ${total}, not ${peer.some ? some : all}`)
          ++wrong
        }
        if (repeat === 0) {
          results.push({ peer, variant, rates: [] })
          continue
        }
        const result = results.find(other => other.peer === peer && other.variant === variant)
        result.rates.push((peer.some ? expected.some : expected.rows) / median(seconds))
      }
    }
  }
  for (const peer of peers) await peer.stop()
  return results
}

for (const workload of Object.keys(expected).filter(name => typeof expected[name] === 'object')) {
  const results = await measure(workload)
  const toll = kind => median(results.find(({ peer, variant }) => peer.label === 'Toll' && variant === kind).rates)
  const times = ratio => ratio < 10 ? ratio.toFixed(2) : Math.round(ratio).toLocaleString('en')
  printTable([workload, 'threads', 'million rows/s', 'lowest to highest', 'Toll, total', 'Toll, amounts'],
    results.map(({ peer, variant, rates }) => {
      const [kind, threads = '1'] = variant.split('/')
      const label = peer.variants.length > 1 ? `${peer.label}, ${kind}` : peer.label
      return [label, threads, rate(median(rates)), `${rate(Math.min(...rates))} to ${rate(Math.max(...rates))}`,
        ...['total/1', 'amounts/1'].map(own => times(toll(own) / median(rates)))]
    }))
}
console.log(wrong === 0 ? 'All totals are equal to the last cent.' : `${wrong} totals differ.`)
process.exitCode = wrong === 0 ? 0 : 1
