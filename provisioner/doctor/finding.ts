/** What was looked at, and how it is. */
export interface Finding {
  /** bad: something does not work, or will not. warn: it works, and should be seen to. */
  readonly level: 'ok' | 'warn' | 'bad'
  readonly what: string
  /** What a person does about it. */
  readonly todo?: string
}

export const ok = (what: string): Finding => ({ level: 'ok', what })
export const warn = (what: string, todo: string): Finding => ({ level: 'warn', what, todo })
export const bad = (what: string, todo: string): Finding => ({ level: 'bad', what, todo })
