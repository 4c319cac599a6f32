import { join } from 'node:path'
import t from 'tap'
import { help } from '../../../provisioner/image/image.ts'
import { languages } from '../../../provisioner/image/languages.ts'
import { parseImageOptions, recipeOf } from '../../../provisioner/image/options.ts'
import { parseRunOptions } from '../../../provisioner/image/run-options.ts'
import { issue } from '../../fakes/certificates.ts'

const parse = (...args: string[]) => parseImageOptions(args)
const wrong = (...args: string[]) => {
  try {
    parse(...args)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

t.test('by default everything, on Debian, under the name of its flavour', async (t) => {
  t.same(parse(), {
    image: 'jupyter',
    languages: 'full',
    base: 'debian:trixie-slim',
    tag: undefined,
    authorities: '',
  })
  t.match(recipeOf(parse()), { tag: 'pyli-jupyter:full', holds: languages.join(', ') })
  t.match(recipeOf(parse('jupyter', '--flavour', 'small')), { tag: 'pyli-jupyter:small', holds: 'python, bash' })
})

t.test('a list of kernels is in our order, and Python is always there', async (t) => {
  const options = parse('--kernels', 'PHP, r', '--base', 'debootstrap')
  t.match(options, { languages: ['python', 'r', 'php'], base: 'debootstrap' })
  t.equal(recipeOf(options).tag, 'pyli-jupyter:custom')
  t.equal(recipeOf({ ...options, tag: 'mine' }).tag, 'mine')
})

t.test('the gateway has a base and authorities, and no languages', async (t) => {
  t.match(recipeOf(parse('gateway', '--base', 'debootstrap')), { tag: 'pyli-gateway:latest', base: 'debootstrap' })
  t.match(wrong('gateway', '--flavour', 'small'), /the gateway has no languages/)
})

t.test('authorities may be several', async (t) => {
  const { cert: one } = await issue({ name: 'One', isAuthority: true })
  const { cert: two } = await issue({ name: 'Two', isAuthority: true })
  const folder = t.testdir({ 'one.pem': one, 'two.pem': two })
  const { authorities } = parse('--ca', join(folder, 'one.pem'), '--ca', join(folder, 'two.pem'))
  t.equal(authorities, `${one}\n${two}`)
})

t.test('all mistakes are told at once, each with what is right', async (t) => {
  const empty = join(t.testdir({ 'ca.pem': 'no certificate' }), 'ca.pem')
  t.match(
    wrong('--flavour', 'large', '--ca', empty),
    /^--flavour must be full or small.*\n--ca must name a file with a certificate/,
  )
  t.match(wrong('--kernels', 'r,cobol'), /--kernels has no cobol; it knows python, science, tensorflow, r, /)
  t.match(wrong('--kernels', 'r', '--flavour', 'full'), /exclude each other/)
  t.match(wrong('--kernles', 'r'), /'--kernles'.*--help/)
  t.match(wrong('jupiter'), /knows jupyter and gateway/)
  t.match(wrong('jupyter', 'gateway'), /one of them at a time/)
})

t.test('--help names every option and every kernel', async (t) => {
  for (const word of ['--flavour', '--kernels', '--base', '--ca', '--tag', '--port', '--notebooks', ...languages])
    t.match(help(), word)
})

t.test('what is run is the full flavour over a volume of the engine, where nothing else is said', async (t) => {
  t.same(parseRunOptions([]), { image: 'pyli-jupyter:full', port: 8888, notebooks: 'pyli-notebooks' })
  t.match(parseRunOptions(['--flavour', 'small', '--port', '9', '--notebooks', './here']), {
    image: 'pyli-jupyter:small',
    port: 9,
    notebooks: './here',
  })
  t.match(parseRunOptions(['--tag', 'mine']), { image: 'mine' })
  t.throws(() => parseRunOptions(['--tag', 'mine', '--flavour', 'tiny', '--port', '0']), {
    message: /exclude each other.*\n--flavour must be full or small.*\n--port must /,
  })
})
