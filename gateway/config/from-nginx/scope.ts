import type { Placed, Site } from './site.ts'
import type { Directive } from './tree.ts'

/** Whether what a directive says holds for Jupyter. Of two that do, the deeper overrules. */
export type Scope =
  | { readonly kind: 'ours'; readonly depth: number }
  | { readonly kind: 'redirect' }
  | { readonly kind: 'foreign'; readonly why: string }

const foreign = (why: string): Scope => ({ kind: 'foreign', why })

export function scopeOf({ around }: Placed, site: Site): Scope {
  const innermostLocation = around.findLast(({ name }) => name === 'location')
  let isRedirect = false
  for (const block of around) {
    switch (block.name) {
      case 'http':
      case 'events':
        continue
      case 'server':
        if (site.redirects.includes(block)) isRedirect = true
        else if (block !== site.server)
          return foreign(`it is about ${siteName(block)}, and the gateway serves Jupyter alone`)
        continue
      case 'location':
        if (isRedirect || block !== innermostLocation || site.locations.includes(block)) continue
        return foreign(`it is about ${shown(block)}, which does not lead to Jupyter`)
      case 'upstream':
        if (block !== site.upstream) return foreign(`it is about ${shown(block)}, which is not the way to Jupyter`)
        continue
      case 'if':
        if (isRedirect) continue
        return foreign('it hangs on a condition, and the gateway has none')
      default:
        return foreign(`it stands in ${block.name}, which is not carried over`)
    }
  }
  return isRedirect ? { kind: 'redirect' } : { kind: 'ours', depth: depthOf(innermostLocation, around, site) }
}

/** An inner block overrules an outer one. What a location beside the main one says does not reach that: 0. */
function depthOf(location: Directive | undefined, around: readonly Directive[], site: Site): number {
  if (location) return location === site.main ? 3 : 0
  return around.includes(site.server) ? 2 : 1
}

export function shown({ name, args }: Directive): string {
  return [name, ...args].join(' ')
}

function siteName(server: Directive): string {
  const name = server.block?.find((each) => each.name === 'server_name')?.args[0]
  return name === undefined ? `another site (line ${server.line})` : `the site ${name}`
}
