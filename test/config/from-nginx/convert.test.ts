import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Conversion, convert } from '../../../gateway/config/from-nginx/convert.ts'
import { disk } from '../../../gateway/config/from-nginx/disk.ts'
import { prefixOf, readWithIncludes } from '../../../gateway/config/from-nginx/includes.ts'
import { readTree } from '../../../gateway/config/from-nginx/tree.ts'
import { parseConfig } from '../../../gateway/config/parse.ts'

const folder = join(import.meta.dirname, 'samples')
const samples = ['university/nginx.conf', 'jupyterhub.conf', 'sticky.conf', 'plain.conf', 'base-url.conf']

function sample(name: string): Conversion {
  const path = join(folder, name)
  return found(convert(readWithIncludes(path, disk), prefixOf(path, disk)))
}

const ofText = (text: string): Conversion => found(convert(readTree(text, 'x.conf'), '/etc/nginx'))

function found(conversion: Conversion | undefined): Conversion {
  if (conversion === undefined) throw new Error('nothing leads to Jupyter')
  return conversion
}

/** `server { … }` with a location that leads to one Jupyter. */
const site = (server: string, location = ''): Conversion =>
  ofText(`server { ${server} location / { proxy_pass http://10.0.0.2:8888; ${location} } }`)

const given = ({ argv }: Conversion, flag: string): string | undefined =>
  argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined

/** What became of the directives of that name, each as `line as`. */
const fates = ({ findings }: Conversion, name: string): string[] =>
  findings.flatMap(({ directive, verdict }) => (directive.name === name ? [`${directive.line} ${verdict.as}`] : []))

function says({ findings }: Conversion, name: string): string {
  const verdict = findings.find(({ directive }) => directive.name === name)?.verdict
  return `${verdict?.as}: ${verdict?.say}`
}

t.test('a university’s nginx.conf with its sites becomes the whole command line', async (t) => {
  const { '--hsts': _, ...given } = Object.fromEntries(pairs(sample('university/nginx.conf').argv))
  t.strictSame(given, {
    '--listen': '[::]:443',
    '--redirect': '[::]:80',
    '--workers': 'auto',
    '--backends': 'static:10.20.0.11:8888,10.20.0.12:8888',
    '--allow-host': 'notebooks.example.edu',
    '--tls': 'files',
    '--tls-cert': '/etc/ssl/certs/notebooks.pem',
    '--tls-key': '/etc/ssl/private/notebooks.key',
    '--body-limit': '500MiB',
    '--idle-timeout': '65s',
    '--head-timeout': '15s',
    '--body-timeout': '1m',
    '--send-timeout': '1m',
    '--connect-timeout': '5s',
    '--log': 'json',
  })
})

t.test('HSTS keeps its age, or it is said why not', async (t) => {
  const [fate] = fates(sample('jupyterhub.conf'), 'add_header')
  t.match(fate, /^28 (?:carried|lost)$/)
  t.match(
    says(site('listen 80; add_header Strict-Transport-Security max-age=1;'), 'add_header'),
    'needless: without TLS',
  )
})

t.test('a site in the manner of JupyterHub’s documentation: `ssl on`, and TLS below 1.2 is named', async (t) => {
  const conversion = sample('jupyterhub.conf')
  t.equal(given(conversion, '--listen'), '0.0.0.0:443')
  t.equal(given(conversion, '--redirect'), '0.0.0.0:80')
  t.equal(given(conversion, '--backends'), 'static:127.0.0.1:8000')
  t.equal(
    says(conversion, 'ssl_protocols'),
    'lost: TLSv1 and TLSv1.1 are not spoken: clients that know no TLS 1.2 stay outside',
  )
})

t.test('sticky cookies are no longer needed, and it is said why', async (t) => {
  const conversion = sample('sticky.conf')
  t.equal(
    given(conversion, '--backends'),
    'static:jupyter-a.internal:8888,jupyter-b.internal:8888,jupyter-c.internal:8888',
  )
  t.match(says(conversion, 'sticky'), /^needless: a request goes to the server that has its kernel/)
  t.strictSame(fates(conversion, 'server').slice(0, 4), ['5 carried', '6 carried', '7 carried', '8 needless'])
  t.equal(given(conversion, '--proxy-protocol'), 'on')
  t.equal(given(conversion, '--trust'), '10.0.0.0/8,192.168.7.3')
  t.equal(given(conversion, '--allow-host'), 'notebooks.example.org,*.notebooks.example.org')
  t.equal(given(conversion, '--tls-cert'), join(folder, 'tls/site.pem'))
  t.equal(given(conversion, '--log'), 'off')
  t.match(says(conversion, 'auth_basic'), "lost: Jupyter's own token is the lock")
})

