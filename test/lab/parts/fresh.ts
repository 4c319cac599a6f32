import { minutes } from '../../../gateway/config/units.ts'
import { execute, LabClient } from '../../whole/support/lab-client.ts'
import { part } from '../support/part.ts'
import { imageOf } from '../support/services.ts'
import { door, pyliDoes } from '../support/the-lab.ts'
import { measured, watch } from '../support/times.ts'

part(
  '`pyli image push --fresh` builds all anew under the same names, and services have it after a deploy, not before',
  async (t) => {
    const images = () => Promise.all([imageOf('jupyter'), imageOf('gateway')])
    const before = await images()
    const took = watch()
    const said = await pyliDoes(['image', 'push', '--fresh'])
    measured('both images anew, and in the registry', took())
    t.equal(said.split('Making pyli-debian:trixie').length, 2, 'from the very base on, which is made once')
    t.strictSame(await images(), before, 'what runs is not touched')
    t.match(await pyliDoes(['image', 'push']), 'Nothing had to be built')

    await pyliDoes(['stack', 'deploy'])
    const after = await images()
    for (const [index, image] of after.entries()) {
      t.not(image, before[index])
      t.equal(repository(image), repository(before[index] ?? ''))
    }
    const client = await new LabClient(await door()).ready()
    t.teardown(() => client.dispose())
    const kernel = await client.kernels.startNew({ name: 'python3' })
    t.equal(await execute(kernel, 'print("hello again")'), 'hello again')
    await kernel.shutdown()
    t.match(await pyliDoes(['stack', 'deploy']), 'Nothing had to be changed')
  },
  minutes(30),
)

const repository = (image: string): string => image.slice(0, image.indexOf('@'))
