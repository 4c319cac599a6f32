import type { Ran } from '../../provisioner/host/run.ts'

interface FakeVolume {
  bricks: string[]
  isStarted: boolean
  readonly options: Map<string, string>
}

const element = (name: string, ...inner: readonly string[]): string => `<${name}>${inner.join('')}</${name}>`

/** The program `gluster` of a pool whose other machines agree to everything. Its answers have the real one's shape (11.1). */
export class FakeGluster {
  readonly peers = new Map<string, { isConnected: boolean }>()
  readonly volumes = new Map<string, FakeVolume>()
  /** Commands that change something. */
  readonly told: string[] = []

  answer = (argv: readonly string[]): Ran | undefined => {
    if (argv[0] !== 'gluster') return undefined
    if (argv[1] === '--version') return { code: 0, stdout: 'glusterfs 11.1\n', stderr: '' }
    const words = argv.slice(3)
    const body = this.#answer(words)
    const failed = body.startsWith('!')
    const head = [element('opRet', failed ? '-1' : '0'), element('opErrno', failed ? '30800' : '0')]
    const inner = failed ? element('opErrstr', body.slice(1)) : `<opErrstr/>${body}`
    return { code: 0, stdout: `<?xml version="1.0"?>\n${element('cliOutput', ...head, inner)}\n`, stderr: '' }
  }

  #answer(words: readonly string[]): string {
    const [subject, verb, name = ''] = words
    if (subject === 'peer' && verb === 'status') return element('peerStatus', ...[...this.peers].map(peer))
    if (subject === 'volume' && verb === 'info') return volumes(this.volumes)
    if (subject === 'volume' && verb === 'status')
      return element('volStatus', element('volumes', status(this.volumes.get(name))))
    if (subject === 'volume' && verb === 'heal')
      return element('healInfo', element('bricks', ...heal(this.volumes.get(name))))
    this.told.push(words.join(' '))
    if (subject === 'peer' && verb === 'probe') {
      this.peers.set(name, { isConnected: true })
      return element('output', 'success')
    }
    return this.#change(words)
  }

  #change([, verb, name = '', ...words]: readonly string[]): string {
    const volume = this.volumes.get(name)
    if (verb === 'create') {
      if (volume !== undefined) return `!Volume ${name} already exists`
      const bricks = words.filter((word) => word.includes(':/'))
      this.volumes.set(name, { bricks, isStarted: false, options: new Map() })
      return ''
    }
    if (volume === undefined) return `!Volume ${name} does not exist`
    if (verb === 'set') for (let i = 0; i < words.length; i += 2) volume.options.set(words[i] ?? '', words[i + 1] ?? '')
    else if (verb === 'start') volume.isStarted = true
    else if (verb === 'stop') volume.isStarted = false
    else if (verb === 'delete') {
      if (volume.isStarted) return `!Volume ${name} has been started. Volume needs to be stopped before deletion.`
      this.volumes.delete(name)
    } else return `!unrecognized word: ${verb}`
    return ''
  }
}

const peer = ([address, { isConnected }]: readonly [string, { isConnected: boolean }]): string =>
  element(
    'peer',
    element('uuid', `id-${address}`),
    element('hostname', address),
    element('hostnames', element('hostname', address)),
    element('connected', isConnected ? '1' : '0'),
    element('state', '3'),
    element('stateStr', 'Peer in Cluster'),
  )

function volumes(all: ReadonlyMap<string, FakeVolume>): string {
  const each = [...all].map(([name, { bricks, isStarted, options }]) =>
    element(
      'volume',
      element('name', name),
      element('status', isStarted ? '1' : '0'),
      element('replicaCount', `${bricks.length}`),
      element('arbiterCount', '0'),
      element(
        'bricks',
        ...bricks.map((brick) =>
          element(
            'brick',
            brick,
            element('name', brick),
            element('hostUuid', `id-${brick.split(':')[0]}`),
            element('isArbiter', '0'),
          ),
        ),
      ),
      element(
        'options',
        ...[...options].map(([option, value]) => element('option', element('name', option), element('value', value))),
      ),
    ),
  )
  return element('volInfo', element('volumes', ...each, element('count', `${all.size}`)))
}

function status(volume: FakeVolume | undefined): string {
  const nodes = (volume?.bricks ?? []).map((brick) => {
    const [host = '', path = ''] = brick.split(':')
    return element(
      'node',
      element('hostname', host),
      element('path', path),
      element('status', '1'),
      element('port', '49152'),
    )
  })
  return element('volume', ...nodes)
}

const heal = (volume: FakeVolume | undefined): string[] =>
  (volume?.bricks ?? []).map((brick) =>
    element(
      'brick',
      element('name', brick),
      element('status', 'Connected'),
      element('totalNumberOfEntries', '0'),
      element('numberOfEntriesInSplitBrain', '0'),
    ),
  )
