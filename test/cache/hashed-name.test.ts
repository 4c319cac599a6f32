import t from 'tap'
import { namesItsContent } from '../../gateway/cache/hashed-name.ts'

t.test('files of pages whose names hold a hash of their content', async (t) => {
  const hash = 'efd36b46f3b45eb8'
  for (const path of [
    `static/lab/main.${hash}.js`,
    `static/lab/${hash}.woff`,
    'lab/extensions/@jupyter/a/static/remoteEntry.5cbb9d2323598fbda535.js',
    `static/notebook/1014-${hash}.css`,
  ]) {
    t.ok(namesItsContent(path, ''), path)
  }
  t.ok(namesItsContent(`static/lab/main.${hash}.js`, `?v=${hash}`))
})

t.test('nothing else: no other folder, no name that could be of other content, no query but the hash', async (t) => {
  const hash = 'efd36b46f3b45eb8'
  for (const [path, query] of [
    [`files/main.${hash}.js`, ''],
    [`api/contents/${hash}.js`, ''],
    [`lab/${hash}.js`, ''],
    ['lab/extensions/a/static/style.js', ''],
    ['static/style/style.min.css', '?v=efd36b46f3b45eb8'],
    ['static/report.20261127.js', ''],
    [`static/${hash}/style.js`, ''],
    [`static/lab/main.${hash}.js`, '?v=1'],
    [`static/lab/main.${hash}.js`, `?v=${hash}&a=1`],
    [`static/lab/main.${hash}.js`, '?token=abc'],
  ] as const) {
    t.notOk(namesItsContent(path, query), path + query)
  }
})
