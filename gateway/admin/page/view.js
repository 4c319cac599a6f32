import { byId, keep, make, mark, say } from './dom.js'
import { counted, day, dayAndTime, duration, ends, hour, number, takesNewcomers } from './words.js'

/**
 * @import { Overview } from '../overview.ts'
 * @import { Moment } from './tables.js'
 */

/**
 * What an operator wants to know first, and what calls for attention.
 * @param {Moment} moment
 * @param {number | undefined} perSecond
 */
export function showGlance({ overview, at }, perSecond) {
  const { level, words } = verdict(overview)
  const headline = byId('verdict', Element)
  mark(headline, 'data-level', level)
  say(headline, words)
  document.title = `${level === 'well' ? '' : '! '}${words.split('.')[0]} · Pyli`
  keep(
    byId('concerns', Element),
    concerns(overview, at),
    (text) => text,
    (text) => ({ element: make('li', {}, text), update: () => {} }),
  )
  show('figures', figures(overview, perSecond))
}

/**
 * @param {Overview} overview
 * @returns {{ level: 'well' | 'care' | 'ill', words: string }}
 */
function verdict({ ending, backends }) {
  const taking = backends.filter(takesNewcomers).length
  const ready = backends.filter(({ state }) => state === 'ready').length
  const of = `${taking} of ${counted(backends.length, 'server')} ${taking === 1 ? 'takes' : 'take'} newcomers.`
  if (ending) return { level: 'ill', words: 'Ending. Exchanges under way may finish; nobody new is let in.' }
  if (backends.length === 0) return { level: 'ill', words: 'Waiting. No server is known yet.' }
  if (taking === 0) return { level: 'ill', words: `Not ready. No server of ${backends.length} takes newcomers.` }
  if (ready < backends.length) return { level: 'care', words: `Ready. ${of}` }
  return { level: 'well', words: `Ready. ${of}` }
}

/**
 * @param {Overview} overview
 * @param {number} at when it was so
 * @returns {string[]} which stay the same as long as nothing happens: they are read out
 */
function concerns({ backends, certificate }, at) {
  const servers = backends
    .filter(({ state }) => state === 'failing' || state === 'slow')
    .map(({ address, state, reason, stateMs }) => {
      const since = stateMs < 12 * 3_600_000 ? hour(at - stateMs) : day(at - stateMs)
      return `${address} has been ${state} since ${since}: ${reason}`
    })
  if (!certificate) return servers
  const { daysLeft, endsSoon, notAfter, lastRefusal } = certificate
  const end = endsSoon ? [`The certificate ${ends(daysLeft)}, on ${day(notAfter)}.`] : []
  const worse = lastRefusal ? [`The files of the certificate are not shown: ${lastRefusal.reason}`] : []
  return [...servers, ...end, ...worse]
}

/**
 * @param {Overview} overview
 * @param {number | undefined} perSecond
 * @returns {Fact[]}
 */
function figures({ backends, webSockets, exchanges, refusals, certificate }, perSecond) {
  const kernels = backends.flatMap((backend) => backend.kernels)
  const busy = kernels.filter(({ state }) => state === 'busy').length
  const underWay = backends.reduce((sum, { inFlight }) => sum + inFlight, 0)
  return [
    ['Kernels', number(kernels.length), `${number(busy)} busy`],
    ['Under way', number(underWay), `${number(webSockets)} WebSockets`],
    [
      'Exchanges',
      number(exchanges),
      perSecond === undefined ? 'since the start' : `${perSecond === 0 ? 0 : perSecond.toFixed(1)} a second`,
    ],
    ['Refused or failed', number(refusals), share(refusals, exchanges)],
    certificate
      ? ['Certificate', `${number(certificate.daysLeft)} d`, `until ${day(certificate.notAfter)}`]
      : ['Certificate', 'none', 'plain HTTP'],
  ]
}

/**
 * @param {number} part
 * @param {number} whole
 */
function share(part, whole) {
  if (whole === 0 || part === 0) return 'of all exchanges'
  const percent = (100 * part) / whole
  return `${percent < 0.1 ? 'under 0.1' : percent.toFixed(percent < 10 ? 1 : 0)} %`
}

/** @param {Moment} moment */
export function showFacts({ overview, now }) {
  const { version, startedAt, workers, restarts, certificate } = overview
  show('facts', [
    ['Version', version, ''],
    ['Runs since', duration(now - startedAt), dayAndTime(startedAt)],
    [
      'Workers',
      number(workers),
      restarts === 0 ? 'none had to be replaced' : `${counted(restarts, 'was', 'were')} replaced`,
    ],
    ...certificateFacts(certificate),
  ])
}

/**
 * @param {Overview['certificate']} certificate
 * @returns {Fact[]}
 */
function certificateFacts(certificate) {
  if (!certificate) return [['Certificate', 'none', 'the gateway speaks plain HTTP']]
  const { subject, names, issuer, notAfter, daysLeft, source, lastRefusal } = certificate
  return [
    ['Certificate', subject, source === 'files' ? 'from files' : 'self-signed, renews itself'],
    ['Covers', names.join(', '), ''],
    ['Signed by', issuer, ''],
    ['Ends', day(notAfter), ends(daysLeft)],
    ...(lastRefusal ? [/** @type {Fact} */ (['Refused', dayAndTime(lastRefusal.at), lastRefusal.reason])] : []),
  ]
}

/** What it is, its value, and a remark. @typedef {[name: string, value: string, remark: string]} Fact */

/**
 * @param {string} id of a list of terms
 * @param {Fact[]} facts
 */
function show(id, facts) {
  keep(
    byId(id, Element),
    facts,
    ([name]) => name,
    ([name]) => {
      const value = make('span')
      const remark = make('small')
      const element = make('div', {}, make('dt', {}, name), make('dd', {}, value, remark))
      return {
        element,
        update: (/** @type {Fact} */ [, text, more]) => {
          say(value, text)
          say(remark, more)
        },
      }
    },
  )
}
