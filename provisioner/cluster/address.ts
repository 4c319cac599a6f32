import { connect } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { Trouble } from '../local/trouble.ts'

export type Interfaces = NodeJS.Dict<readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[]>

/** Bridges and tunnels of engines and virtual machines: nobody else reaches us there. */
const VIRTUAL = /^(docker|br-|veth|virbr|cni|flannel|cali|lxc|lxd|podman|vxlan|ov-)/

/**
 * By which address the other machines shall know this one, for as long as the cluster lives. Throws Trouble where it is not
 * plain: a wrong one is found out late, and cannot be changed.
 */
export function chooseAddress(asked: string | undefined, interfaces: Interfaces): string {
  const own = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos.filter(({ internal }) => !internal).map((info) => ({ name, ...info })),
  )
  if (asked !== undefined) {
    if (own.some(({ address }) => address === asked)) return asked
    throw new Trouble(`--advertise must be an address of this machine, and ${asked} is none: it has ${listed(own)}.`)
  }
  const candidates = own.filter(({ name, family }) => family === 'IPv4' && !VIRTUAL.test(name))
  const [only, ...others] = candidates
  if (only === undefined) {
    throw new Trouble(
      'This machine has no IPv4 address by which others could reach it: connect it to their network, or name one with --advertise ADDRESS.',
    )
  }
  if (others.length > 0) {
    throw new Trouble(
      `This machine has several addresses: say with --advertise ADDRESS by which of them the other machines reach it, ${listed(candidates)}.`,
    )
  }
  return only.address
}

const listed = (all: readonly { name: string; address: string }[]): string =>
  new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(all.map(({ name, address }) => `${address} (${name})`))

export interface Ends {
  readonly from: string
  readonly to: string
}
export type Reached = Ends | { readonly why: string }

/** Both ends of a connection to that machine: ours is the address by which it knows us. */
export function reach(host: string, port: number, timeout: number): Promise<Reached> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, family: 4 })
    const end = (reached: Reached) => {
      socket.destroy()
      resolve(reached)
    }
    socket.setTimeout(timeout, () => end({ why: 'ETIMEDOUT' }))
    socket.once('error', (error: NodeJS.ErrnoException) => end({ why: error.code ?? error.message }))
    socket.once('connect', () => end({ from: socket.localAddress ?? '', to: socket.remoteAddress ?? '' }))
  })
}
