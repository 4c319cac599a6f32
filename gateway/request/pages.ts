import { header, type RawHeaders } from '../http1/raw-headers.ts'
import type { Failure } from './failure.ts'

export interface Body {
  readonly type: string
  readonly text: string
}

/** A refusal's body: a page for a person, JSON in Jupyter's own form for a program. */
export function refusalBody(failure: Failure, detail: string | undefined, headers: RawHeaders): Body {
  const message = detail ?? failure.message
  if (!wantsPage(headers)) return { type: 'application/json', text: JSON.stringify({ message, reason: null }) }
  const waits = failure.status === 503
  return {
    type: 'text/html; charset=utf-8',
    text: page(waits ? 'Jupyter is not ready yet' : 'This did not work', message, waits),
  }
}

/** Browsers navigate with Accept: text/html; JupyterLab's own requests and other programs do not. */
function wantsPage(headers: RawHeaders): boolean {
  return (header(headers, 'accept') ?? '').includes('text/html')
}

/** Asks again by itself while it waits; needs no script and nothing from another host. */
function page(title: string, message: string, waits: boolean): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
${waits ? '<meta http-equiv="refresh" content="2">\n' : ''}<title>${title}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; display: grid; place-content: center; min-height: 90vh; margin: 0 1rem; text-align: center }
  h1 { font-size: 1.4rem; font-weight: 600 }
  p { margin: 0.2rem; opacity: 0.8 }
</style>
<h1>${title}</h1>
<p>${escapeHtml(message)}</p>
${waits ? '<p>This page tries again by itself every two seconds.</p>\n' : ''}</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
