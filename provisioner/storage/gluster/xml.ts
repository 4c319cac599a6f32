/** An element of Gluster's answers. Attributes say nothing there that an element does not say as well. */
export interface Element {
  readonly name: string
  readonly children: readonly Element[]
  /** What stands right after the opening tag. */
  readonly text: string
}

interface Open extends Element {
  readonly children: Element[]
  text: string
}

const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.-]*)(?:\s+[\w:.-]+="[^"<]*")*\s*(\/?)>|([^<]+)|</g
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const plain = (text: string): string => text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)

/**
 * Reads what `gluster --xml` writes: elements and text, made by libxml2. A document type, CDATA or anything cut off is
 * refused, so that half an answer is never taken for a whole one.
 */
export function readXml(source: string): Element {
  const root: Open = { name: '', children: [], text: '' }
  const path = [root]
  for (const [token, closes, name, isEmpty, text] of source.matchAll(TOKEN)) {
    const inner = path.at(-1) as Open
    if (text !== undefined) {
      if (inner.children.length === 0) inner.text += plain(text)
    } else if (closes) {
      if (path.length === 1 || path.pop()?.name !== name)
        throw new Error(`XML that closes ${name} where it is not open`)
    } else if (name !== undefined) {
      const element: Open = { name, children: [], text: '' }
      inner.children.push(element)
      if (!isEmpty) path.push(element)
    } else if (token === '<') throw new Error('XML that is none of what gluster writes')
  }
  const [top] = root.children
  if (path.length > 1 || top === undefined || root.children.length > 1) throw new Error('XML that is cut off')
  return top
}

/** The first one along a path of names. */
export function find(element: Element, ...path: readonly string[]): Element | undefined {
  return path.reduce<Element | undefined>((at, name) => at?.children.find((child) => child.name === name), element)
}

/** All along a path, at its last step. */
export function findAll(element: Element, ...path: readonly string[]): readonly Element[] {
  const last = path.at(-1)
  return find(element, ...path.slice(0, -1))?.children.filter(({ name }) => name === last) ?? []
}

export const textOf = (element: Element, ...path: readonly string[]): string =>
  find(element, ...path)?.text.trim() ?? ''
