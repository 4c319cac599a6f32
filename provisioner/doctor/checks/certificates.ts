import { OWN_PAIR } from '../../cluster/pairs.ts'
import { known } from '../../host/told.ts'
import type { PairName } from '../../status/certificate.ts'
import type { Facts } from '../facts.ts'
import { bad, type Finding, ok, warn } from '../finding.ts'

const SOON = 30

const titles: Readonly<Record<PairName, string>> = {
  ca: 'the cluster’s CA',
  gateway: 'the certificate that browsers see',
  registry: 'the certificate of the registry',
  engine: 'what engines show the registry',
}

const CA = 'begin a new one: remove it and its key, run `pyli manager`, and let people trust it'
const OWN = `put a new one, and its key, where it is (${OWN_PAIR.cert}), and run \`pyli stack deploy\``

/** On the first machine, which has them. */
export function certificates({ certificates, settings, missingSecrets }: Facts): Finding[] {
  if (settings === undefined) return []
  const found = known(certificates)
  if (found === undefined) return [warn('the certificates cannot be read', 'run this with root')]
  const findings = Object.entries(found).flatMap(([name, { daysLeft, ends, isOwn }]) => {
    const title = titles[name as PairName]
    const todo = isOwn ? OWN : name === 'ca' ? CA : '`pyli manager` makes a new one'
    if (daysLeft < 0) return [bad(`${title} ended on ${ends.slice(0, 10)}`, todo)]
    return daysLeft < SOON ? [warn(`${title} ends in ${daysLeft} days`, todo)] : []
  })
  const todo = '`pyli manager` makes new ones, with which people must log in again'
  const absent = missingSecrets.length > 0 ? [bad(`secrets are missing here: ${missingSecrets.join(', ')}`, todo)] : []
  const all = [...findings, ...absent]
  return all.length > 0 ? all : [ok('certificates and secrets are there, and last')]
}
