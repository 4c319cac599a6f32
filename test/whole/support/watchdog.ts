import { rmSync } from 'node:fs'
import { killOwned } from '../../../provisioner/local/processes.ts'

// Lives as long as the test that started it, however that one ends, and then ends what it has left.
const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('say whose processes')
process.stdin.resume().once('end', () => {
  killOwned(folder)
  if (process.env.KEEP) return
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
})
