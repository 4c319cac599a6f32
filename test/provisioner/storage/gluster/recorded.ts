import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What GlusterFS 11.1 (Debian 13) answered on three machines, 10.77.0.11 to .13. */
export const recorded = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'recorded', `${name}.xml`), 'utf8')
