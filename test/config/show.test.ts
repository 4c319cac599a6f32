import t from 'tap'
import { optionNames } from '../../gateway/config/options.ts'
import { parseConfig } from '../../gateway/config/parse.ts'
import { showConfig } from '../../gateway/config/show.ts'

function shown(token: string): string {
  const parsed = parseConfig(
    ['--backends', 'static:[::1]:8888,b:80', '--hold-for', '90s'],
    { PYLI_TOKEN: token },
    () => '',
  )
  if (parsed.ok !== true) throw new Error('Not sound')
  return showConfig(parsed.config)
}

t.test('every option is shown on a line of its own, as it would be given', async (t) => {
  t.equal(shown('').trimEnd().split('\n').length, optionNames.length)
  t.match(shown(''), /^--backends +static:\[::1\]:8888,b:80$/m)
  t.match(shown(''), /^--hold-for +90s$/m)
  t.match(shown(''), /^--tls-cert +\(none\)$/m)
})

t.test('the token is never shown, only whether there is one', async (t) => {
  t.notMatch(shown('hunter2'), 'hunter2')
  t.match(shown('hunter2'), /^--token-file +\(set, not shown\)$/m)
  t.match(shown(''), /^--token-file +\(none\)$/m)
})
