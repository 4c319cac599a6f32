import t from 'tap'
import { packagesAreInstalled } from '../../../provisioner/host/packages.ts'
import type { Run } from '../../../provisioner/host/run.ts'

/** A Debian that knows what is installed, and what was asked of apt. */
function debian(...installed: string[]) {
  const asked: string[][] = []
  const run: Run = async (argv) => {
    asked.push([...argv])
    if (argv.includes('install')) installed.push(...argv.slice(argv.indexOf('--no-install-recommends') + 1))
    const known = argv.filter((name) => installed.includes(name))
    // As dpkg-query: a line for each that it has heard of, and code 1 where it has not heard of one.
    const stdout = argv[0] === 'dpkg-query' ? known.map((name) => `${name} installed\n`).join('') : ''
    return { code: argv[0] === 'dpkg-query' && known.length < argv.length - 3 ? 1 : 0, stdout, stderr: '' }
  }
  return { run, asked }
}

t.test('only what is missing is installed, without what it recommends', async (t) => {
  const { run, asked } = debian('ca-certificates')
  const step = packagesAreInstalled(run, ['docker.io', 'ca-certificates', 'iptables'])
  t.equal(await step.look(), 'docker.io, iptables are not installed')
  await step.change?.()
  t.same(
    asked.find((argv) => argv.includes('install')),
    'env DEBIAN_FRONTEND=noninteractive apt-get --quiet -o DPkg::Lock::Timeout=300 install --yes --no-remove --no-install-recommends docker.io iptables'.split(
      ' ',
    ),
  )
  t.equal(await step.look(), undefined)
})

t.test('a package that was removed and left its settings is not installed', async (t) => {
  const run: Run = async () => ({ code: 0, stdout: 'docker.io config-files\n', stderr: '' })
  t.equal(await packagesAreInstalled(run, ['docker.io']).look(), 'docker.io is not installed')
})

t.test('a failure of apt is told with its last words', async (t) => {
  const run: Run = async (argv) => ({
    code: argv.includes('update') ? 100 : 0,
    stdout: '',
    stderr: "E: Unable to fetch some archives\nE: Temporary failure resolving 'deb.debian.org'\n",
  })
  await t.rejects(async () => packagesAreInstalled(run, ['docker.io']).change?.(), {
    message: /Temporary failure resolving/,
  })
})
