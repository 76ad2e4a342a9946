// A peer is a process that rates when it is asked to: for each line on standard input, which names one of its
// variants, it rates once and answers `SECONDS TOTAL`, the total in cents. So a driver can take turns.
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { COLUMNS } from './prices.mjs'

export const [workload, folder] = process.argv.slice(2)
export const { rows, some } = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json')))

/** The columns as numbers; their first `count` rows. */
export function readColumns(count = rows) {
  const bytes = fs.readFileSync(path.join(folder, `${workload}.bin`))
  const all = new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8)
  return COLUMNS[workload].map((_, i) => Float64Array.from(all.subarray(i * rows, i * rows + count), Number))
}

/** `12.30` in cents. */
export function centsOf(text) {
  const [whole, fraction = ''] = String(text).split('.')
  if (!/^0*$/.test(fraction.slice(2))) throw new Error(`${text} is no whole number of cents`)
  return BigInt(whole) * 100n + BigInt(fraction.slice(0, 2).padEnd(2, '0'))
}

/** Answers until standard input ends. `variants`: by name, a function that gives the total in cents, or one that
 * does when the clock has stopped. `prepare` is not timed either. */
export async function serve(variants, prepare = async () => {}) {
  console.log('ready')
  for await (const name of readline.createInterface({ input: process.stdin })) {
    await prepare(name)
    const begun = performance.now()
    const total = await variants[name]()
    const seconds = (performance.now() - begun) / 1000
    console.log(`${seconds} ${typeof total === 'function' ? await total() : total}`)
  }
}
