import type { Facts } from '../facts.ts'
import type { Finding } from '../finding.ts'
import { certificates } from './certificates.ts'
import { cluster } from './cluster.ts'
import { engine } from './engine.ts'
import { clock, disks, kernel, network, rights } from './machine.ts'
import { ports, reachability } from './ports.ts'
import { storage } from './storage.ts'

/** All of them, in the order in which one is the next one's cause. */
const checks: readonly ((facts: Facts) => Finding[])[] = [
  rights,
  kernel,
  disks,
  clock,
  engine,
  network,
  ports,
  reachability,
  storage,
  certificates,
  cluster,
]

export const examine = (facts: Facts): Finding[] => checks.flatMap((check) => check(facts))
