/** Holds an operator's session at the admin listener. */
export const operatorCookie = 'pyli-operator'

/**
 * The values of that cookie in a Cookie header. Any page of this host, on whatever port, may set another one for a longer
 * path, which browsers then send first.
 */
export function operatorSessions(cookies = ''): string[] {
  return Array.from(cookies.matchAll(pattern), ([, value = '']) => value)
}

/**
 * A Cookie header without it, or undefined where nothing is left. Browsers send cookies to every port of a host: a
 * Jupyter server, which runs its users' code, would be shown an operator's session.
 */
export function withoutOperatorSession(cookies: string): string | undefined {
  if (!cookies.includes(operatorCookie)) return cookies
  const others = cookies.split(';').filter((cookie) => cookie.split('=', 1)[0]?.trim() !== operatorCookie)
  return others.join(';').trim() || undefined
}

const pattern = new RegExp(`(?:^|;)\\s*${operatorCookie}=([^;\\s]*)`, 'g')
