// Numbers as the tables of docs/benchmarks.md have them.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** In millions of rows a second. */
export function rate(rowsPerSecond) {
  const millions = rowsPerSecond / 1e6
  return millions >= 100 ? Math.round(millions).toLocaleString('en') : millions.toPrecision(3)
}

/** A table in Markdown. */
export function printTable(head, rows) {
  const line = cells => `| ${cells.join(' | ')} |`
  console.log([line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n') + '\n')
}