t.test('plain HTTP stays plain', async (t) => {
  const conversion = sample('plain.conf')
  t.equal(given(conversion, '--tls'), 'off')
  t.equal(given(conversion, '--listen'), '192.168.1.5:8080')
  t.equal(given(conversion, '--backends'), 'static:localhost:8888')
  t.equal(says(conversion, 'made_up_directive'), 'unknown: not known')
})

t.test('the prefix of Jupyter’s location is the base URL, beside another program at /', async (t) => {
  const conversion = sample('base-url.conf')
  t.equal(given(conversion, '--base-url'), '/jupyter/')
  t.equal(given(conversion, '--redirect'), '0.0.0.0:80')
  t.equal(given(conversion, '--body-limit'), '1500MiB')
  t.strictSame(fates(conversion, 'client_max_body_size'), ['5 needless', '19 carried', '23 lost'])
  t.strictSame(fates(conversion, 'include'), ['29 lost'])
})

for (const name of samples) {
  t.test(`${name}: every directive is told of once, each with a reason`, async (t) => {
    const { findings } = sample(name)
    t.equal(findings.length, directivesIn(name))
    for (const { directive, verdict } of findings) {
      t.ok(verdict.say.length > 5, `${directive.file}:${directive.line} ${directive.name}: ${verdict.say}`)
    }
  })

  t.test(`${name}: our own parser takes the options, and shows them as they were given`, async (t) => {
    const argv = sample(name).argv
    const backends = argv.includes('--backends') ? [] : ['--backends', 'static:tasks.jupyter:8888']
    const parsed = parseConfig([...argv, ...backends, '--check'], {}, () => '')
    t.equal(parsed.ok, 'check', JSON.stringify(parsed))
  })
}

t.test(
  'of several addresses the one that takes in the others is listened on, and what is outside is named',
  async (t) => {
    const listens = (text: string) => given(site(text), '--listen')
    t.equal(listens('listen 80;'), '0.0.0.0:80')
    t.equal(listens('listen *:8080; listen [::]:8080 ipv6only=on;'), '[::]:8080')
    t.equal(listens('listen 10.0.0.1;'), '10.0.0.1:80')
    t.equal(listens('listen unix:/run/x; listen 81;'), '0.0.0.0:81')
    t.strictSame(fates(site('listen 10.0.0.1:80; listen 10.0.0.2:80; listen 10.0.0.1:81;'), 'listen'), [
      '1 carried',
      '1 lost',
      '1 lost',
    ])
  },
)

t.test('a name that nginx looks up again and again is found by DNS, with the same name server', async (t) => {
  const jupyter = 'location / { set $j tasks.jupyter; proxy_pass http://$j:8888; }'
  for (const text of [
    `server { listen 80; resolver 127.0.0.11 valid=5s; ${jupyter} }`,
    `resolver 127.0.0.11; upstream j { server tasks.jupyter:8888 resolve; } server { listen 80; location / { proxy_pass http://j; } }`,
  ]) {
    const conversion = ofText(text)
    t.equal(given(conversion, '--backends'), 'dns:tasks.jupyter:8888')
    t.equal(given(conversion, '--dns-server'), '127.0.0.11')
  }
})

t.test('a name server is of no use where addresses are given', async (t) => {
  const conversion = ofText(
    'server { listen 80; resolver 127.0.0.11; location / { set $j 10.0.0.2; proxy_pass http://$j:8888; } }',
  )
  t.equal(given(conversion, '--backends'), 'static:10.0.0.2:8888')
  t.equal(given(conversion, '--dns-server'), undefined)
})

