import t from 'tap'
import { demultiplexed } from '../../../provisioner/stack/explain.ts'

const frame = (stream: number, text: string) => {
  const head = Buffer.alloc(8)
  head[0] = stream
  head.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([head, Buffer.from(text)])
}

t.test('what a task said is read out of the engine’s frames', async (t) => {
  t.equal(demultiplexed(Buffer.concat([frame(1, 'first\n'), frame(2, 'pyli: größer\n')])), 'first\npyli: größer\n')
  t.equal(demultiplexed(Buffer.alloc(0)), '')
  t.equal(demultiplexed(frame(1, 'whole').subarray(0, 11)), 'who', 'one that was cut off')
})
