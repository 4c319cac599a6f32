import { byId, make, mark, say } from './dom.js'
import { Feed } from './feed.js'
import { showFailures, showKernels, showServers } from './tables.js'
import { showFacts, showGlance } from './view.js'
import { clock, counted, takesNewcomers } from './words.js'

/**
 * @import { FeedNews } from '../feed.ts'
 * @import { BackendOverview, Overview } from '../overview.ts'
 * @import { Link } from './feed.js'
 */

const door = byId('door', HTMLElement)
const house = byId('house', HTMLElement)
const token = byId('token', HTMLInputElement)
const loginTrouble = byId('login-trouble', Element)
const find = byId('find', HTMLInputElement)
const sure = byId('sure', HTMLDialogElement)

const sessionOver = 'That session is over. Log in again.'

/** What was told last, and when that was by our own clock: the gateway's may stand at another time. */
/** @type {{ overview: Overview, at: number, heard: number } | undefined} */
let last
/** @type {{ link: Link, again: number }} */
let line = { link: 'waiting', again: 0 }
/** When that last held, by the gateway's clock. */
let asOf = 0
/** Exchanges. @type {number | undefined} */
let perSecond
let showsAllFailures = false

const feed = new Feed({
  news: (news) => {
    hear(news)
    render()
  },
  link: (link, again) => {
    line = { link, again }
    renderLink()
  },
  loggedOut: () => showDoor(sessionOver),
})

/** @param {FeedNews} news */
function hear(news) {
  const before = asOf
  asOf = news.at
  if (news.kind === 'same') {
    perSecond = 0
    return
  }
  const { overview, at } = news
  const passed = (at - before) / 1000
  const done = last ? overview.exchanges - last.overview.exchanges : -1
  perSecond = passed > 0.5 && done >= 0 ? done / passed : undefined
  last = { overview, at, heard: performance.now() }
}

function render() {
  renderLink()
  if (!last) return
  const { overview, at, heard } = last
  const moment = { overview, at, now: at + performance.now() - heard }
  say(byId('version', Element), `gateway ${overview.version}`)
  showGlance(moment, perSecond)
  showServers(moment, askFor)
  showKernels(moment, find.value.trim())
  showFailures(moment, showsAllFailures)
  showFacts(moment)
}

/** @type {Readonly<Record<Link, string>>} */
const linkWords = { waiting: 'Connecting', live: 'Live', silent: 'No news', lost: 'Connection lost' }

function renderLink() {
  const element = byId('link', Element)
  const seconds = Math.ceil((line.again - performance.now()) / 1000)
  mark(element, 'data-link', line.link)
  say(element, linkWords[line.link])
  mark(house, 'data-link', line.link)
  const trying = line.link !== 'lost' ? '' : seconds > 0 ? `trying again in ${seconds} s` : 'trying again'
  say(byId('as-of', Element), [last ? `as of ${clock(asOf)}` : '', trying].filter(Boolean).join(', '))
}

/** @param {string} [why] */
function showDoor(why = '') {
  feed.stop()
  if (sure.open) sure.close()
  house.hidden = true
  door.hidden = false
  last = undefined
  say(loginTrouble, why)
  token.value = ''
  token.focus()
}

function showHouse() {
  door.hidden = true
  house.hidden = false
  renderLink()
  feed.start()
}

/**
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<{ ok: boolean, status: number, message: string }>}
 */
async function post(path, body) {
  try {
    const headers = body && { 'Content-Type': 'application/json' }
    const answer = await fetch(path, { method: 'POST', ...(headers && { headers, body: JSON.stringify(body) }) })
    const { message = '' } = await answer.json()
    return { ok: answer.ok, status: answer.status, message }
  } catch {
    return { ok: false, status: 0, message: 'The gateway does not answer.' }
  }
}

/** @param {string} given */
async function logIn(given) {
  say(loginTrouble, '')
  const { ok, message } = await post('login', { token: given })
  if (ok) showHouse()
  else showDoor(message)
}

/**
 * @param {BackendOverview} backend
 * @param {'drain' | 'restore'} verb
 */
function askFor(backend, verb) {
  const { address } = backend
  const isDrain = verb === 'drain'
  say(byId('sure-title', Element), `${isDrain ? 'Drain' : 'Restore'} ${address}?`)
  const words = isDrain ? drainWords(backend) : restoreWords(backend)
  byId('sure-text', Element).replaceChildren(...words.map((text) => make('p', {}, text)))
  say(byId('sure-trouble', Element), '')
  const yes = byId('sure-yes', HTMLButtonElement)
  say(yes, isDrain ? 'Drain it' : 'Restore it')
  sure.returnValue = 'no'
  sure.showModal()
  yes.onclick = async (event) => {
    event.preventDefault()
    yes.disabled = true
    const { ok, status, message } = await post(`backends/${encodeURIComponent(address)}/${verb}`)
    yes.disabled = false
    if (status === 401) return showDoor(sessionOver)
    if (!ok) return say(byId('sure-trouble', Element), message)
    sure.close()
    say(
      byId('said', Element),
      isDrain ? `${address} drains now.` : `${address} is looked at anew, and then takes newcomers.`,
    )
  }
}

/** @param {BackendOverview} backend */
function drainWords({ address, kernels, inFlight }) {
  const others = last?.overview.backends.filter((other) => other.address !== address && takesNewcomers(other)).length
  return [
    `What lives in it is served on, over new connections too: ${counted(kernels.length, 'kernel')}, ${counted(inFlight, 'exchange')} under way. Whatever is started from now on starts elsewhere.`,
    'It holds until you restore it.',
    ...(others === 0 ? ['No other server takes newcomers: nobody could start anything.'] : []),
  ]
}

/** @param {BackendOverview} backend */
function restoreWords({ drains }) {
  const isLeft = drains.includes('left-discovery')
  const isItsOwn = !drains.includes('operator')
  return [
    'It is looked at anew. Once it is well, notebooks, kernels and terminals start in it again.',
    ...(isLeft ? ['It has left discovery as well, and goes on draining for that.'] : []),
    ...(isItsOwn ? ['It says itself that it drains: if it has been told to end, it goes on draining.'] : []),
  ]
}

byId('login', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  void logIn(token.value)
})
byId('logout', HTMLButtonElement).addEventListener('click', async () => {
  const { ok, status, message } = await post('logout')
  if (ok || status === 401) showDoor()
  else say(byId('said', Element), `You are still logged in: ${message}`)
})
byId('all-failures', HTMLButtonElement).addEventListener('click', () => {
  showsAllFailures = !showsAllFailures
  render()
})
find.addEventListener('input', render)
setInterval(render, 1_000)

// A link may bring the token behind its #, which no server is told; nor is the browser's history.
async function takeBrought() {
  const [, brought] = /^#token=(.+)$/.exec(location.hash) ?? []
  if (brought === undefined) return false
  history.replaceState(null, '', location.pathname)
  await logIn(unescaped(brought))
  return true
}

/** @param {string} text */
function unescaped(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a % of the token's own
  }
}

addEventListener('hashchange', takeBrought)
if (!(await takeBrought())) {
  const { status } = await fetch('session').catch(() => ({ status: 0 }))
  if (status === 401 || status === 403) showDoor()
  else showHouse()
}
