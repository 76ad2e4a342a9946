// The prices of the workloads, as every peer takes them. cards/ has the same for Toll, but for the card of
// models, which generate.mjs writes.

// Graduated tiers: up to so many calls, thousandths of a dollar per call.
export const TIERS = [
  { upTo: 10_000, milli: 10 },
  { upTo: 100_000, milli: 8 },
  { upTo: 1_000_000, milli: 5 },
  { upTo: null, milli: 2 },
]

// Storage of the hybrid card: up to so many GiB-months, thousandths of a dollar each.
export const STORAGE = [
  { upTo: 51_200, milli: 23 },
  { upTo: 512_000, milli: 22 },
  { upTo: null, milli: 21 },
]
export const HYBRID = { base: 500, included: 100_000, milliPerCall: 4, percentOff: 10, minimum: 500 }

// Of each model: thousandths of a dollar per million input, cached and output tokens.
export const MODELS = [
  [3000, 300, 15000], [15000, 1500, 75000], [800, 80, 4000], [250, 30, 1250], [2500, 1250, 10000],
  [150, 75, 600], [1250, 125, 10000], [250, 25, 2000], [50, 5, 400], [1100, 550, 4400],
  [10000, 2500, 40000], [2000, 500, 8000], [400, 100, 1600], [100, 25, 400], [1250, 310, 10000],
  [300, 75, 2500], [75, 19, 300], [270, 70, 1100], [550, 140, 2190], [900, 225, 900],
]
export const KINDS = ['input', 'cached', 'output']

export const COLUMNS = {
  graduated: ['calls'],
  models: ['model', 'input', 'cached', 'output'],
  hybrid: ['api_calls', 'storage'],
}
