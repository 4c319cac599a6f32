/** Labels of the swarm's nodes, by which the stack places its services: `node.labels.pyli.jupyter == true`. */
export const LABELS = {
  /** Runs Jupyter servers: the workers, or the first machine where it is the only one. */
  jupyter: 'pyli.jupyter',
  /** Has its HTTPS port open and runs the gateway: every manager. */
  gateway: 'pyli.gateway',
  /** Keeps the registry's and Portainer's data on its own disk: the first machine. */
  first: 'pyli.first',
} as const
