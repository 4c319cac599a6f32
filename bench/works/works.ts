import * as handshakes from './handshakes.ts'
import { download, getMebibyte, getSmall, upload } from './http.ts'
import { labClass } from './lab-class.ts'
import * as webSockets from './websockets.ts'
import type { Work } from './work.ts'

/** In the order of the table. */
export const works: readonly Work[] = [
  getSmall,
  getMebibyte,
  download,
  upload,
  handshakes.full,
  handshakes.resumed,
  webSockets.small,
  webSockets.large,
  webSockets.upgrades,
  webSockets.tunnelMemory,
  labClass,
]
