import t from 'tap'
import { unframed } from '../../../provisioner/host/engine-answers.ts'

const frame = (stream: number, text: string | Buffer) => {
  const head = Buffer.alloc(8)
  head[0] = stream
  head.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([head, Buffer.from(text)])
}

t.test('what a container said is read out of the engine’s frames', async (t) => {
  t.equal(unframed(Buffer.concat([frame(1, 'first\n'), frame(2, 'pyli: größer\n')])), 'first\npyli: größer\n')
  t.equal(unframed(Buffer.alloc(0)), '')
  t.equal(unframed(frame(1, 'whole').subarray(0, 11)), 'who', 'one that was cut off')
  const word = Buffer.from('ö')
  t.equal(unframed(Buffer.concat([frame(1, word.subarray(0, 1)), frame(1, word.subarray(1))])), 'ö', 'cut in two')
})
