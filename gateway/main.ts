import { setFlagsFromString } from 'node:v8'

// Before all else: SIGHUP ends a process that does not listen for it, and loading the program takes most of a second, in
// which `systemctl reload` may come. The files that it says have changed are read after this (program.ts).
process.on('SIGHUP', () => {})

// With many connections V8 learns that objects of an exchange live long, and makes them old from the beginning: they then
// stay until the whole heap is looked through, and keep others alive. What it would save elsewhere is nothing beside that.
setFlagsFromString('--no-allocation-site-pretenuring')

const { start } = await import('./program.ts')
await start()
