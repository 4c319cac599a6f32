import { bytes, duration } from '../forms/quantity.ts'
import { type Bytes, kibibytes, type Ms, mebibytes, ms } from '../units.ts'

/** nginx's units of time; a bare number is seconds. */
const times: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
}

/** `65`, `1h30m`, `500ms` or `1d`, or undefined for what is no time. */
export function readTime(text: string): Ms | undefined {
  if (!/^(?:\d+(?:ms|[smhdwMy])? ?)+$/.test(text)) return undefined
  const parts = text.matchAll(/(\d+)(ms|[smhdwMy])?/g)
  return ms(
    Array.from(parts, ([, digits, unit = 's']) => Number(digits) * (times[unit] as number)).reduce((a, b) => a + b),
  )
}

const sizes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** `1024`, `8k`, `10m` or `1g`, or undefined for what is no size. */
export function readSize(text: string): Bytes | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmg])?$/i.exec(text) ?? []
  return digits === undefined ? undefined : ((Number(digits) * (sizes[unit.toLowerCase()] as number)) as Bytes)
}

const anyTime = duration({ least: ms(0) })
const anySize = bytes({ least: kibibytes(1), most: mebibytes(1) })

/** As our options are written. */
export const writeTime = (time: Ms): string => anyTime.write(time)
/** Our smallest unit is 1 KiB: what is less is rounded up, so that nothing is refused that nginx let pass. */
export const writeSize = (size: Bytes): string => anySize.write(kibibytes(Math.ceil(size / 1024)))
