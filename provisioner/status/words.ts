import { SILENCE } from '../cluster/swarm.ts'
import type { Told } from '../host/told.ts'
import type { CertificateState } from './certificate.ts'
import type { BackendStatus, CertificatesStatus, NodeStatus, ServiceStatus, Status, StorageStatus } from './view.ts'

/** What a person reads. */
export function inWords({ machine, version, nodes, storage, services, backends, certificates }: Status): string {
  return [
    `Pyli ${version}, as ${machine} sees it`,
    '',
    ...part('Machines', nodes, nodeLines),
    ...part('Storage', storage, storageLines),
    ...part('Services', services, serviceLines),
    ...part('Jupyter servers and their kernels', backends, backendLines),
    ...part('Certificates', certificates, certificateLines),
  ]
    .join('\n')
    .trimEnd()
}

function part<T>(title: string, answer: Told<T>, lines: (value: T) => string[]): string[] {
  const told = 'value' in answer ? lines(answer.value) : [`unknown: ${answer.unknown}`]
  return [title, ...told.map((line) => `  ${line}`), '']
}

const nodeLines = (nodes: readonly NodeStatus[]): string[] => [
  ...table(
    nodes.map(({ name, address, role, state, isDrained, engine, labels }) => [
      name,
      address,
      role,
      isDrained ? `${state}, drained` : state,
      `engine ${engine}`,
      labels.join(' '),
    ]),
  ),
  ...(nodes.length > 1 ? [`ready: heard of within the last ${SILENCE / 1000} s`] : []),
]

const storageLines = ({ kind, health, lines }: StorageStatus): string[] => [`${kind}: ${health}`, ...lines]

const serviceLines = (services: readonly ServiceStatus[]): string[] =>
  services.length === 0
    ? ['none is deployed']
    : services.flatMap(({ name, image, running, wanted, update, problem, tasks }) => [
        `${name}: ${running} of ${wanted}${update === undefined ? '' : `, ${update}`}${image === '' ? '' : `, ${shortened(image)}`}`,
        ...(problem === undefined ? [] : [`  failed on ${problem}`]),
        ...table(tasks.map(({ node, state, error }) => [`  ${node}`, state, error ?? ''])),
      ])

/** Without the registry, and as much of the digest as the engine's own commands show. */
const shortened = (image: string): string => image.replace(/^[^/]+[.:][^/]*\//, '').replace(/(@sha256:\w{12})\w+/, '$1')

function backendLines(backends: readonly BackendStatus[]): string[] {
  if (backends.length === 0) return ['the gateway knows of none']
  return backends.flatMap(({ address, node, state, reason, kernels }) => [
    `${address}${node === undefined ? '' : ` on ${node}`}: ${state}${reason === '' || state === 'ready' ? '' : ` (${reason})`}, ${count(kernels.length)}`,
    ...table(
      kernels.map(({ name = 'kernel', state: activity, connections, paths }) => [
        `  ${name}`,
        activity,
        connections === 0 ? 'nobody is connected' : `${connections} connected`,
        paths.join(', '),
      ]),
    ),
  ])
}

const count = (kernels: number): string => (kernels === 1 ? '1 kernel' : `${kernels} kernels`)

function certificateLines({ gateway, ca }: CertificatesStatus): string[] {
  if (gateway === undefined) return ['on the first machine']
  return [certificateLine('gateway', gateway), ...(ca === undefined ? [] : [certificateLine('CA', ca)])]
}

const certificateLine = (title: string, { names, ends, daysLeft }: CertificateState): string =>
  `${title}${names.length === 0 ? '' : ` for ${names.join(', ')}`}: ${daysLeft < 0 ? 'ended' : 'ends'} ${ends.slice(0, 10)}${daysLeft < 0 ? '' : `, in ${daysLeft} days`}`

/** Columns as wide as they need to be, the last one as it is. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)), [])
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
