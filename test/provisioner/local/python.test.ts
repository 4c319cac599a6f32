import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { minutes } from '../../../gateway/config/units.ts'
import { findPython, isNewEnough, whyNone } from '../../../provisioner/local/interpreter.ts'
import { silent } from '../../../provisioner/local/progress.ts'
import { ensurePython, inOneLine } from '../../../provisioner/local/python.ts'
import { ROOT, realPython, scratch } from './scratch.ts'

t.setTimeout(minutes(10)) // real servers and environments, on a machine that may be busy with other tests

t.test('the words of pip in one line', async (t) => {
  t.equal(inOneLine('Collecting jupyterlab==4.6.6 (from -r requirements.txt (line 3))'), 'collecting jupyterlab')
  t.equal(inOneLine('  Downloading rpds_py-2026.9.1-cp311-cp311-manylinux.whl (390 kB)'), 'downloading rpds_py')
  t.equal(inOneLine('  Using cached jupyter-lsp-2.3.1-py3-none-any.whl'), 'using cached jupyter-lsp')
  t.equal(inOneLine('Installing collected packages: webencodings, wcwidth'), 'installing the packages')
  t.equal(inOneLine('Requirement already satisfied: six'), undefined)
})

t.test('which Python will do, and one sentence if none does', async (t) => {
  const python = (version: number[], venv = true) => ({ version, venv, path: '/usr/bin/python3' })
  t.ok(isNewEnough(python([3, 11, 0])))
  t.ok(isNewEnough(python([4, 0, 0])))
  t.notOk(isNewEnough(python([3, 10, 14])))
  t.match(whyNone([]), /^Python 3\.11 or newer was not found: install it/)
  t.match(whyNone([python([3, 9, 2])]), /is Python 3\.9\.2, but JupyterLab needs 3\.11 or newer: install one/)
  t.match(whyNone([python([3, 11, 2], false)]), /has no venv module: install it .*python3-venv/)
  t.match(whyNone([], '/no/python'), /^\/no\/python is not a Python that runs/)
  await t.rejects(findPython('/no/python'), { name: 'Trouble' })
})

t.test('the environment that is there is used as it is, in no time', async (t) => {
  const python = await realPython()
  const stamp = join(ROOT, '.pyli', 'python', 'pyli-stamp.json')
  const before = await stat(stamp)
  t.equal(await realPython(), python)
  t.equal((await stat(stamp)).mtimeMs, before.mtimeMs)
})

t.test(
  'one that was not finished, or is for other requirements, is made again; what pip cannot do is told',
  async (t) => {
    const stateDir = await scratch(t)
    const requirements = join(stateDir, 'requirements.txt')
    await writeFile(requirements, '# nothing, which is quick\n')
    const ensure = () => ensurePython({ stateDir, progress: silent, requirements })
    await ensure()
    const marker = join(stateDir, 'python', 'marker')

    await writeFile(marker, 'still the same environment')
    await ensure()
    t.equal(await readFile(marker, 'utf8'), 'still the same environment')

    await rm(join(stateDir, 'python', 'pyli-stamp.json'))
    await ensure()
    await t.rejects(stat(marker), { code: 'ENOENT' })

    await writeFile(requirements, './no-such-folder\n')
    await t.rejects(ensure(), { name: 'Trouble', message: /could not be made: ERROR: .*no-such-folder/s })
  },
)
