import type { StackView } from '../stack/swarm.ts'
import type { Disk, Listener, Reached } from './facts.ts'

// What programs print, and what follows from an engine's answers. Pure.

/** `ss -Hltunp` */
export function readListeners(text: string): Listener[] {
  return text.split('\n').flatMap((line) => {
    const [protocol = '', , , , local = '', , ...rest] = line.trim().split(/\s+/)
    const port = Number(local.slice(local.lastIndexOf(':') + 1))
    if ((protocol !== 'tcp' && protocol !== 'udp') || !(port > 0)) return []
    const [, program] = /users:\(\("([^"]+)"/.exec(rest.join(' ')) ?? []
    return [{ protocol, port, program }]
  })
}

/** `df --output=target,size,avail,itotal,iavail --block-size=1`. A file system without inodes of its own tells 0 of 0, or -. */
export function readDisks(text: string): Disk[] {
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const words = line.trim().split(/\s+/)
      const [size = 0, free = 0, inodes = 0, freeInodes = 0] = words.slice(-4).map(Number)
      return { place: words.slice(0, -4).join(' '), size, free, freeInodes: inodes > 0 ? freeInodes / inodes : 1 }
    })
}

/** One line for each file system, whatever was asked for on it. */
export const distinct = (disks: readonly Disk[]): Disk[] => [
  ...new Map(disks.map((disk) => [disk.place, disk])).values(),
]

/**
 * An agent says when a task came to its state, by its own clock, and a manager when it was told, a moment later. The smallest
 * difference of a node's tasks is the least that its clock is wrong; one that is behind shows it with all of its tasks.
 */
export function clockSkews({ nodes, tasks }: StackView): { node: string; seconds: number }[] {
  return nodes.flatMap(({ id, name }) => {
    const differences = tasks
      .filter(({ NodeID, UpdatedAt }) => NodeID === id && UpdatedAt !== undefined)
      .map(({ Status, UpdatedAt = '' }) => (Date.parse(Status.Timestamp) - Date.parse(UpdatedAt)) / 1000)
      .filter(Number.isFinite)
      .sort((a, b) => Math.abs(a) - Math.abs(b))
    return differences[0] === undefined ? [] : [{ node: name, seconds: differences[0] }]
  })
}

/** What to try to connect to, each once. */
export function targets(all: readonly Omit<Reached, 'why'>[]): Omit<Reached, 'why'>[] {
  return [...new Map(all.map((target) => [`${target.to}:${target.port}`, target])).values()]
}
