import { addresses } from './table/addresses.ts'
import { backends } from './table/backends.ts'
import { content } from './table/content.ts'
import { headers } from './table/headers.ts'
import { passing } from './table/passing.ts'
import { processes } from './table/process.ts'
import { structure } from './table/structure.ts'
import { tls } from './table/tls.ts'
import type { Directive } from './tree.ts'
import type { Row } from './verdict.ts'

/** What is known of nginx's directives, under the headings of docs/from-nginx.md. */
export const table: Readonly<Record<string, readonly Row[]>> = {
  Blocks: structure,
  'The servers behind': backends,
  Addresses: addresses,
  TLS: tls,
  Headers: headers,
  'Bodies and times': passing,
  'Content and access': content,
  'The program': processes,
}

const rows = new Map(
  Object.values(table).flatMap((part) => part.flatMap((row) => row.names.map((name) => [name, row]))),
)

/** What is known of this directive where it stands: the most particular row. */
export function rowOf({ name, args }: Directive, block: Directive | undefined): Row | undefined {
  const argument = args[0]?.toLowerCase()
  return rows.get(`${name} ${argument}`) ?? rows.get(`${block?.name}>${name}`) ?? rows.get(name)
}
