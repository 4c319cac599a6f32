import type { Machine } from './machine.ts'
import { type ClusterNode, listNodes } from './nodes.ts'
import type { Step } from './settle.ts'

/** Labels of the swarm's nodes, by which the stack places its services: `node.labels.pyli.jupyter == true`. */
export const LABELS = {
  /** Runs Jupyter servers: all but the first machine, or that one where it is the only one. */
  jupyter: 'pyli.jupyter',
  /** Has its HTTPS port open and runs the gateway: every manager. */
  gateway: 'pyli.gateway',
  /** Keeps the registry's and Portainer's data on its own disk: the first machine. */
  first: 'pyli.first',
} as const

/** Which labels each node shall have. */
export function wantedLabels(nodes: readonly ClusterNode[], first: string): Map<string, Record<string, string>> {
  const isAlone = nodes.length === 1
  const labelsOf = ({ name, isManager }: ClusterNode) => ({
    ...(isManager ? { [LABELS.gateway]: 'true' } : {}),
    // Not by its role: a worker that is promoted keeps its servers, and its kernels.
    ...(name !== first || isAlone ? { [LABELS.jupyter]: 'true' } : {}),
    ...(name === first ? { [LABELS.first]: 'true' } : {}),
  })
  return new Map(nodes.map((node) => [node.id, labelsOf(node)]))
}

const OURS: readonly string[] = Object.values(LABELS)

const isLabelled = ({ labels }: ClusterNode, wanted: Record<string, string>): boolean =>
  OURS.every((label) => labels[label] === wanted[label])

export function nodesAreLabelled({ engine, name: first }: Machine): Step {
  const unlabelled = async () => {
    const nodes = await listNodes(engine)
    const wanted = wantedLabels(nodes, first)
    return nodes
      .map((node) => ({ node, labels: wanted.get(node.id) ?? {} }))
      .filter(({ node, labels }) => !isLabelled(node, labels))
  }
  return {
    title: 'each machine is labelled with what it runs',
    async look() {
      const nodes = await unlabelled()
      return nodes.length === 0 ? undefined : nodes.map(({ node }) => node.name).join(', ')
    },
    async change() {
      for (const { node, labels } of await unlabelled()) {
        const handle = engine.getNode(node.id)
        const { Version, Spec } = await handle.inspect()
        const others = Object.entries(Spec.Labels ?? {}).filter(([label]) => !OURS.includes(label))
        await handle.update({ ...Spec, version: Version.Index, Labels: { ...Object.fromEntries(others), ...labels } })
      }
    },
  }
}
