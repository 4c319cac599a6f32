import t from 'tap'
import { listenFault } from '../../gateway/config/listen-fault.ts'

const fault = (code: string, address: string, port: number) =>
  Object.assign(new Error(`listen ${code}: said by the system`), { code, address, port })
const listen = { host: '127.0.0.1', port: 8443 }
const admin = { host: 'localhost', port: 9090 }

t.test('a port that is taken is told with the option that gives another', async (t) => {
  const of = (port: number) => listenFault(fault('EADDRINUSE', '127.0.0.1', port), { listen, admin })
  t.equal(of(8443), '127.0.0.1:8443 is taken by another program; choose another with --listen')
  t.equal(of(9090), '127.0.0.1:9090 is taken by another program; choose another with --admin')
  const alone = listenFault(fault('EADDRINUSE', '127.0.0.1', 8443), { listen, admin: 'off' })
  t.match(alone, /with --listen$/)
})

t.test('one port on two addresses is told apart by the address', async (t) => {
  const two = { listen: { host: '10.0.0.1', port: 443 }, admin: { host: '10.0.0.2', port: 443 } }
  t.match(listenFault(fault('EADDRINUSE', '10.0.0.2', 443), two), /^10\.0\.0\.2:443 .* with --admin$/)
  t.match(listenFault(fault('EADDRINUSE', '10.0.0.1', 443), two), /^10\.0\.0\.1:443 .* with --listen$/)
})

t.test('a port for the administrator alone and a strange address are told as what they are', async (t) => {
  t.equal(
    listenFault(fault('EACCES', '::', 443), { listen: { host: '::', port: 443 }, admin }),
    '[::]:443 may not be opened by this user; choose a port over 1023 with --listen',
  )
  t.equal(
    listenFault(fault('EADDRNOTAVAIL', '192.0.2.1', 9090), { listen, admin: { host: '192.0.2.1', port: 9090 } }),
    '192.0.2.1:9090 is no address of this machine; choose another with --admin',
  )
})

t.test('any other fault is told in its own words', async (t) => {
  t.equal(listenFault(new Error('no more files'), { listen, admin }), 'no more files')
})

t.test('the redirecting listener is told apart as well', async (t) => {
  const listeners = { listen, admin, redirect: { host: '0.0.0.0', port: 80 } }
  t.match(listenFault(fault('EACCES', '0.0.0.0', 80), listeners), /with --redirect$/)
  t.match(listenFault(fault('EADDRINUSE', '127.0.0.1', 8443), listeners), /with --listen$/)
  const onePort = { listen: { host: '10.0.0.1', port: 443 }, admin, redirect: { host: '10.0.0.2', port: 443 } }
  t.match(listenFault(fault('EADDRINUSE', '10.0.0.2', 443), onePort), /with --redirect$/)
  t.match(listenFault(fault('EADDRINUSE', '10.0.0.1', 443), onePort), /with --listen$/)
})
