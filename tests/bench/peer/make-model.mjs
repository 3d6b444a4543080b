// Writes a GGUF with random weights of Qwen2.5-0.5B's shape and a vocabulary of made-up tokens.
// Copyright 2026 The Interval developers
// SPDX-License-Identifier: GPL-3.0-or-later

import { closeSync, openSync, writeSync } from 'node:fs'

const SHAPE = { layers: 24, embd: 896, heads: 14, kv: 2, ffn: 4864, vocab: 151936, context: 2048 }
// id of the type, weights and bytes of a block
const TYPES = { f16: [1, 1, 2], q8_0: [8, 32, 34], q4_0: [2, 32, 18] }
const F32 = [0, 1, 4]
const ALIGNMENT = 32

// --- bytes ------------------------------------------------------------------------------------

class Bytes {
  #parts = []
  size = 0
  add (buffer) {
    this.#parts.push(buffer)
    this.size += buffer.length
  }
  u32 (value) {
    const b = Buffer.alloc(4)
    b.writeUInt32LE(value)
    this.add(b)
  }
  u64 (value) {
    const b = Buffer.alloc(8)
    b.writeBigUInt64LE(BigInt(value))
    this.add(b)
  }
  f32 (value) {
    const b = Buffer.alloc(4)
    b.writeFloatLE(value)
    this.add(b)
  }
  text (value) {
    const b = Buffer.from(value)
    this.u64(b.length)
    this.add(b)
  }
  get () {
    return Buffer.concat(this.#parts)
  }
}

// --- metadata ---------------------------------------------------------------------------------

// 4 u32, 5 i32, 6 f32, 8 string, 9 array: numbers of the GGUF specification
function makePairs (out) {
  const arch = 'qwen2'
  const pairs = [
    ['general.architecture', 8, arch],
    [`${arch}.block_count`, 4, SHAPE.layers],
    [`${arch}.context_length`, 4, SHAPE.context],
    [`${arch}.embedding_length`, 4, SHAPE.embd],
    [`${arch}.feed_forward_length`, 4, SHAPE.ffn],
    [`${arch}.attention.head_count`, 4, SHAPE.heads],
    [`${arch}.attention.head_count_kv`, 4, SHAPE.kv],
    [`${arch}.attention.layer_norm_rms_epsilon`, 6, 1e-6],
    [`${arch}.rope.freq_base`, 6, 1e6],
    ['tokenizer.ggml.model', 8, 'gpt2'],
    ['tokenizer.ggml.pre', 8, 'qwen2'],
    ['tokenizer.ggml.eos_token_id', 4, SHAPE.vocab - 1]
  ]
  out.u64(pairs.length + 3)
  for (const [key, type, value] of pairs) {
    out.text(key)
    out.u32(type)
    if (type === 8) out.text(value)
    else if (type === 6) out.f32(value)
    else out.u32(value)
  }
  // Letters first: byte-level BPE wants its single characters.
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  const tokens = Array.from({ length: SHAPE.vocab }, (_, i) => letters[i] ?? `<t${i}>`)
  addArray(out, 'tokenizer.ggml.tokens', 8, tokens, value => out.text(value))
  addArray(out, 'tokenizer.ggml.token_type', 5, tokens, (_, i) => out.u32(i < 26 ? 1 : 3))
  addArray(out, 'tokenizer.ggml.merges', 8, ['a b'], value => out.text(value))
}

function addArray (out, key, type, values, add) {
  out.text(key)
  out.u32(9)
  out.u32(type)
  out.u64(values.length)
  values.forEach(add)
}

// --- tensors ----------------------------------------------------------------------------------

// [name, rows, columns, type]; rows 0: a vector
function listTensors (type) {
  const { embd, ffn, vocab, heads, kv } = SHAPE
  const dim = embd / heads
  const all = [['token_embd.weight', vocab, embd, type], ['output_norm.weight', 0, embd, F32]]
  for (let i = 0; i < SHAPE.layers; i++) {
    const matrices = [
      ['attn_q', embd, embd], ['attn_k', kv * dim, embd], ['attn_v', kv * dim, embd],
      ['attn_output', embd, embd], ['ffn_gate', ffn, embd], ['ffn_up', ffn, embd],
      ['ffn_down', embd, ffn]
    ]
    for (const [name, rows, columns] of matrices)
      all.push([`blk.${i}.${name}.weight`, rows, columns, type])
    for (const [name, n] of [['attn_q', embd], ['attn_k', kv * dim], ['attn_v', kv * dim]])
      all.push([`blk.${i}.${name}.bias`, 0, n, F32])
    for (const name of ['attn_norm', 'ffn_norm'])
      all.push([`blk.${i}.${name}.weight`, 0, embd, F32])
  }
  return all
}

function getSize ([, rows, columns, [, elements, bytes]]) {
  return Math.max(rows, 1) * columns / elements * bytes
}

const align = n => Math.ceil(n / ALIGNMENT) * ALIGNMENT

function makeInfos (out, tensors) {
  let offset = 0
  for (const tensor of tensors) {
    const [name, rows, columns, [id]] = tensor
    out.text(name)
    out.u32(rows > 0 ? 2 : 1)
    out.u64(columns)
    if (rows > 0) out.u64(rows)
    out.u32(id)
    out.u64(offset)
    offset += align(getSize(tensor))
  }
}

// A xorshift: the same weights every time.
let state = 88172645
function draw () {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return state >>> 0
}

// Blocks of small weights: halves of either sign from 2^-7 to 2^-5, and scales of 2^-12.
function makeBlocks ([id, , bytes], n) {
  const block = Buffer.alloc(n * bytes)
  for (let i = 0; i < n; i++) {
    const at = i * bytes
    if (id === 0) block.writeFloatLE(1, at)
    else if (id === 1) block.writeUInt16LE((draw() & 0x8000) | 0x2000 | (draw() & 0x07ff), at)
    else {
      block.writeUInt16LE(id === 8 ? 0x0c00 : 0x2000, at)
      for (let k = 2; k < bytes; k++) block[at + k] = draw()
    }
  }
  return block
}

export function makeModel (file, typeName) {
  const type = TYPES[typeName]
  const tensors = listTensors(type)
  const head = new Bytes()
  head.add(Buffer.from('GGUF'))
  head.u32(3)
  head.u64(tensors.length)
  makePairs(head)
  makeInfos(head, tensors)
  head.add(Buffer.alloc(align(head.size) - head.size))
  const fd = openSync(file, 'w')
  writeSync(fd, head.get())
  const chunks = new Map()
  for (const tensor of tensors) {
    const kind = tensor[3]
    if (!chunks.has(kind[0])) chunks.set(kind[0], makeBlocks(kind, 1 << 15))
    const chunk = chunks.get(kind[0])
    const size = getSize(tensor)
    for (let done = 0; done < size; done += chunk.length)
      writeSync(fd, chunk, 0, Math.min(chunk.length, size - done))
    writeSync(fd, Buffer.alloc(align(size) - size))
  }
  closeSync(fd)
}
