// DuckDB in process, over a table in memory. `decimal`: the narrowest DECIMALs that hold the numbers, with which
// it counts in 64 bits; `wide`: DECIMAL(18) and more, as a cautious person writes it; `bigint`: scaled by hand.
import { DuckDBInstance } from '@duckdb/node-api'
import path from 'node:path'
import { folder, serve, workload } from './peer.mjs'
import { COLUMNS, MODELS } from './prices.mjs'
import { amountOf, WAYS } from './queries.mjs'

const database = await DuckDBInstance.create(':memory:')
const connection = await database.connect()
const query = async text => (await connection.runAndReadAll(text)).getRows()

const variants = {}
for (const [name, way] of Object.entries(WAYS)) {
  const columns = COLUMNS[workload].map(column => `${column}::${way.stored(column)} as ${column}`)
  await query(`create table usage_${name} as select ${columns.join(', ')} ` +
    `from read_csv('${path.join(folder, `${workload}.csv`)}')`)
  if (workload === 'models') {
    const rows = MODELS.map((prices, model) => `(${model}, ${prices.map(way.token).join(', ')})`)
    const prices = ['input_price', 'cached_price', 'output_price']
    await query(`create table prices_${name} as select model::${way.stored('model')} as model, ${prices.join(', ')} ` +
      `from (values ${rows.join(', ')}) prices(model, ${prices.join(', ')})`)
  }
  const text = `select sum(amount)::VARCHAR from (${amountOf(workload, name, `usage_${name}`)})`
  for (const threads of [1, 2])
    variants[`${name}/${threads}`] = async () => way.cents((await query(text))[0][0])
}
// Threads are set outside of what is timed.
let threads = 0
await serve(variants, async name => {
  if (threads !== (threads = Number(name.split('/')[1]))) await query(`set threads = ${threads}`)
})
