import { execute, LabClient } from '../../whole/support/lab-client.ts'
import { quiet } from '../support/gateway.ts'
import { nodeOf, oneInEach } from '../support/kernels.ts'
import { part } from '../support/part.ts'
import { door } from '../support/the-lab.ts'

const notebook = (source: string) => ({
  type: 'notebook',
  format: 'json',
  content: {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [{ id: 'a', cell_type: 'markdown', metadata: {}, source }],
  },
})

part('a notebook made through one task is read through every other, on the other node as well', async (t) => {
  const { url, token, rest } = await door()
  await quiet(rest)
  const client = await new LabClient({ url, token }).ready()
  t.teardown(() => client.dispose())
  const kernels = await oneInEach(client, 4)
  t.equal(new Set(Array.from(kernels.keys(), nodeOf)).size, 2, `on two nodes: ${[...kernels.keys()]}`)

  const name = `read-by-all-${Date.now()}.ipynb`
  await rest.get('PUT', `api/contents/${name}`, notebook('written through the gateway'))
  for (const [server, kernel] of kernels) {
    const source = await execute(
      kernel,
      `import json; print(''.join(json.load(open('${name}'))['cells'][0]['source']))`,
    )
    t.equal(source, 'written through the gateway', `${server} reads it`)
  }

  // The other way: written where a kernel runs, read by whichever server the path prefers.
  for (const [server, kernel] of kernels) {
    await execute(kernel, `open('by-${server}.txt', 'w').write('from ${server}')`)
    const { content } = await rest.get<{ content: string }>('GET', `api/contents/by-${server}.txt?content=1`)
    t.equal(content, `from ${server}`)
  }
  await rest.clear()
})
