import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'

/** A notebook of code cells for the Python that every server has. */
export async function writeNotebook({ notebooks }: Cluster, name: string, cells: readonly string[]): Promise<void> {
  const notebook = {
    cells: cells.map(codeCell),
    metadata: { kernelspec: { name: 'python3', display_name: 'Python 3 (ipykernel)', language: 'python' } },
    nbformat: 4,
    nbformat_minor: 5,
  }
  await writeFile(join(notebooks, name), JSON.stringify(notebook))
}

const codeCell = (source: string) => ({
  cell_type: 'code',
  id: randomUUID().slice(0, 8),
  source,
  metadata: {},
  outputs: [],
  execution_count: null,
})

/** What would come between a test and JupyterLab on one server as well: two browsers that save the same notebook. */
export async function calmSettings({ rest }: Cluster): Promise<void> {
  const raw = JSON.stringify({ autosave: false })
  await rest.get('PUT', 'lab/api/settings/@jupyterlab/docmanager-extension:plugin', { raw })
}
