import type { Page } from 'playwright-core'

export interface Unreadable {
  readonly text: string
  readonly contrast: number
}

/** How many texts are to be seen, and those of them whose contrast is below what WCAG asks for (1.4.3, level AA). */
export function readability(page: Page): Promise<{ texts: number; unreadable: Unreadable[] }> {
  return page.evaluate(inPage)
}

/** Runs in the page. Grounds are one colour each, and none shines through. */
function inPage() {
  type Colour = readonly [number, number, number, number]
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const colourOf = (text: string): Colour => {
    if (!canvas) throw new Error('no canvas')
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = text
    canvas.fillRect(0, 0, 1, 1)
    const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data
    return [r, g, b, a / 255]
  }
  const groundOf = (element: Element | null): Colour => {
    if (!element) return colourOf(matchMedia('(prefers-color-scheme: dark)').matches ? 'black' : 'white')
    const colour = colourOf(getComputedStyle(element).backgroundColor)
    return colour[3] === 1 ? colour : groundOf(element.parentElement)
  }
  const luminance = ([r, g, b]: Colour) => {
    const [x = 0, y = 0, z = 0] = [r, g, b].map((part) => {
      const share = part / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const contrastOf = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)

  const unreadable: { text: string; contrast: number }[] = []
  let texts = 0
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    const text = node.textContent?.trim()
    if (!element || !text || element.getClientRects().length === 0 || element.closest('.unseen, noscript')) continue
    texts++
    const style = getComputedStyle(element)
    const size = Number.parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    const contrast = contrastOf(luminance(colourOf(style.color)), luminance(groundOf(element)))
    if (contrast < (isLarge ? 3 : 4.5)) unreadable.push({ text, contrast })
  }
  return { texts, unreadable }
}
