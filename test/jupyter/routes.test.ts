import t from 'tap'
import { classify, type Route, sameRoute } from '../../gateway/jupyter/routes.ts'

const kernel = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const session = '0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab'
/** A kernel's id as clients may make it: not hexadecimal. */
const loose = 'my_kernel-zz-QQ-9-x'

function of(line: string): Route {
  const [method = '', target = ''] = line.split(' ')
  const [path = '', query = ''] = target.slice(1).split('?', 2)
  const upgrade = method === 'WS'
  return classify({ method: upgrade ? 'GET' : method, path, query, upgrade }).route
}

/** A route in one word: its kind, and what it names. */
function word(route: Route): string {
  switch (route.kind) {
    case 'list':
    case 'create':
      return `${route.kind} ${route.of}`
    case 'owned':
      return `owned ${route.of} ${route.id}`
    case 'session':
      return `session ${route.id}`
    case 'document':
      return `document by ${route.by} ${route.id}`
    case 'fork-document':
      return `fork-document ${route.room}`
    case 'open-document':
      return `open-document ${route.path}`
    case 'affine':
      return `affine ${route.key}`
    default:
      return route.kind
  }
}

/** The rows of the table of endpoints, in its order, each with requests that fall into it. */
const rows: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kernels: {
    'GET /api/kernels': 'list kernels',
    'GET /api/kernels?1700000000000': 'list kernels',
    'POST /api/kernels': 'create kernels',
    'POST /api/kernels?1700000000000': 'create kernels',
    [`GET /api/kernels/${kernel}`]: `owned kernels ${kernel}`,
    [`GET /api/kernels/${kernel}?1700000000000`]: `owned kernels ${kernel}`,
    [`DELETE /api/kernels/${kernel}`]: `owned kernels ${kernel}`,
    [`GET /api/kernels/${loose}`]: `owned kernels ${loose}`,
    [`POST /api/kernels/${kernel}/interrupt`]: `owned kernels ${kernel}`,
    [`POST /api/kernels/${kernel}/restart`]: `owned kernels ${kernel}`,
    [`WS /api/kernels/${kernel}/channels?session_id=abc&token=t`]: `owned kernels ${kernel}`,
    [`WS /api/kernels/${loose}/channels`]: `owned kernels ${loose}`,
    [`GET /api/kernels/${kernel}/channels`]: `owned kernels ${kernel}`,
  },
  sessions: {
    'GET /api/sessions': 'list sessions',
    'GET /api/sessions?1700000000000': 'list sessions',
    'POST /api/sessions': 'create sessions',
    [`GET /api/sessions/${session}`]: `session ${session}`,
    [`PATCH /api/sessions/${session}?17`]: `session ${session}`,
    [`DELETE /api/sessions/${session}`]: `session ${session}`,
    [`PATCH /api/sessions/${loose}`]: `session ${loose}`,
  },
  terminals: {
    'GET /api/terminals': 'list terminals',
    'POST /api/terminals': 'create terminals',
    'GET /api/terminals/1': 'owned terminals 1',
    'DELETE /api/terminals/k3x9qa?17': 'owned terminals k3x9qa',
    'WS /terminals/websocket/k3x9qa': 'owned terminals k3x9qa',
    'GET /terminals/k3x9qa': 'any',
    'GET /terminals/new': 'create-terminal-page',
    'GET /terminals/new/mine': 'owned terminals mine',
  },
  status: {
    'GET /api/status': 'status',
    'GET /api': 'any',
    'GET /api/me': 'any',
    'PATCH /api/me': 'any',
  },
  'resolve path': {
    [`GET /api/resolvePath?path=a.py&kernel=${kernel}`]: `owned kernels ${kernel}`,
    'GET /api/resolvePath?path=a.py': 'any',
  },
  'specs and config': {
    'GET /api/spec.yaml': 'any',
    'GET /api/kernelspecs': 'any',
    'GET /api/kernelspecs?17': 'any',
    'GET /api/kernelspecs/python3': 'any',
    'GET /api/kernelspecs/python%203.1': 'any',
    'GET /kernelspecs/python3/logo-64x64.png': 'any',
    'GET /api/config/notebook': 'affine api/config/notebook',
    'PUT /api/config/notebook': 'affine api/config/notebook',
    'PATCH /api/config/notebook': 'affine api/config/notebook',
  },
  contents: {
    'GET /api/contents': 'affine api/contents',
    'GET /api/contents/work/a.ipynb?content=0&17': 'affine work/a.ipynb',
    'PUT /api/contents/work/a.ipynb': 'affine work/a.ipynb',
    'POST /api/contents/work': 'affine work',
    'PATCH /api/contents/work/a.ipynb': 'affine work/a.ipynb',
    'DELETE /api/contents/work/a.ipynb': 'affine work/a.ipynb',
    'POST /api/contents/work/a.ipynb/checkpoints': 'affine work/a.ipynb',
    'POST /api/contents/work/a.ipynb/checkpoints/checkpoint': 'affine work/a.ipynb',
    'POST /api/contents/work/a.ipynb/trust': 'affine work/a.ipynb',
    'GET /api/contents/with%20space.ipynb': 'affine with space.ipynb',
    'GET /api/notebooks/a.ipynb': 'any',
    'GET /api/notebooks': 'any',
  },
  'files and their pages': {
    'GET /files/work/a.csv': 'affine work/a.csv',
    'GET /view/work/a.html': 'affine work/a.html',
    'GET /nbconvert/html/work/a.ipynb?download=true': 'affine work/a.ipynb',
    'GET /api/nbconvert': 'any',
    'GET /edit/work/a.py': 'affine work/a.py',
    'GET /notebooks/work/a.ipynb': 'affine work/a.ipynb',
    'GET /consoles/work/a.ipynb': 'affine work/a.ipynb',
    'GET /tree': 'affine tree',
    'GET /tree/work': 'affine work',
    'GET /doc/tree/work/a.md': 'affine work/a.md',
    'GET /custom/custom.css': 'any',
    'GET /bundle/a.ipynb': 'any',
    'GET /nbextensions/x/main.js': 'any',
  },
  JupyterLab: {
    'GET /': 'any',
    'GET /lab': 'any',
    'GET /lab?token=t': 'any',
    'GET /lab/tree/work/a.ipynb': 'any',
    'GET /lab/workspaces/auto-x/tree/a.ipynb': 'any',
    'GET /lab/extensions/x/static/remoteEntry.js': 'any',
    'GET /lab/api/settings': 'affine lab/api/settings',
    'PUT /lab/api/settings/@jupyterlab/apputils-extension:themes': 'affine lab/api/settings',
    'PUT /lab/api/workspaces/default': 'affine lab/api/workspaces',
    'DELETE /lab/api/workspaces/default': 'affine lab/api/workspaces',
    'GET /lab/api/translations/de_DE': 'any',
    'GET /lab/api/themes/x/index.css': 'any',
    'GET /lab/api/listings/@jupyterlab/extensionmanager-extension/listings.json': 'any',
    'GET /lab/api/licenses/': 'any',
    'GET /lab/api/news': 'any',
    'GET /lab/api/update': 'any',
    'GET /lab/api/build': 'pinned',
    'POST /lab/api/build': 'pinned',
    'DELETE /lab/api/build': 'pinned',
    'GET /lab/api/extensions?refresh=0': 'any',
    'POST /lab/api/extensions': 'refused',
    'GET /lab/api/plugins': 'any',
    'POST /lab/api/plugins': 'refused',
    'GET /static/lab/main.abc.js?v=abc': 'any',
    'GET /favicon.ico': 'any',
    'GET /robots.txt': 'any',
  },
  events: {
    'WS /api/events/subscribe': 'events',
    'WS /api/events/subscribe?token=t': 'events',
    'POST /api/events': 'any',
  },
  'not for one server': {
    'POST /api/shutdown': 'refused',
    'POST /api/shutdown?17': 'refused',
    'GET /metrics': 'refused',
  },
  'the door': {
    'GET /login?next=%2Flab': 'any',
    'POST /login': 'any',
    'GET /logout': 'any',
    'POST /logout': 'any',
    'POST /api/security/csp-report': 'any',
  },
  'language servers': {
    'GET /lsp/status': 'pinned',
    'WS /lsp/ws/pylsp': 'pinned',
  },
  'shared documents': {
    'PUT /api/collaboration/session/work/a%20b.ipynb': 'open-document work/a b.ipynb',
    'PUT /api/collaboration/session/a.ipynb?17': 'open-document a.ipynb',
    'WS /api/collaboration/room/json:notebook:f1d2': 'document by id f1d2',
    'WS /api/collaboration/room/json%3Anotebook%3Af1d2?sessionId=s': 'document by id f1d2',
    'WS /api/collaboration/room/JupyterLab:globalAwareness': 'document by id globalAwareness',
    'GET /api/collaboration/timeline/json:notebook:f1d2': 'document by id f1d2',
    'PUT /api/collaboration/undo_redo/json:notebook:f1d2?action=undo&steps=1': 'document by id f1d2',
    'GET /api/collaboration/fork/json:notebook:f1d2': 'document by id f1d2',
    'PUT /api/collaboration/fork/json:notebook:f1d2?synchronize=true': 'fork-document json:notebook:f1d2',
    'GET /api/fileid/id?path=work/a.ipynb': 'document by path work/a.ipynb',
    'GET /api/fileid/path?id=f1d2': 'document by id f1d2',
    'POST /api/fileid/index?path=work/a.ipynb': 'document by path work/a.ipynb',
  },
  'what somebody added': {
    'GET /proxy/8050/': 'pinned',
    'POST /proxy/8050/_dash-update-component': 'pinned',
    'GET /proxy/absolute/8050/x': 'pinned',
    'WS /proxy/8050/ws': 'pinned',
    'GET /rstudio/': 'pinned',
    'GET /api/metrics/v1': 'pinned',
    'GET /my-extension/state': 'pinned',
    'WS /my-extension/socket': 'pinned',
    'GET /api/kernels-of-mine': 'pinned',
    'GET /labextension': 'pinned',
  },
}

