import { cpus, totalmem } from 'node:os'

/** What numbers were measured on. */
export function machine(): string {
  const list = cpus()
  return `${list.length} × ${list[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
}
