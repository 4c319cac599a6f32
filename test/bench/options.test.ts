import t from 'tap'
import { parseOptions } from '../../bench/options.ts'

t.test('works and peers are named as they are', async (t) => {
  t.match(parseOptions(['--only', 'get-small,upload', '--only', 'upgrade']), {
    only: ['get-small', 'upload', 'upgrade'],
    peers: undefined,
    rounds: 5,
  })
  t.match(parseOptions(['--peers', 'none']), { peers: [] })
  t.throws(() => parseOptions(['--only', 'get-big']), /no work "get-big"; there are get-small/)
  t.throws(() => parseOptions(['--peers', 'nginx,apache']), /"apache" is none; there are nginx/)
})

t.test('a quick run has fewer and shorter rounds, unless it is told', async (t) => {
  t.match(parseOptions(['--quick']), { rounds: 3, seconds: 1 })
  t.match(parseOptions(['--quick', '--rounds', '9']), { rounds: 9, seconds: 1 })
  t.throws(() => parseOptions(['--rounds', '0']), /--rounds must be a number above 0/)
})

t.test('users are played on an address, with a token', async (t) => {
  const play = parseOptions(['--url', 'https://host:8443/base', '--token-file', 'token'])
  t.match(play, { tokenFile: 'token', users: 50, seconds: 60 })
  t.equal('url' in Object(play) && String((play as { url: URL }).url), 'https://host:8443/base/')
  t.throws(() => parseOptions(['--url', 'https://host/']), /--url needs --token-file/)
  t.throws(() => parseOptions(['--url', 'host', '--token-file', 'x']), /must be like https/)
})
