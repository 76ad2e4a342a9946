// server.mjs KIND PORT WORKERS: fastify, which answers POST /v1/quotes by one of prices.mjs; with schemas for body
// and answer, as its manual advises for speed.
import cluster from 'node:cluster'
import fastify from 'fastify'
import * as prices from './prices.mjs'

const [kind, port, workers] = process.argv.slice(2)
const text = { type: 'string' }
const whole = { type: 'string', pattern: '^[0-9]{1,15}$' }
const body = {
  type: 'object',
  required: ['card', 'usage'],
  properties: {
    card: { const: 'hybrid' },
    on: text,
    usage: {
      type: 'array',
      minItems: 2,
      maxItems: 2,
      items: {
        type: 'object',
        required: ['meter', 'quantity'],
        properties: { meter: { enum: ['api_calls', 'storage'] }, quantity: whole },
      },
    },
  },
}
const lines = { type: 'array', items: { type: 'object', properties: { path: text, quantity: text, amount: text } } }
const response = { 200: { type: 'object', properties: { card: text, currency: text, lines, total: text } } }

async function serve() {
  const rate = kind === 'zen' ? await prices.zen() : prices[kind]
  const app = fastify()
  app.post('/v1/quotes', { schema: { body, response } }, async request => rate(request.body))
  await app.listen({ port: Number(port), host: '127.0.0.1' })
}

if (cluster.isPrimary && Number(workers) > 1) {
  for (let i = 0; i < Number(workers); ++i) cluster.fork()
  process.on('SIGTERM', () => process.exit(0))
} else {
  await serve()
}
