/**
 * Headers as they stand on the wire: a flat list [name, value, name, value, …] that keeps order, case and
 * duplicates (the shape of Node's `rawHeaders`, so that nothing is converted on the way).
 */
export type RawHeaders = readonly string[]

/** The first value of a header, its name compared without case. `name` must be given in lower case. */
export function header(headers: RawHeaders, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (sameName(headers[i] as string, name)) return headers[i + 1]
  }
  return undefined
}

/** All values of a header, in order. `name` in lower case. */
export function headerValues(headers: RawHeaders, name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if (sameName(headers[i] as string, name)) values.push(headers[i + 1] as string)
  }
  return values
}

/** The headers whose name, in the case that it came in, `keep` is true for. */
export function headersWhere(headers: RawHeaders, keep: (name: string) => boolean): string[] {
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (keep(name)) kept.push(name, headers[i + 1] as string)
  }
  return kept
}

/** The headers without those whose lower-cased name `drop` is true for. */
export function withoutHeaders(headers: RawHeaders, drop: (lowerCaseName: string) => boolean): string[] {
  return headersWhere(headers, (name) => !drop(name.toLowerCase()))
}

/** Whether it is the header of that name, which is told in lower case. */
export function sameName(name: string, lowerCase: string): boolean {
  return name.length === lowerCase.length && name.toLowerCase() === lowerCase
}
