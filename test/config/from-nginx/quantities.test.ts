import t from 'tap'
import { readSize, readTime, writeSize, writeTime } from '../../../gateway/config/from-nginx/quantities.ts'

t.test('times are seconds unless they say otherwise, and units add up', async (t) => {
  for (const [text, ours] of [
    ['65', '65s'],
    ['0', '0s'],
    ['75s', '75s'],
    ['500ms', '500ms'],
    ['1h30m', '90m'],
    ['1m 30s', '90s'],
    ['1d', '24h'],
    ['2M', '1440h'],
  ] as const) {
    const time = readTime(text)
    t.equal(time === undefined ? time : writeTime(time), ours, text)
  }
  for (const text of ['', 'off', '5x', '-1', '$time', '1.5s']) t.equal(readTime(text), undefined, text)
})

t.test('sizes are bytes unless they say otherwise, in either case', async (t) => {
  for (const [text, ours] of [
    ['1024', '1KiB'],
    ['1000', '1KiB'],
    ['8k', '8KiB'],
    ['100M', '100MiB'],
    ['1500m', '1500MiB'],
  ] as const) {
    const size = readSize(text)
    t.equal(size === undefined ? size : writeSize(size), ours, text)
  }
  for (const text of ['', '1mb', '5x', '-1', '$size']) t.equal(readSize(text), undefined, text)
})
