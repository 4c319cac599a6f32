// Given to a gateway with --import: its own SIGHUP, in the middle of the loading of its modules.
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, nextLoad) {
    if (url.endsWith('/gateway/gateway.ts')) process.kill(process.pid, 'SIGHUP')
    return nextLoad(url, context)
  },
})
