import { byId, keep, make, mark, row, say } from './dom.js'
import { byName, clock, counted, dayAndTime, duration, number } from './words.js'

/**
 * @import { BackendOverview, KernelOverview, Overview } from '../overview.ts'
 * @import { RecentFailure } from '../../observe/failures.ts'
 */

/**
 * What is shown, and when.
 * @typedef {object} Moment
 * @property {Overview} overview
 * @property {number} at when it was so, by the gateway's clock
 * @property {number} now by the gateway's clock
 */

/** More rows than these make a page slow, and nobody reads them. */
const mostKernels = 200
const fewFailures = 8

/**
 * @param {Moment} moment
 * @param {(backend: BackendOverview, verb: 'drain' | 'restore') => void} ask
 */
export function showServers({ overview, at, now }, ask) {
  const { backends } = overview
  const heaviest = Math.max(10, ...backends.map(({ load }) => load))
  keep(
    byId('server-rows', Element),
    backends,
    ({ address }) => address,
    (first) => {
      const { element, cells } = row({
        server: '',
        state: '',
        since: 'Since',
        kernels: 'Kernels',
        flight: 'Under way',
        load: 'Load',
        action: '',
      })
      const state = make('span', { class: 'badge' })
      const reason = make('span', { class: 'reason' })
      const bar = make('span', { class: 'gauge', role: 'presentation' })
      const load = make('span')
      const button = make('button', { type: 'button', class: 'small' })
      cells.server.textContent = first.address
      cells.state.append(state, reason)
      cells.load.append(bar, load)
      cells.action.append(button)
      let shown = first
      button.addEventListener('click', () => ask(shown, verbFor(shown)))
      return {
        element,
        update: (backend) => {
          shown = backend
          say(state, backend.state)
          mark(state, 'data-state', backend.state)
          say(reason, backend.reason === 'answers' ? '' : backend.reason)
          say(cells.since, duration(now - at + backend.stateMs))
          mark(cells.since, 'title', dayAndTime(at - backend.stateMs))
          say(cells.kernels, number(backend.kernels.length))
          say(cells.flight, number(backend.inFlight))
          say(load, number(backend.load))
          bar.style.setProperty('--part', String(backend.load / heaviest))
          const verb = verbFor(backend)
          say(button, verb === 'drain' ? 'Drain' : 'Restore')
          mark(button, 'aria-label', `${verb === 'drain' ? 'Drain' : 'Restore'} ${backend.address}`)
        },
      }
    },
  )
}

/**
 * An operator's word is taken back by an operator, also where it was said to another gateway and the server says so now.
 * @param {BackendOverview} backend
 */
const verbFor = ({ drains }) => (drains.includes('operator') || drains.includes('says-so') ? 'restore' : 'drain')

/**
 * @param {Moment} moment
 * @param {string} sought
 */
