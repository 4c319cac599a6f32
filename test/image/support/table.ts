import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withPart } from '../../../gateway/config/made-part.ts'
import type { Language } from '../../../provisioner/image/languages.ts'
import type { MeasuredBuild } from '../build.ts'

export interface Measured {
  readonly language: Language
  /** From the request for a kernel until it could run a cell, in ms. */
  readonly ready: number
  /** In bytes, once its example has run. */
  readonly memory: number
}

export interface Measurements {
  readonly build: MeasuredBuild
  /** In bytes. */
  readonly atRest: number
  readonly measured: readonly Measured[]
  /** As the engine tells them. */
  readonly layers: readonly { readonly CreatedBy: string; readonly Size: number }[]
}

const README = join(import.meta.dirname, '..', '..', '..', 'image', 'README.md')

/** Which steps of the Dockerfile hold a language, and whose else. */
const places: Readonly<Record<string, { readonly name: string; readonly step?: RegExp; readonly with?: string }>> = {
  python: { name: 'Python 3, with science', step: / in \/opt\/python\b/ },
  tensorflow: { name: 'TensorFlow', step: / in \/opt\/tensorflow\b/ },
  r: { name: 'R', step: /debian \/tmp\/r\.txt/ },
  java: { name: 'Java', step: /debian \/tmp\/java\.txt/ },
  php: { name: 'PHP', step: /debian \/tmp\/php\.txt/ },
  octave: { name: 'MATLAB (Octave)', step: /debian \/tmp\/octave\.txt/ },
  javascript: { name: 'JavaScript', step: / in \/opt\/node\b/, with: 'Node, of TypeScript as well' },
  typescript: { name: 'TypeScript', step: / in \/opt\/typescript\b/ },
  bash: { name: 'Bash' },
}
const besides: readonly (readonly [name: string, step: RegExp])[] = [
  ['kernels in Python around PHP, JavaScript, Octave, Java and Bash', / in \/opt\/kernels\b/],
  ['JupyterLab and Notebook', / in \/opt\/jupyter\b/],
]

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

export async function writeTable({ build, atRest, measured, layers }: Measurements): Promise<void> {
  const sizeOf = (step: RegExp) =>
    layers.filter(({ CreatedBy }) => step.test(CreatedBy)).reduce((sum, { Size }) => sum + Size, 0)
  const rows = measured.map(({ language, ready, memory }) => {
    const place = places[language]
    const size = place?.step === undefined ? '' : megabytes(sizeOf(place.step))
    const others = place?.with === undefined ? '' : ` (${place.with})`
    return `| ${place?.name} | ${(ready / 1000).toFixed(1)} s | ${megabytes(memory)} | ${size}${others} |`
  })
  const rest = besides.map(([name, step]) => `| ${name} | | | ${megabytes(sizeOf(step))} |`)
  const time = build.isWhole ? `, built in ${build.seconds} s` : ''
  const table = [
    '| kernel | ready after | memory, its example having run | size |',
    '|---|---|---|---|',
    ...rows,
    ...rest,
    '',
    `The full image has ${megabytes(build.bytes)}${time}; a server at rest holds ${megabytes(atRest)}.`,
  ].join('\n')
  const make = () => `${table}\n`
  await writeFile(README, withPart(await readFile(README, 'utf8'), { name: 'measured', make }))
}
