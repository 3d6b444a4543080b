// Measures llama.cpp (through node-llama-cpp) and Interval on the same files, one after the other.
// Copyright 2026 The Interval developers
// SPDX-License-Identifier: GPL-3.0-or-later

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { makeModel } from './make-model.mjs'

const PROMPT = 128
const RUNS = Number(process.env.RUNS ?? 3)
const self = fileURLToPath(import.meta.url)

const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
const seconds = start => Number(process.hrtime.bigint() - start) / 1e9

// --- in a process of its own: one backend, one file -----------------------------------------------

async function measure (file, gpu, nPrompt, nDecode) {
  const { getLlama } = await import('node-llama-cpp')
  const llama = await getLlama({ gpu, build: 'never', progressLogs: false, logLevel: 'error' })
  const model = await llama.loadModel({ modelPath: file, gpuLayers: gpu ? 'max' : 0 })
  const context = await model.createContext({ contextSize: 512, batchSize: 512, threads: 2 })
  const prefill = [], decode = []
  for (let run = 0; run <= RUNS; run++) { // the first compiles and is not counted
    const sequence = context.getSequence()
    const ids = Array.from({ length: nPrompt }, (_, i) => (i * 7919) % 151000)
    let start = process.hrtime.bigint()
    await sequence.evaluateWithoutGeneratingNewTokens(ids)
    if (run > 0) prefill.push(nPrompt / seconds(start))
    start = process.hrtime.bigint()
    let n = 0
    for await (const id of sequence.evaluate([5], { temperature: 0, yieldEogToken: true }))
      if (++n === nDecode || id === undefined) break
    if (run > 0) decode.push(n / seconds(start))
    sequence.dispose()
  }
  console.log(JSON.stringify({ prefill: median(prefill), decode: median(decode) }))
  process.exit(0)
}

// --- the table --------------------------------------------------------------------------------

function runPeer (file, backend, nPrompt, nDecode) {
  const env = { ...process.env, GGML_VK_VISIBLE_DEVICES: '0' }
  const out = execFileSync(process.execPath, [self, '--measure', file, backend, nPrompt, nDecode],
    { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(out.trim().split('\n').pop())
}

function runInterval (cli, file) {
  const out = execFileSync(cli, ['bench', file, '--prefill', PROMPT, '--decode', '32', '--runs',
    RUNS, '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const result = JSON.parse(out)
  return { prefill: result.prefill_tokens_per_s, decode: result.decode_tokens_per_s }
}

function print (type, engine, { prefill, decode }) {
  console.log(`| ${type} | ${engine} | ${prefill.toFixed(1)} | ${decode.toFixed(2)} |`)
}

function main (cli, types) {
  const folder = mkdtempSync(join(tmpdir(), 'interval-peer-'))
  console.log(`prompt of ${PROMPT} (Vulkan peer: 64), 32 tokens written (8); medians of ${RUNS}`)
  console.log('| weights | engine | prompt, tokens/s | written, tokens/s |\n|---|---|---|---|')
  try {
    for (const type of types) {
      const file = join(folder, `${type}.gguf`)
      makeModel(file, type)
      print(type, 'Interval', runInterval(cli, file))
      print(type, 'peer, Vulkan', runPeer(file, 'vulkan', 64, 8))
      print(type, 'peer, CPU', runPeer(file, 'cpu', PROMPT, 32))
      rmSync(file)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const [first, ...rest] = process.argv.slice(2)
if (first === '--measure') {
  await measure(rest[0], rest[1] === 'cpu' ? false : rest[1], Number(rest[2]), Number(rest[3]))
} else if (first === undefined || !existsSync(first)) {
  console.error('peer.mjs INTERVAL-CLI [f16 q8_0 q4_0]')
  process.exit(2)
} else {
  main(first, rest.length > 0 ? rest : ['f16', 'q8_0', 'q4_0'])
}
