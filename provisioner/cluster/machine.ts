import type Docker from 'dockerode'
import type { Run } from '../host/run.ts'
import type { Settling } from './settle.ts'

/** This machine, as every part of the provisioner is handed it. Tests hand them one of their own. */
export interface Machine extends Omit<Settling, 'isPlan'> {
  /** Its host name, by which the swarm, storage and people know it. */
  readonly name: string
  /** Programs other than the engine. */
  readonly run: Run
  /** The engine, which may not be installed or may not run yet: steps look at it when it is their turn. */
  readonly engine: Docker
}

/** What this machine was asked to be. No secret is in it. */
export const ETC = '/etc/pyli'
/** For root alone (0700): the cluster's CA and secrets. In no volume, so that a lost worker loses none of them. */
export const STATE = '/var/lib/pyli'
/** The cluster's CA, the registry's and the gateway's certificates, each with its key beside it. */
export const TLS = `${STATE}/tls`
/** One file for each, as the stack's secrets are made of them. */
export const SECRETS = `${STATE}/secrets`
/** Where engines look for whom a registry must be signed by, and what to show it: HOST:PORT/{ca.crt,client.cert,client.key}. */
export const REGISTRY_TRUST = '/etc/docker/certs.d'
