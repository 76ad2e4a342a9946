// DuckDB over a CSV file: duckdb_table.mjs WORKLOAD FOLDER OUTPUT THREADS. It is told the types, so that it need
// not look for them.
import { DuckDBInstance } from '@duckdb/node-api'
import path from 'node:path'
import { folder, serve, workload } from './peer.mjs'
import { COLUMNS } from './prices.mjs'
import { amountOf, WAYS } from './queries.mjs'

const [output, threads] = process.argv.slice(4)
const database = await DuckDBInstance.create(':memory:')
const connection = await database.connect()
const query = async text => (await connection.runAndReadAll(text)).getRows()
await query(`set threads = ${threads}`)

const names = COLUMNS[workload]
const types = ["'customer': 'VARCHAR'", ...names.map(name => `'${name}': 'BIGINT'`)]
const table = `read_csv('${path.join(folder, `${workload}.csv`)}', header = true, columns = {${types.join(', ')}})`
const total = way => async () =>
  WAYS[way].cents((await query(`select sum(amount)::VARCHAR from (${amountOf(workload, way, table)})`))[0][0])

const written = async () =>
  WAYS.decimal.cents((await query(`select sum(amount::DECIMAL(18, 2))::VARCHAR from read_csv('${output}')`))[0][0])

await serve({
  decimal: total('decimal'),
  bigint: total('bigint'),
  async written() {
    await query(`copy (${amountOf(workload, 'decimal', table, ['customer', ...names])}) to '${output}' (header)`)
    return written  // which is added up after the clock has stopped
  },
  check: written,
})
