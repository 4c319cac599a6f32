import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { minutes, seconds } from '../../../gateway/config/units.ts'
import { lastLines } from '../../../provisioner/local/logs.ts'
import { eventually, killOwned, OWNER, ownedBy, ownerOf, signal } from '../../../provisioner/local/processes.ts'

/** What all that a test file starts has in common: a temporary folder, which is also the mark of its processes. */
export interface Run {
  readonly folder: string
  /** For children: without what concerns this process only, with the mark of the run. */
  environment(part: string): NodeJS.ProcessEnv
  /** Ends before the folder goes; the last one registered ends first. */
  onEnd(end: () => Promise<void>): void
}

/**
 * At the end nothing may be left: what still lives after everything was asked to end fails the test. Should this process
 * die before it comes to that, the watchdog sees its pipe close and ends the rest.
 */
export async function startRun(t: Test): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'pyli-whole-'))
  const watchdog = startWatchdog(folder)
  t.setTimeout(minutes(10))
  const ends: (() => Promise<void>)[] = []

  t.teardown(async () => {
    const failures: unknown[] = []
    if (!t.passing()) await tellWhatWasLogged(folder)
    for (const end of ends.reverse()) await end().catch((error) => failures.push(error))
    const left = (await eventually(() => ownedBy(folder).length === 0, seconds(5))) ? [] : ownedBy(folder)
    killOwned(folder)
    watchdog.stdin.end()
    if (failures.length === 0 && !process.env.KEEP) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    if (left.length > 0) failures.push(new Error(`${left.length} processes were left behind`))
    if (failures.length > 0) throw new AggregateError(failures, `the end failed: ${failures.join('; ')}`)
  })

  return {
    folder,
    environment: (part) => ({ ...bareEnvironment(), [OWNER]: ownerOf(folder, part) }),
    onEnd: (end) => void ends.push(end),
  }
}

/**
 * What a failed test leaves to think about. A Jupyter server that is aborted writes where each of its threads is: so one
 * that hangs says where.
 */
async function tellWhatWasLogged(folder: string): Promise<void> {
  signal(ownedBy(folder).filter(isPython), 'SIGABRT')
  await sleep(seconds(1))
  for (const name of await readdir(join(folder, 'log')).catch(() => [])) {
    console.error(`The end of ${name}:\n${lastLines(join(folder, 'log', name), 60)}`)
  }
}

const isPython = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('python')
  } catch {
    return false // ended meanwhile
  }
}

/** The test runner watches this process through variables that would slow down the programs we test. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const isOurs = (name: string) => /^(PYLI_(?!TEST_FILE)|NODE_|TAP|_TAPJS_|npm_)/.test(name)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)))
}

function startWatchdog(folder: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'watchdog.ts'), folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
    env: bareEnvironment(),
  })
  child.unref()
  child.stdin.on('error', () => {})
  ;(child.stdin as unknown as { unref(): void }).unref()
  return child
}

/** A token and a cookie secret as the servers want them. */
export async function writeSecrets(folder: string, token: string) {
  const secrets = { tokenFile: join(folder, 'token'), cookieSecretFile: join(folder, 'cookie-secret') }
  await mkdir(folder, { recursive: true })
  await writeFile(secrets.tokenFile, token)
  await writeFile(secrets.cookieSecretFile, '5e'.repeat(32))
  return secrets
}
