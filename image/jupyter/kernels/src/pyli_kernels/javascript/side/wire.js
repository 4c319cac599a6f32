import { writeSync } from 'node:fs'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'

/*
 * What is said to the kernel and heard from it, one JSON object a line (PROTOCOL.md).
 *
 * Requests are read in a thread of their own: it hears an interrupt while a loop keeps this thread busy, and an answer
 * while this thread stands still for it.
 */

/** What is in the memory that both threads share: how many answers have come, and whether an interrupt is heeded. */
export const slots = { answers: 0, interrupt: 1 }

const shared = new Int32Array(new SharedArrayBuffer(8))
const { port1: answers, port2: toAnswers } = new MessageChannel()
let descriptor

/**
 * Open both directions. `onRequest(message)` gets what the kernel asks, `onInterrupt()` is called when it wants the
 * cell to end, both when this thread is idle; a busy one was made so by then.
 */
export function open({ requests, replies, onRequest, onInterrupt }) {
  descriptor = replies
  const workerData = { requests, shared, answers: toAnswers }
  const reader = new Worker(new URL('./wire-reader.js', import.meta.url), { workerData, transferList: [toAnswers] })
  reader.on('message', (message) => {
    if (message.type === 'interrupt') {
      Atomics.store(shared, slots.interrupt, 0)
      onInterrupt()
    } else if (message.type === 'end') {
      process.exit(0)
    } else {
      onRequest(message)
    }
  })
  answers.unref()
}

export function send(message) {
  let bytes = Buffer.from(`${JSON.stringify(message)}\n`)
  while (bytes.length > 0) bytes = bytes.subarray(writeSync(descriptor, bytes))
}

let asked = 0

/** Ask the kernel and stand still until it answers. Returns the answer. */
export function ask(question) {
  const id = ++asked
  send({ ...question, id })
  for (;;) {
    const heard = Atomics.load(shared, slots.answers)
    const answer = receiveMessageOnPort(answers)?.message
    if (answer?.id === id) return answer
    // One that is not ours was asked for by a cell that was interrupted.
    if (!answer) Atomics.wait(shared, slots.answers, heard)
  }
}

/** Returns once all that was written until now is published, so that what follows comes after it. */
export function sync() {
  ask({ type: 'sync' })
}
