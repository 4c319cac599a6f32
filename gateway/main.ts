// Before all else: SIGHUP ends a process that does not listen for it, and loading the program takes most of a second, in
// which `systemctl reload` may come. The files that it says have changed are read after this (program.ts).
process.on('SIGHUP', () => {})

const { setFlagsFromString } = await import('node:v8')
setFlagsFromString('--no-allocation-site-pretenuring')
const { start } = await import('./program.ts')
await start()

// For the compiler: a file that awaits is a module.
export {}
