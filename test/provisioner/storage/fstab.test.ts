import t from 'tap'
import { type Mount, mountedAt, withMount, withoutMount } from '../../../provisioner/storage/fstab.ts'

const ours: Mount = { source: 'localhost:/pyli', type: 'glusterfs', options: ['_netdev', 'noauto'] }
const line = 'localhost:/pyli /v glusterfs _netdev,noauto 0 0'
const theirs = '# <file system> /v\n  #/old /v none bind 0 0\nUUID=1 / ext4 errors=remount-ro 0 1\n'

t.test('a line is added to what is there', async (t) => {
  t.equal(withMount(theirs, '/v', ours), `${theirs}${line}\n`)
  t.equal(withMount(theirs.trimEnd(), '/v', ours), `${theirs}${line}\n`, 'also where the last line does not end')
  t.equal(withMount('', '/v', ours), `${line}\n`)
})

t.test('it replaces an older one where that stood, and there is never a second one', async (t) => {
  const old = `/old /v none bind 0 0\n/x /v/deeper none bind 0 0\n/old\t/v none bind 0 0\n`
  t.equal(withMount(theirs + old, '/v', ours), `${theirs}${line}\n/x /v/deeper none bind 0 0\n`)
})

t.test('twice is once', async (t) => {
  const once = withMount(theirs, '/v', ours)
  t.equal(withMount(once, '/v', ours), once)
})

t.test('taking it out leaves all others', async (t) => {
  t.equal(withoutMount(withMount(theirs, '/v', ours), '/v'), theirs)
  t.equal(withoutMount('', '/v'), '')
})

t.test('of mounts at one place the last one counts', async (t) => {
  const table = '/dev/a / ext4 rw 0 0\nn:/a /v nfs4 rw 0 0\nlocalhost:/pyli /v fuse.glusterfs rw 0 0\n'
  t.strictSame(mountedAt(table, '/v'), { source: 'localhost:/pyli', type: 'fuse.glusterfs' })
  t.equal(mountedAt(table, '/w'), undefined)
})
