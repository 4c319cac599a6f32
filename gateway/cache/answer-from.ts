import { header, headerValues, type RawHeaders } from '../http1/raw-headers.ts'
import type { CachedFile, Coding } from './cached-file.ts'

export interface FileAnswer {
  readonly status: 200 | 206 | 304 | 416
  readonly headers: RawHeaders
  /** Of a GET. */
  readonly body: Buffer
}

const noBytes: Buffer = Buffer.alloc(0)

/** What a GET or HEAD with these headers is answered from a file that is kept (RFC 9110 sections 12 to 14). */
export function answerFrom(file: CachedFile, asked: RawHeaders): FileAnswer {
  const range = rangeOf(file, asked)
  const coding = range === undefined ? codingFor(file, headerValues(asked, 'accept-encoding').join(',')) : undefined
  const body = coding === undefined ? file.body : (file.coded[coding] as Buffer)
  const headers = [...file.headers, 'ETag', `"${tagOf(file, coding)}"`, 'Age', String(file.age)]
  headers.push('Vary', 'Accept-Encoding', 'Accept-Ranges', 'bytes')
  if (isKnown(file, asked)) return { status: 304, headers, body: noBytes }
  if (range === 'unsatisfiable') {
    headers.push('Content-Range', `bytes */${file.body.length}`, 'Content-Length', '0')
    return { status: 416, headers, body: noBytes }
  }
  if (range) {
    const { from, to } = range
    headers.push('Content-Range', `bytes ${from}-${to}/${file.body.length}`, 'Content-Length', String(to - from + 1))
    return { status: 206, headers, body: file.body.subarray(from, to + 1) }
  }
  if (coding !== undefined) headers.push('Content-Encoding', coding)
  headers.push('Content-Length', String(body.length))
  return { status: 200, headers, body }
}

function tagOf({ tag }: CachedFile, coding?: Coding): string {
  return coding === undefined ? tag : `${tag}-${coding}`
}

/** Whether the client has it already, however coded. If-None-Match goes before dates (RFC 9110 13.2.2). */
function isKnown(file: CachedFile, asked: RawHeaders): boolean {
  const tags = headerValues(asked, 'if-none-match').join(',')
  if (tags !== '') {
    const own = [tagOf(file), tagOf(file, 'br'), tagOf(file, 'gzip')]
    return tags
      .split(',')
      .some((each) => each.trim() === '*' || own.includes(/^\s*(?:W\/)?"(.*)"\s*$/.exec(each)?.[1] ?? ''))
  }
  const since = Date.parse(header(asked, 'if-modified-since') ?? '')
  const modified = Date.parse(header(file.headers, 'last-modified') ?? '')
  return modified <= since // and not where either is no date
}

type Range = { readonly from: number; readonly to: number } | 'unsatisfiable' | undefined

/** One range, of the file as it is. Several at once, and what is none, is answered whole, as anybody may. */
function rangeOf(file: CachedFile, asked: RawHeaders): Range {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header(asked, 'range') ?? '') ?? []
  if (first === '' && last === '') return undefined
  const condition = header(asked, 'if-range')
  const isSame = condition === `"${tagOf(file)}"` || condition === header(file.headers, 'last-modified')
  if (condition !== undefined && !isSame) return undefined
  const { length } = file.body
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const to = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  return from >= length || to < from ? 'unsatisfiable' : { from, to }
}

/** The smallest form that the client takes. */
function codingFor({ coded }: CachedFile, accepted: string): Coding | undefined {
  if (accepted === '') return undefined
  for (const coding of ['br', 'gzip'] as const) if (coded[coding] && accepts(accepted, coding)) return coding
  return undefined
}

function accepts(accepted: string, coding: Coding): boolean {
  for (const each of accepted.toLowerCase().split(',')) {
    const [name = '', ...parameters] = each.split(';').map((part) => part.trim())
    if (name === coding) return !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
  }
  return false
}
