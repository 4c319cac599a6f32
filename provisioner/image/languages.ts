/** What an image may have, in the order in which people are told; each has a folder or a list under image/jupyter/languages. */
export const languages = [
  'python',
  'science',
  'tensorflow',
  'r',
  'java',
  'php',
  'octave',
  'javascript',
  'typescript',
  'bash',
] as const

export type Language = (typeof languages)[number]

/** `python` stands in every image: JupyterLab's own pages need no kernel, but people do. */
export const flavours = {
  full: languages,
  small: ['python', 'bash'],
} as const satisfies Readonly<Record<string, readonly Language[]>>

export type Flavour = keyof typeof flavours

/** The Dockerfile's arguments: 1 for each language that is wanted, and empty for the others. */
export function buildArgs(wanted: readonly Language[]): Record<string, string> {
  const chosen = new Set<Language>(wanted)
  const args = languages
    .filter((language) => language !== 'python')
    .map((language) => [language.toUpperCase(), chosen.has(language) ? '1' : ''])
  return Object.fromEntries(args)
}