export function showKernels({ overview, now }, sought) {
  const all = overview.backends.flatMap(({ address, state, kernels }) =>
    // Of one that does not answer it is known how it was.
    kernels.map((kernel) => ({ address, isHeard: state !== 'failing', kernel })),
  )
  const found = all.filter(({ address, kernel }) => isSought(sought, address, kernel))
  found.sort((a, b) => byName(nameOf(a.kernel), nameOf(b.kernel)) || (a.kernel.id < b.kernel.id ? -1 : 1))
  const count = sought === '' ? '' : `${number(found.length)} of `
  const more = found.length > mostKernels ? `, the first ${mostKernels} shown` : ''
  // Read out to whoever searches, and not whenever somebody opens a notebook.
  mark(byId('kernels-count', Element), 'aria-live', sought === '' ? 'off' : 'polite')
  say(byId('kernels-count', Element), all.length === 0 ? '' : `${count}${number(all.length)}${more}`)

  const none = byId('no-kernels', HTMLElement)
  none.hidden = found.length > 0
  say(none, all.length === 0 ? 'None runs.' : 'None is like that.')
  const rows = byId('kernel-rows', Element)
  keep(
    rows,
    found.slice(0, mostKernels),
    ({ address, kernel }) => `${address} ${kernel.id}`,
    ({ address, kernel }) => {
      const { element, cells } = row({
        notebook: '',
        kernel: 'Kernel',
        server: 'Server',
        state: '',
        active: 'Last active',
        clients: 'Clients',
      })
      const name = make('span')
      const state = make('span', { class: 'badge' })
      cells.notebook.append(name)
      cells.kernel.textContent = kernel.name
      cells.server.textContent = address
      cells.state.append(state)
      mark(element, 'title', `Kernel ${kernel.id}`)
      return {
        element,
        update: ({ kernel, isHeard }) => {
          say(name, nameOf(kernel))
          mark(name, 'class', kernel.paths.length > 0 ? 'path' : 'path quiet')
          say(state, isHeard ? kernel.state : `was ${kernel.state}`)
          mark(state, 'data-state', isHeard ? kernel.state : 'unheard')
          say(cells.active, activity(kernel, isHeard, now))
          if (kernel.lastActivity !== undefined) mark(cells.active, 'title', dayAndTime(kernel.lastActivity))
          say(cells.clients, number(kernel.connections))
        },
      }
    },
  )
}

/** @param {KernelOverview} kernel */
const nameOf = ({ paths }) => (paths.length > 0 ? paths.join(', ') : 'no notebook')

/**
 * @param {KernelOverview} kernel
 * @param {boolean} isHeard
 * @param {number} now
 */
function activity({ state, lastActivity }, isHeard, now) {
  const since = lastActivity === undefined ? Number.NaN : now - Date.parse(lastActivity)
  if (Number.isNaN(since)) return 'not yet'
  return state === 'busy' && isHeard ? 'now' : `${duration(since)} ago`
}

/**
 * @param {string} sought
 * @param {string} address
 * @param {KernelOverview} kernel
 */
function isSought(sought, address, { paths, name, state, id }) {
  const text = [...paths, address, name, state, id].join(' ').toLowerCase()
  return sought
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/**
 * @param {Moment} moment
 * @param {boolean} all
 */
export function showFailures({ overview, now }, all) {
  const failures = overview.failures.toReversed()
  const shown = all ? failures : failures.slice(0, fewFailures)
  const button = byId('all-failures', HTMLButtonElement)
  button.hidden = failures.length <= fewFailures
  mark(button, 'aria-expanded', String(all))
  say(button, all ? 'Show fewer' : `Show all ${failures.length}`)
  byId('no-failures', HTMLElement).hidden = failures.length > 0
  say(
    byId('failures-count', Element),
    failures.length === 0 ? '' : counted(overview.refusals, 'since the start', 'since the start'),
  )

  keep(byId('failure-rows', Element), shown, keyOfFailure, (first) => {
    const { element, cells } = row({ when: '', failure: '', route: 'Request', server: 'Server', client: 'Client' })
    const code = make('span', { class: 'code' })
    const times = make('span', { class: 'times' })
    code.textContent = first.failure
    cells.failure.append(code, times, make('span', { class: 'reason' }, first.detail ?? ''))
    cells.route.textContent = first.route
    cells.server.textContent = first.backend ?? '–'
    cells.client.textContent = first.client
    return {
      element,
      update: (failure) => {
        say(cells.when, now - failure.at < 24 * 3_600_000 ? clock(failure.at) : dayAndTime(failure.at))
        mark(
          cells.when,
          'title',
          `${dayAndTime(failure.at)}${failure.id === undefined ? '' : `, exchange ${failure.id}`}`,
        )
        say(times, failure.times > 1 ? `${number(failure.times)} times` : '')
      },
    }
  })
}

/**
 * What happens again moves up and is one row still.
 * @param {RecentFailure} failure
 */
function keyOfFailure({ failure, route, backend, client, detail }) {
  return JSON.stringify([failure, route, backend, client, detail])
}
