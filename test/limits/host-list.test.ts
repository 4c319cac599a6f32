import t from 'tap'
import { HostList } from '../../gateway/limits/host-list.ts'

t.test('without a list every host is allowed', async (t) => {
  for (const host of ['a.example', '[::1]:8443', undefined]) t.ok(new HostList([]).allows(host))
})

t.test('a name is allowed whatever its port, its case and its last dot', async (t) => {
  const list = new HostList(['jupyter.example.org', '192.0.2.1', '2001:db8::1'])
  const allowed = ['jupyter.example.org', 'Jupyter.Example.ORG:8443', 'jupyter.example.org.', 'jupyter.example.org:']
  for (const host of [...allowed, '192.0.2.1:80', '[2001:db8::1]', '[2001:DB8:0::1]:8443'])
    t.ok(list.allows(host), host)
  const others = ['example.org', 'x.jupyter.example.org', 'jupyter.example.org.evil', 'evil-jupyter.example.org', '']
  for (const host of [...others, undefined, '192.0.2.10', '[2001:db8::2]', '2001:db8::1', 'localhost:8443']) {
    t.notOk(list.allows(host), `${host}`)
  }
})

t.test('a star is one label, as in a certificate', async (t) => {
  const list = new HostList(['*.lab.example.org'])
  t.ok(list.allows('a.lab.example.org:443'))
  for (const host of ['lab.example.org', 'a.b.lab.example.org', '.lab.example.org', 'lab.example.org.', '*', '']) {
    t.notOk(list.allows(host), `${host}`)
  }
})
