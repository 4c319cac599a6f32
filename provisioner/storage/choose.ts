import type { StorageChoice } from '../cluster/settings.ts'
import { gluster } from './gluster/gluster.ts'
import { local } from './local.ts'
import { nfs } from './nfs.ts'
import type { Host, Storage } from './storage.ts'

/** The driver of what an operator chose. */
export function storageOf(choice: StorageChoice, machine: Host): Storage {
  switch (choice.kind) {
    case 'gluster':
      return gluster(machine, choice)
    case 'nfs':
      return nfs(machine, choice.source)
    case 'local':
      return local(machine, choice.folder)
  }
}
