import { randomBytes } from 'node:crypto'
import { lab, MANAGER, on, shell, WORKERS } from './the-lab.ts'

/** A machine beside the cluster's, which an operator might have. */
const NODE = 4
const PORT = 5443

/** A registry behind TLS, by an authority of its own that nobody knows yet, with a login. */
export interface OwnRegistry {
  /** HOST:PORT */
  readonly address: string
  /** Each machine of the cluster takes its authority for good. */
  introduce(): Promise<void>
  /** The first machine may read and write. */
  logIn(): Promise<void>
  remove(): Promise<void>
}

export async function ownRegistry(): Promise<OwnRegistry> {
  await lab.up(NODE, await lab.image())
  const host = await lab.address(NODE)
  const address = `${host}:${PORT}`
  const password = randomBytes(12).toString('hex')
  await shell(
    NODE,
    `set -e; mkdir -p /srv/registry; cd /srv/registry
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
openssl req -x509 $key -keyout ca.key -out ca.crt -subj '/CN=An operator' -days 2
openssl req $key -keyout key.pem -out request.pem -subj '/CN=A registry' -addext subjectAltName=IP:${host}
openssl x509 -req -in request.pem -CA ca.crt -CAkey ca.key -days 2 -copy_extensions copy -out cert.pem
cat >config.yml <<END
version: 0.1
storage: { filesystem: { rootdirectory: /srv/registry/data } }
auth: { htpasswd: { realm: lab, path: /srv/registry/htpasswd } }
http: { addr: ":${PORT}", tls: { certificate: /srv/registry/cert.pem, key: /srv/registry/key.pem } }
END`,
  )
  // bcrypt, as the registry takes no other kind.
  const hash = `chomp(my $p = <STDIN>); print 'operator:', crypt($p, '$2y$05$' . 'labs' x 5 . 'la'), "\\n"`
  await on(NODE, ['sh', '-c', 'perl -e "$1" >/srv/registry/htpasswd', 'sh', hash], { input: password })
  await shell(NODE, 'setsid -f docker-registry serve /srv/registry/config.yml >/var/log/registry.log 2>&1 </dev/null')
  const authority = await on(NODE, ['cat', '/srv/registry/ca.crt'])
  const folder = `/etc/docker/certs.d/${address}`
  return {
    address,
    async introduce() {
      for (const node of [MANAGER, ...WORKERS])
        await on(node, ['sh', '-c', `mkdir -p ${folder} && cat >${folder}/ca.crt`], { input: authority })
    },
    async logIn() {
      await on(MANAGER, ['docker', 'login', '--username', 'operator', '--password-stdin', address], { input: password })
    },
    async remove() {
      await shell(MANAGER, `docker logout ${address}`)
      for (const node of [MANAGER, ...WORKERS]) await shell(node, `rm -rf ${folder}`)
      await lab.remove(NODE)
    },
  }
}
