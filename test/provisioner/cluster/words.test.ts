import t from 'tap'
import { readSettings } from '../../../provisioner/cluster/settings.ts'
import { certificateNames, farewell } from '../../../provisioner/cluster/words.ts'

const served = { settings: readSettings({}), address: '10.0.0.1', token: 'secret', isUnchanged: false }

t.test('a person is given an address that opens', async (t) => {
  t.match(farewell(served), /^https:\/\/10\.0\.0\.1\/lab\?token=secret$/m)
  const settings = readSettings({ name: '*.lab.example,lab.example', 'https-port': '8443' })
  t.match(
    farewell({ ...served, settings }),
    /^https:\/\/lab\.example:8443\/lab\?token=secret$/m,
    'by its name and port',
  )
})

t.test('a log is told where the token is', async (t) => {
  const text = farewell({ ...served, token: undefined })
  t.notMatch(text, 'token=')
  t.match(text, 'in /var/lib/pyli/secrets/jupyter-token')
})

t.test('certificates cover all names under which the gateway and the registry are met', async (t) => {
  const { gateway, registry } = certificateNames(readSettings({ name: 'lab.example,n1' }), 'n1', '10.0.0.1')
  t.same(gateway, ['lab.example', 'n1', '10.0.0.1', 'localhost', '127.0.0.1'])
  t.same(registry, ['10.0.0.1', 'n1', '127.0.0.1'])
})
