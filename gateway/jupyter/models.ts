/** The parts of Jupyter's JSON models that the gateway reads; all else passes through untouched. */

/** What lives in one server's memory and is named by requests. */
export type Kind = 'kernels' | 'sessions' | 'terminals'

export const kinds: readonly Kind[] = ['kernels', 'sessions', 'terminals']

export interface Model {
  readonly [field: string]: unknown
}

export interface KernelModel extends Model {
  readonly id: string
}

export interface SessionModel extends Model {
  readonly id: string
  readonly path: string
  readonly name: string
  readonly type: string
  readonly kernel: KernelModel | null
}

/** By which field each kind is named in paths (jupyter_server/services/*\/handlers.py). */
const idField = { kernels: 'id', sessions: 'id', terminals: 'name' } as const satisfies Record<Kind, string>

export function idOf(kind: Kind, model: Model): string {
  return String(model[idField[kind]])
}

/** The JSON object in a body, or undefined where there is none: Jupyter itself then answers 400. */
export function parseObject(body: Buffer | undefined): Model | undefined {
  const value = parseJson(body)
  return isObject(value) ? value : undefined
}

/** The JSON list of objects in a body, or undefined. */
export function parseList(body: Buffer): Model[] | undefined {
  const value = parseJson(body)
  return Array.isArray(value) && value.every(isObject) ? value : undefined
}

function isObject(value: unknown): value is Model {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function stringField(model: Model | undefined, field: string): string | undefined {
  const value = model?.[field]
  return typeof value === 'string' ? value : undefined
}

export function objectField(model: Model | undefined, field: string): Model | undefined {
  const value = model?.[field]
  return isObject(value) ? value : undefined
}

function parseJson(body: Buffer | undefined): unknown {
  if (body === undefined || body.length === 0) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
