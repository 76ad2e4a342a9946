// `toll rate` and DuckDB over the same CSV file in the page cache: tables.mjs FOLDER TOLL CARDS REPEATS
//
// Toll is a whole process from its start to its end; of DuckDB only the query is timed. With one thread both
// are held to one processor, since Toll has a thread that reads and writes beside those that rate.
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import readline from 'node:readline'
import { median, printTable, rate } from './report.mjs'

const [folder, toll, cards, repeatsText] = process.argv.slice(2)
const repeats = Number(repeatsText)
const expected = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json')))
const here = path.dirname(fileURLToPath(import.meta.url))
const output = path.join(folder, 'out.csv')
const pinned = threads => (threads === 1 ? ['taskset', '-c', '0'] : [])

function tollOnce(workload, threads, writes) {
  const command = [...pinned(threads), toll, 'rate', workload, '--cards', cards, '--on', '2026-03-01', '--threads',
    String(threads), '--input', path.join(folder, `${workload}.csv`), ...(writes ? ['--output', output] : [])]
  const begun = performance.now()
  const text = execFileSync(command[0], command.slice(1), { encoding: 'utf8' })
  const seconds = (performance.now() - begun) / 1000
  return { seconds, total: text.match(/total ([\d,.]+)/)[1].replace(/[,.]/g, '') }
}

class DuckDb {
  constructor(workload, threads) {
    const [program, ...first] = [...pinned(threads), process.execPath, path.join(here, 'duckdb_table.mjs')]
    this.process = spawn(program, [...first, workload, folder, output, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.lines = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]()
  }

  async rateOnce(variant) {
    this.process.stdin.write(`${variant}\n`)
    const [seconds, total] = (await this.lines.next()).value.split(' ')
    return { seconds: Number(seconds), total }
  }
}

let wrong = 0

async function measure(workload, threads) {
  const duckdb = new DuckDb(workload, threads)
  await duckdb.lines.next()  // is ready
  const WAYS = {
    'Toll, totals': () => tollOnce(workload, threads, false),
    'DuckDB, totals, decimal': () => duckdb.rateOnce('decimal'),
    'DuckDB, totals, bigint': () => duckdb.rateOnce('bigint'),
    'Toll, with amounts written': async () => ({
      ...tollOnce(workload, threads, true),
      total: (await duckdb.rateOnce('check')).total,  // of the file, not what the program says
    }),
    'DuckDB, with amounts written': () => duckdb.rateOnce('written'),
  }
  const rates = Object.fromEntries(Object.keys(WAYS).map(name => [name, []]))
  for (let repeat = 0; repeat <= repeats; ++repeat) {  // the first one only warms up
    for (const [name, once] of Object.entries(WAYS)) {
      fs.rmSync(output, { force: true })
      const { seconds, total } = await once()
      if (repeat > 0) rates[name].push(expected.rows / seconds)
      if (total === expected[workload].all) continue
      console.error(`${workload}: ${name} gives ${total}, not ${expected[workload].all}`)
      ++wrong
    }
  }
  duckdb.process.stdin.end()
  return rates
}

for (const workload of Object.keys(expected).filter(name => typeof expected[name] === 'object')) {
  const bytes = fs.statSync(path.join(folder, `${workload}.csv`)).size
  const rows = []
  for (const threads of [1, 2]) {
    const rates = await measure(workload, threads)
    for (const [name, of] of Object.entries(rates)) {
      const like = name.includes('written') ? 'Toll, with amounts written' : 'Toll, totals'
      rows.push([name, threads, rate(median(of)), `${rate(Math.min(...of))} to ${rate(Math.max(...of))}`,
        (median(rates[like]) / median(of)).toFixed(2)])
    }
  }
  printTable([`${workload}, ${Math.round(bytes / 1e6)} MB`, 'threads', 'million rows/s', 'lowest to highest',
    'Toll is so many times as fast'], rows)
}
fs.rmSync(output, { force: true })
console.log(wrong === 0 ? 'All totals are equal to the last cent.' : `${wrong} totals differ.`)
process.exitCode = wrong === 0 ? 0 : 1
