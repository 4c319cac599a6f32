import type { Rate } from '../config.ts'
import { type Bytes, days, gibibytes, kibibytes, type Ms, mebibytes, minutes, ms, seconds } from '../units.ts'
import type { Form } from './form.ts'

/** A unit is required: a bare 30 is thirty seconds to one reader and thirty milliseconds to the next. */
interface Scale<T extends number> {
  readonly units: Readonly<Record<string, T>>
  readonly samples: string
  /** How nothing is written. */
  readonly zero: string
}

// From small to large: what is written takes the largest unit that leaves a whole number.
const time: Scale<Ms> = {
  units: { ms: ms(1), s: seconds(1), m: minutes(1), h: minutes(60) },
  samples: '500ms, 2s or 1m',
  zero: '0s',
}
const long: Scale<Ms> = {
  units: { s: seconds(1), m: minutes(1), h: minutes(60), d: days(1) },
  samples: '3600s, 24h or 365d',
  zero: '0s',
}
const size: Scale<Bytes> = {
  units: { KiB: kibibytes(1), MiB: mebibytes(1), GiB: gibibytes(1) },
  samples: '512KiB or 1MiB',
  zero: '0',
}

/**
 * No time that is waited for is longer than a day. setTimeout holds 31 bits of milliseconds, about 24 days, and fires
 * *at once* on more: a generous time-out would end every exchange.
 */
const longest = minutes(24 * 60)

export const duration = ({ least = ms(1) }: { least?: Ms } = {}): Form<Ms> => quantity(time, least, longest)
export const bytes = ({ least, most }: { least: Bytes; most: Bytes }): Form<Bytes> => quantity(size, least, most)

/** For times that are only told to somebody: no timer could wait so long. */
export const longTime = ({ most }: { most: Ms }): Form<Ms> => quantity(long, ms(0), most)

/** A whole number without a unit. */
export function count({ least, most }: { least: number; most: number }): Form<number> {
  return {
    read(text) {
      const value = Number(text)
      const fits = /^\d+$/.test(text) && value >= least && value <= most
      return fits ? { value } : { must: `be a whole number from ${least} to ${most}` }
    },
    write: String,
  }
}

/** So many in so much time: `10/1m`. */
export function rate({ most }: { most: number }): Form<Rate> {
  const counts = count({ least: 1, most })
  const times = duration({ least: seconds(1) })
  return {
    read(text) {
      const [before, after] = text.split('/', 2)
      const reading = counts.read(before ?? '')
      const within = times.read(after ?? '')
      if (!/^[^/]+\/[^/]+$/.test(text) || 'must' in within) return { must: 'look like 10/1m, ten in a minute' }
      return 'must' in reading
        ? { must: `have a count from 1 to ${most}` }
        : { value: { count: reading.value, time: within.value } }
    },
    write: ({ count: number, time: within }) => `${number}/${times.write(within)}`,
  }
}

function quantity<T extends number>({ units, samples, zero }: Scale<T>, least: T, most: T): Form<T> {
  const write = (value: T): string => {
    if (value === 0) return zero
    const [name, unit] = Object.entries(units).findLast(([, each]) => value % each === 0) ?? ['', 1]
    return `${value / unit}${name}`
  }
  return {
    read(text) {
      if (text === zero && least === 0) return { value: 0 as T }
      const [, digits, name = ''] = /^(\d+)([a-zA-Z]+)$/.exec(text) ?? []
      const unit = Object.hasOwn(units, name) ? units[name] : undefined
      if (digits === undefined || unit === undefined) return { must: `look like ${samples}` }
      const value = (Number(digits) * unit) as T
      const fits = value >= least && value <= most
      return fits ? { value } : { must: `be from ${write(least)} to ${write(most)}` }
    },
    write,
  }
}