t.test('a limit of connections is for each address, or for all, as its zone counts', async (t) => {
  const limited = (key: string) => {
    const zone = `limit_conn_zone ${key} zone=z:10m;`
    return ofText(`${zone} server { listen 80; limit_conn z 50; location / { proxy_pass http://10.0.0.2:8888; } }`)
  }
  t.equal(given(limited('$binary_remote_addr'), '--connections-per-client'), '50')
  t.equal(given(limited('$server_name'), '--connections'), '50')
  t.match(says(limited('$cookie_a'), 'limit_conn'), 'lost: connections are counted for each address, and in all')
})

t.test('names are allowed as they were: with a dot in front, also what lies below; patterns are named', async (t) => {
  t.equal(given(site('listen 80; server_name .example.org;'), '--allow-host'), 'example.org,*.example.org')
  t.equal(given(site('listen 80; server_name _ "";'), '--allow-host'), undefined)
  t.match(says(site('listen 80; server_name www.example.*;'), 'server_name'), 'lost: --allow-host takes names')
})

t.test('no limit of bodies stays none', async (t) => {
  t.equal(given(site('listen 80; client_max_body_size 0;'), '--body-limit'), '0')
})

t.test('a proxy that speaks the PROXY protocol is expected where nginx did', async (t) => {
  t.equal(given(site('listen 80 proxy_protocol;'), '--proxy-protocol'), 'on')
  t.equal(given(site('listen 80; real_ip_header proxy_protocol;'), '--proxy-protocol'), 'on')
  t.equal(given(site('listen 80; real_ip_header X-Forwarded-For;'), '--proxy-protocol'), undefined)
})

t.test('plain HTTP beside HTTPS in one server becomes a redirect', async (t) => {
  const conversion = site('listen 80; listen 443 ssl; ssl_certificate c; ssl_certificate_key k;')
  t.equal(given(conversion, '--listen'), '0.0.0.0:443')
  t.equal(given(conversion, '--redirect'), '0.0.0.0:80')
  t.equal(given(conversion, '--tls-cert'), '/etc/nginx/c')
})

t.test('a redirect of another site is not ours', async (t) => {
  const conversion = ofText(`server { listen 80; server_name a.org; return 301 https://$host$request_uri; }
    server { listen 443 ssl; server_name b.org; location / { proxy_pass http://127.0.0.1:8888; } }`)
  t.equal(given(conversion, '--redirect'), undefined)
  t.match(says(conversion, 'return'), 'lost: it is about the site a.org')
})

t.test('TLS without a certificate in sight is something to do by hand', async (t) => {
  t.match(site('listen 443 ssl;').todos, [/PYLI_TOKEN/, /cookie_secret/, /name the certificate/])
})

t.test('what looks like a hub is told that it is not for the gateway', async (t) => {
  t.match(sample('jupyterhub.conf').todos.join(), 'if this is JupyterHub, leave nginx there')
  t.notMatch(sample('university/nginx.conf').todos.join(), 'JupyterHub')
})

t.test('the innermost of one directive holds, and the others are named', async (t) => {
  const conversion = ofText(`client_max_body_size 1m;
    server { listen 80;
      client_max_body_size 2m;
      location / { proxy_pass http://10.0.0.2:8888; } }`)
  t.equal(given(conversion, '--body-limit'), '2MiB')
  t.equal(says(conversion, 'client_max_body_size'), 'needless: x.conf:3 overrules it')
})

t.test('what holds for one address of Jupyter alone does not become an option for all', async (t) => {
  const conversion = ofText(`server { listen 80;
      location / { proxy_pass http://10.0.0.2:8888; }
      location /static/ { proxy_pass http://10.0.0.2:8888; access_log off; } }`)
  t.equal(given(conversion, '--log'), undefined)
  t.match(says(conversion, 'access_log'), 'lost: it holds for location /static/ alone')
})

t.test('of two certificates one is taken, with its key, and the other named', async (t) => {
  const conversion = site(
    'listen 443 ssl; ssl_certificate rsa.pem; ssl_certificate_key rsa.key; ssl_certificate ec.pem; ssl_certificate_key ec.key;',
  )
  t.equal(given(conversion, '--tls-cert'), '/etc/nginx/ec.pem')
  t.equal(given(conversion, '--tls-key'), '/etc/nginx/ec.key')
  t.strictSame(fates(conversion, 'ssl_certificate'), ['1 lost', '1 carried'])
})