for (const [area, requests] of Object.entries(rows)) {
  t.test(`${area}: each request goes where the table of endpoints says`, async (t) => {
    for (const [line, expected] of Object.entries(requests)) t.equal(word(of(line)), expected, line)
  })
}

t.test('no row that is meant for requests is got past with the headers of a WebSocket', async (t) => {
  for (const path of [
    '/api/kernels',
    '/api/sessions',
    `/api/sessions/${session}`,
    '/lab',
    '/metrics',
    '/terminals/new',
  ]) {
    t.equal(of(`WS ${path}`).kind, 'no-socket', path)
  }
  t.equal(word(of('GET /api/events/subscribe')), 'pinned')
})

t.test('what is refused says why in a sentence', async (t) => {
  for (const line of ['POST /api/shutdown', 'GET /metrics', 'POST /lab/api/extensions']) {
    const route = of(line)
    t.ok(route.kind === 'refused' && /^[A-Z].+\.$/.test(route.why), line)
  }
})

t.test('ids that Jupyter would not read as ids are nobody’s', async (t) => {
  for (const path of ['nope', `${kernel}%2Fchannels`, 'a-b-c-d', '../kernels']) {
    t.equal(word(of(`GET /api/kernels/${path}`)), 'pinned', path)
  }
  t.equal(word(of('GET /api/terminals/a%2Fb')), 'pinned')
})

