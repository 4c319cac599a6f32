import t from 'tap'
import { find, findAll, readXml, textOf } from '../../../../provisioner/storage/gluster/xml.ts'
import { recorded } from './recorded.ts'

t.test('a real answer is read', async (t) => {
  const answer = readXml(recorded('peers'))
  t.equal(answer.name, 'cliOutput')
  t.equal(textOf(answer, 'opRet'), '0')
  t.equal(findAll(answer, 'peerStatus', 'peer').length, 2)
  t.equal(find(answer, 'peerStatus', 'nobody'), undefined)
})

t.test('text before elements is kept apart from theirs', async (t) => {
  const brick = readXml('<brick uuid="a > b">n1:/b<name>n1:/b</name> after </brick>')
  t.equal(brick.text, 'n1:/b')
  t.equal(textOf(brick, 'name'), 'n1:/b')
})

t.test('entities are the five of XML', async (t) => {
  t.equal(textOf(readXml('<a><b>&lt;x&gt; &amp;amp; &quot;&apos;</b></a>'), 'b'), `<x> &amp; "'`)
})

t.test('half an answer, and what is none, is refused', async (t) => {
  const whole = recorded('volume-info').trim()
  for (const length of [1, 60, 500, 2000, whole.length - 3])
    t.throws(() => readXml(whole.slice(0, length)), `${length}`)
  for (const text of [
    '',
    'Connection failed.',
    '<a></b>',
    '<a>',
    '</a>',
    '<a/><b/>',
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    '<a><![CDATA[x]]></a>',
  ])
    t.throws(() => readXml(text), text)
})
