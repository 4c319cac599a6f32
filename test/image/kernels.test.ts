import { join } from 'node:path'
import t from 'tap'
import { minutes } from '../../gateway/config/units.ts'
import { silent } from '../../provisioner/local/progress.ts'
import { ensurePython } from '../../provisioner/local/python.ts'
import { installNodeModules, installPackage, pytest, tellEach } from './pytest.ts'

// The kernels' own tests are pytest's, for what they test is Python's to start and ask. They run here, in an environment
// of their own below .pyli/, and each of them is told as one of ours.

const ROOT = join(import.meta.dirname, '..', '..')
const FOLDER = join(ROOT, 'image', 'jupyter', 'kernels')
const STATE = join(ROOT, '.pyli', 'kernels')

t.setTimeout(minutes(15)) // the first time it downloads all that it needs

const python = await ensurePython({
  stateDir: STATE,
  progress: silent,
  requirements: join(FOLDER, 'tests', 'requirements.txt'),
})
await installPackage(python, FOLDER)
await installNodeModules(python)
// The Node that the project is written for, and the image has; the machine's own may be older.
const tests = await pytest(python, FOLDER, { PYLI_NODE: process.execPath }, join(STATE, 'report.jsonl'))

t.ok(tests.length > 100, 'pytest found the tests')
tellEach(t, tests)
