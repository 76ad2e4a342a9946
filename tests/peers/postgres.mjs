// PostgreSQL with NUMERIC, over a table in a warm cache: a server of its own on a socket in FOLDER/postgres, which
// is stopped at the end. postgres.mjs WORKLOAD FOLDER
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { centsOf, folder, serve, workload } from './peer.mjs'
import { COLUMNS, HYBRID, MODELS, STORAGE, TIERS } from './prices.mjs'

const home = path.resolve(folder, 'postgres'), data = path.join(home, 'data')
const versions = '/usr/lib/postgresql'
const bin = path.join(versions, fs.readdirSync(versions).sort().at(-1), 'bin')
// The server refuses to run as root.
const asServer = os.userInfo().uid === 0 ? ['runuser', '-u', 'postgres', '--'] : []
const server = (program, ...args) => {
  const [first, ...rest] = [...asServer, path.join(bin, program), ...args]
  execFileSync(first, rest, { stdio: ['ignore', 'ignore', 'inherit'], cwd: '/' })
}

fs.rmSync(home, { recursive: true, force: true })
fs.mkdirSync(home, { recursive: true })
if (asServer.length > 0) execFileSync('chown', ['postgres', home])
server('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync')
server('pg_ctl', '-D', data, '-w', '-l', path.join(home, 'log'), '-o',
  `-c listen_addresses='' -c unix_socket_directories=${home} -c shared_buffers=512MB -c fsync=off`, 'start')
process.on('exit', () => server('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop'))

const psql = spawn('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', home, '-U', 'postgres', 'postgres'],
  { stdio: ['pipe', 'pipe', 'inherit'] })
let answered
psql.stdout.on('data', text => answered.resolve(String(text).trim()))
psql.on('exit', () => answered?.reject(new Error('psql has ended')))
/** The answer of a query that gives one value. */
const query = text => new Promise((resolve, reject) => {
  answered = { resolve, reject }
  psql.stdin.write(`${text};\n`)
})
const run = text => query(`${text}; select 1`)

const dollars = milli => `${milli / 1000}::numeric`
function graduated(used, tiers) {
  let below = 0
  return `round(${tiers.map(({ upTo, milli }) => {
    const above = `greatest(${used} - ${below}, 0)`
    const part = upTo === null ? above : `least(${above}, ${upTo - below})`
    below = upTo
    return `${part} * ${dollars(milli)}`
  }).join(' + ')}, 2)`
}
const above = `greatest(api_calls - ${HYBRID.included}, 0) * ${dollars(HYBRID.milliPerCall)}`
const QUERIES = {
  graduated: () => `select sum(${graduated('calls', TIERS)}) from usage`,
  models: () => `select sum(${['input', 'cached', 'output'].map(kind => `round(${kind} * ${kind}_price, 2)`).join(' + ')}) ` +
    'from usage join prices using (model)',
  // OFFSET keeps the planner from working the sum out twice.
  hybrid: () => `select sum(greatest(bill - round(bill * ${HYBRID.percentOff / 100}, 2), ${HYBRID.minimum})) from ` +
    `(select ${HYBRID.base} + round(${above}, 2) + ${graduated('storage', STORAGE)} as bill from usage offset 0) bills`,
}

const columns = COLUMNS[workload]
const types = workload === 'models' ? columns : ['customer', ...columns]
await run(`create table loaded (${types.map(name => `${name} ${name === 'customer' ? 'text' : 'numeric'}`).join(', ')})`)
await run(`\\copy loaded from '${path.resolve(folder, `${workload}.csv`)}' (format csv, header)\n`)
await run(`create table usage as select ${columns.join(', ')} from loaded; drop table loaded`)
const rows = MODELS.map((prices, model) => `(${model}, ${prices.map(milli => `${milli} * 1e-9`).join(', ')})`)
await run(`create table prices (model, input_price, cached_price, output_price) as select * from (values ${rows.join(', ')}) p`)
await run('vacuum analyze usage')

await run('set jit = off; set max_parallel_workers_per_gather = 0')  // with its compiler it is no faster here
await serve({ 'numeric/1': async () => centsOf(await query(QUERIES[workload]())) })
psql.stdin.end()