t.test('a value that our option does not take is named, not passed on', async (t) => {
  const conversion = site('listen 80;', 'proxy_connect_timeout 0;')
  t.equal(given(conversion, '--connect-timeout'), undefined)
  t.match(says(conversion, 'proxy_connect_timeout'), 'lost: --connect-timeout must be from 10ms to 24h')
})

t.test('a path that nginx takes off is something to do by hand', async (t) => {
  const conversion = ofText('server { listen 80; location /lab/ { proxy_pass http://10.0.0.2:8888/; } }')
  t.equal(given(conversion, '--base-url'), '/lab/')
  const [todo] = conversion.findings.flatMap(({ verdict }) => verdict.todo ?? [])
  t.match(todo, `set ServerApp.base_url = '/lab/'`)
})

t.test('of several sites the one with WebSockets is Jupyter’s, wherever it stands', async (t) => {
  const other = 'server { listen 81; location / { proxy_pass http://10.0.0.9:80; } }'
  const jupyter =
    'server { listen 82; location / { proxy_pass http://10.0.0.2:8888; proxy_set_header Upgrade $http_upgrade; } }'
  for (const text of [other + jupyter, jupyter + other]) t.equal(given(ofText(text), '--listen'), '0.0.0.0:82')
})

t.test('a location for WebSockets alone does not hide the main one', async (t) => {
  const conversion = ofText(`server { listen 80;
    location /api/kernels/ { proxy_pass http://j; proxy_set_header Upgrade $http_upgrade; }
    location / { proxy_pass http://j; } }
    upstream j { server 10.0.0.2:8888; }`)
  t.equal(given(conversion, '--base-url'), undefined)
  t.equal(given(conversion, '--backends'), 'static:10.0.0.2:8888')
})

t.test('ports that are left out are nginx’s, and IPv6 stays in brackets', async (t) => {
  const conversion = ofText(`upstream j { server 10.0.0.2; server [2001:db8::1]:8888; server unix:/run/j; }
    server { listen 80; location / { proxy_pass http://j; } }`)
  t.equal(given(conversion, '--backends'), 'static:10.0.0.2:80,[2001:db8::1]:8888')
  t.strictSame(fates(conversion, 'server'), ['1 carried', '1 carried', '1 lost', '2 read'])
})

t.test('where nothing is proxied there is nothing to convert', async (t) => {
  t.equal(convert(readTree('server { listen 80; root /srv; }', 'x.conf'), '/'), undefined)
})

function pairs(argv: readonly string[]): [string, string][] {
  return Array.from({ length: argv.length / 2 }, (_, index) => [
    argv[2 * index] as string,
    argv[2 * index + 1] as string,
  ])
}

/** Counted without the program: what ends with `;` or `{`, once comments, quotes and tables of entries are gone. */
function directivesIn(name: string): number {
  const parts = name.startsWith('university')
    ? ['nginx.conf', 'mime.types', 'sites-enabled/jupyter', 'sites-enabled/website', 'snippets/tls.conf'].map((part) =>
        join('university', part),
      )
    : [name]
  const text = parts.map((part) => readFileSync(join(folder, part), 'utf8')).join('\n')
  const bare = text
    .replace(/(?<=^|\s)#.*$/gm, '')
    .replace(/"(?:\\.|[^"\\])*"|(?<=\s)'(?:\\.|[^'\\])*'/g, 'Q')
    .replace(/\$\{\w+\}/g, 'V')
    .replace(/((?:map|types)[^{;]*)\{[^}]*\}/g, '$1;')
  return bare.match(/[;{]/g)?.length ?? 0
}

t.test(
  'a certificate by a relative path is taken from the folder of nginx.conf, and that is to be looked at',
  async (t) => {
    const tls = 'listen 443 ssl; ssl_certificate certs/a.pem; ssl_certificate_key /keys/a.pem;'
    const conversion = site(tls)
    t.equal(given(conversion, '--tls-cert'), '/etc/nginx/certs/a.pem')
    const todos = conversion.findings.flatMap(({ verdict }) => verdict.todo ?? [])
    t.strictSame(todos, [
      'nginx takes "certs/a.pem" from the folder of nginx.conf, as far as is seen /etc/nginx: look whether /etc/nginx/certs/a.pem is it',
    ])
  },
)