t.test('what an extension adds below a kernel is asked of its owner', async (t) => {
  t.equal(word(of(`POST /api/kernels/${kernel}/execute`)), `owned kernels ${kernel}`)
})

t.test('a method that is in no row goes to some server, whose 405 it gets', async (t) => {
  for (const line of ['PUT /api/kernels', 'OPTIONS /api/sessions', 'DELETE /api/terminals', 'POST /api/status']) {
    t.equal(word(of(line)), 'pinned', line)
  }
})

t.test('a file’s downloads, saves, checkpoints and exports prefer one server', async (t) => {
  const keys = [
    'PUT /api/contents/work/a%20b.ipynb',
    'GET /files/work/a%20b.ipynb',
    'POST /api/contents/work/a%20b.ipynb/checkpoints',
    'GET /nbconvert/html/work/a%20b.ipynb',
    'GET /notebooks/work/a b.ipynb',
  ].map((line) => word(of(line.replace('a b', 'a%20b'))))
  t.same(new Set(keys), new Set(['affine work/a b.ipynb']))
})

t.test('two readings of one path are the same route if they reach the same thing', async (t) => {
  const read = (path: string) => classify({ method: 'GET', path, query: '', upgrade: false })
  t.ok(sameRoute(read(`api/kernels/${kernel}`), read(`api/kernels/${kernel}`)))
  t.notOk(sameRoute(read(`api/kernels/${kernel}`), read(`api/kernels/${loose}`)), 'another kernel')
  t.notOk(sameRoute(read('api/contents/../kernels'), read('api/kernels')), 'another row')
  t.notOk(sameRoute(read('files/x'), read('api/contents/x')), 'another row of the same kind')
  t.ok(sameRoute(read('files/a//b'), read('files/a/b')), 'any server may serve a file')
  t.notOk(sameRoute(read('my/extension'), read('api/shutdown')), 'what is refused')
})
