import { mounted, unmounted, whyNotMounted } from './mounting.ts'
import type { Host, Storage } from './storage.ts'

/** A server of the operator's, as HOST:/PATH. It is as safe as that server, and as well as it. */
export function nfs(machine: Host, source: string): Storage {
  return {
    kind: 'nfs',
    packages: ['nfs-common'],
    prepare: () => [],
    create: () => [],
    // hard: what a server's restart would have torn is written when it is back. noauto: our keeper mounts it, as it
    // comes again where the server comes late.
    mount: () =>
      mounted(machine, async () => ({ source, type: 'nfs4', options: ['hard', 'noatime', '_netdev', 'noauto'] })),
    async look() {
      const why = await whyNotMounted(machine)
      if (why !== undefined) return { health: 'down', lines: [`${source}: ${why}`] }
      return { health: 'well', lines: [`${source} is mounted and answers`] }
    },
    // What lies on another's server is its operator's to erase.
    remove: () => [...unmounted(machine)],
  }
}
