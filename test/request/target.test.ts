import t from 'tap'
import { parseTarget } from '../../gateway/request/target.ts'

t.test('the path goes to the backend byte for byte', async (t) => {
  for (const target of [
    '/',
    '/a%20b?x=%2F',
    '/a//b',
    '/a/./b/../c',
    '/%41',
    '/?',
    '/a?b?c',
    '/ä'.replace('ä', '%c3%a4'),
  ]) {
    t.equal(parseTarget(target)?.raw, target)
  }
})

t.test('path and query are told apart at the first question mark', async (t) => {
  t.match(parseTarget('/a?b=1?c'), { path: '/a', query: '?b=1?c' })
  t.match(parseTarget('/a'), { path: '/a', query: '' })
  t.match(parseTarget('/a?'), { path: '/a', query: '?' })
})

t.test('the other reading is that of a lenient server', async (t) => {
  const readings = {
    '/plain/path': '/plain/path',
    '/a%20b': '/a b',
    '/a%2Fb': '/a/b',
    '/a%2fb': '/a/b',
    '/a%5Cb': '/a/b',
    '/a/../b': '/b',
    '/a/%2e%2e/b': '/b',
    '/a/%2E./b': '/b',
    '/a/./b': '/a/b',
    '//a//b': '/a/b',
    '/../../a': '/a',
    '/a/b/..': '/a/',
    '/a/.': '/a/',
    '/a/': '/a/',
    '/a//': '/a/',
    '/.hidden': '/.hidden',
    '/a..b': '/a..b',
    '/%': undefined,
    '/%zz': undefined,
    '/%ff': undefined,
    '/%00': undefined,
    '/%252e%252e': '/%2e%2e',
  }
  for (const [target, normal] of Object.entries(readings)) t.equal(parseTarget(target)?.normalPath, normal, target)
})

t.test('of an absolute form the authority is kept apart, to be compared with Host', async (t) => {
  t.match(parseTarget('http://a.example/x?y'), { raw: '/x?y', path: '/x', query: '?y', authority: 'a.example' })
  t.match(parseTarget('HTTPS://a.example:8443'), { raw: '/', authority: 'a.example:8443' })
  t.match(parseTarget('http://a.example?y'), { raw: '/?y', authority: 'a.example' })
  t.match(parseTarget('http://user@a.example/'), { authority: 'user@a.example' })
  t.match(parseTarget('http:///x'), { authority: '' })
  t.equal(parseTarget('/x')?.authority, undefined)
})

t.test('what is no path is refused', async (t) => {
  for (const target of [
    '',
    '*',
    'a.example:443',
    'x',
    'ftp://a/b',
    '?a',
    '/a#b',
    '/a\\b',
    '/a b',
    '/a\tb',
    '/ä',
    '/\x7f',
    '/\x00',
  ]) {
    t.equal(parseTarget(target), undefined, JSON.stringify(target))
  }
})
