import { Session } from 'node:inspector'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { parentPort, workerData } from 'node:worker_threads'
import { slots } from './wire.js'

/*
 * The thread that reads what the kernel says and sorts it: answers go where `ask` waits for them, all else to the main
 * thread's event loop.
 */

/** How long the main thread has to heed an interrupt by itself, as one that awaits does, in milliseconds. */
const patience = 50

const { requests, shared, answers } = workerData

const lines = createInterface({ input: new Socket({ fd: requests, readable: true, writable: false }), crlfDelay: 0 })

lines.on('line', (line) => {
  const message = JSON.parse(line)
  if (message.type === 'synced' || message.type === 'input_reply') {
    answers.postMessage(message)
    Atomics.add(shared, slots.answers, 1)
    Atomics.notify(shared, slots.answers)
  } else if (message.type === 'interrupt') {
    interrupt()
  } else {
    parentPort.postMessage(message)
  }
})

lines.on('close', () => parentPort.postMessage({ type: 'end' }))

/** Have the main thread end its cell. One that is busy is thrown out of whatever it runs, until it listens. */
function interrupt() {
  Atomics.store(shared, slots.interrupt, 1)
  parentPort.postMessage({ type: 'interrupt' })
  const insist = () => {
    if (Atomics.load(shared, slots.interrupt) === 0) return
    const session = new Session()
    session.connectToMainThread()
    session.post('Runtime.terminateExecution', () => session.disconnect())
    setTimeout(insist, patience)
  }
  setTimeout(insist, patience)
}
