import t from 'tap'
import { readCommandLine, refuseRest, tellOptions } from '../../../provisioner/cluster/command-line.ts'
import { optionNames, workerOptionNames } from '../../../provisioner/cluster/options.ts'

const own = { plan: { about: 'only tell' }, 'token-file': { metavar: 'FILE', about: 'the token' } }

t.test('options, switches and the rest are told apart', async (t) => {
  const { given, switches, rest } = readCommandLine(
    'worker',
    ['n1', '--storage', 'nfs', '--plan', '--token-file=t'],
    workerOptionNames,
    own,
  )
  t.same(given, { storage: 'nfs' })
  t.same(
    [...switches],
    [
      ['plan', ['true']],
      ['token-file', ['t']],
    ],
  )
  t.same(rest, ['n1'])
})

t.test('names and authorities may be repeated, of others the last one counts', async (t) => {
  const args = ['--name', 'a.example', '--name', 'b.example', '--workers', '1', '--workers', '2']
  t.same(readCommandLine('manager', args, optionNames, {}).given, { name: 'a.example,b.example', workers: '2' })
})

t.test('what is not known is refused', async (t) => {
  t.throws(() => readCommandLine('manager', ['--worker=2'], optionNames, own), {
    message: "Unknown option '--worker'. `pyli manager --help` tells the options.",
  })
  t.throws(() => readCommandLine('worker', ['--workers=2'], workerOptionNames, own), {
    message: /Unknown option '--workers'/,
  })
})

t.test('what a command does not take is refused with the way to its help', async (t) => {
  const line = readCommandLine('down', ['n2'], [], own)
  t.throws(() => refuseRest('down', line), {
    name: 'Trouble',
    message: 'pyli down takes no n2. `pyli down --help` tells the options.',
  })
  refuseRest('down', readCommandLine('down', ['--plan'], [], own))
})

t.test('the help tells each option with its default, in lines that fit', async (t) => {
  const help = tellOptions(optionNames, own)
  for (const name of [...optionNames, ...Object.keys(own)]) t.match(help, new RegExp(`^  --${name}( |$)`, 'm'))
  t.match(help, '(default 443)')
  t.ok(help.split('\n').every((line) => line.length <= 100))
})
