import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { languages } from '../../../provisioner/image/languages.ts'
import { help, parseImageOptions } from '../../../provisioner/image/options.ts'

t.test('by default everything, on Debian, under the name of its flavour', async (t) => {
  t.match(parseImageOptions([]), {
    languages,
    base: 'debian:trixie-slim',
    tag: 'pyli-jupyter:full',
    authorities: '',
  })
  t.match(parseImageOptions(['--flavour', 'small']), { languages: ['python', 'bash'], tag: 'pyli-jupyter:small' })
})

t.test('a list of kernels is in our order, and Python is always there', async (t) => {
  const options = parseImageOptions(['--kernels', 'PHP, r', '--tag', 'mine', '--base', 'debootstrap'])
  t.match(options, { languages: ['python', 'r', 'php'], tag: 'mine', base: 'debootstrap' })
})

t.test('all mistakes are told at once, each with what is right', async (t) => {
  const empty = join(t.testdir({}), 'ca.pem')
  writeFileSync(empty, 'no certificate')
  const wrong = (...args: string[]) => {
    try {
      parseImageOptions(args)
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }
  t.match(
    wrong('--flavour', 'large', '--ca', empty),
    /^--flavour must be full or small.*\n--ca must name a file with a certificate/,
  )
  t.match(wrong('--kernels', 'r,cobol'), /--kernels has no cobol; it knows python, science, tensorflow, r, /)
  t.match(wrong('--kernels', 'r', '--flavour', 'full'), /exclude each other/)
  t.match(wrong('--kernles', 'r'), /'--kernles'.*--help/)
})

t.test('--help names every option and every kernel', async (t) => {
  for (const word of ['--flavour', '--kernels', '--base', '--ca', '--tag', ...languages]) t.match(help(), word)
})
