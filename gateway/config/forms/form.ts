/** What reading a text gave: the value, or what the text must do instead, so that `--flag must ${must}` is a sentence. */
export type Reading<T> = { readonly value: T } | { readonly must: string }

/** How the values of an option are written. `read(write(value))` gives the value back. */
export interface Form<T> {
  readonly read: (text: string) => Reading<T>
  readonly write: (value: T) => string
}

/** Plain texts that need no translation, only a check. */
export function textForm(accepts: (text: string) => boolean, must: string): Form<string> {
  return {
    read: (text) => (accepts(text) ? { value: text } : { must }),
    write: (value) => value,
  }
}

export function oneOf<const T extends string>(...choices: readonly T[]): Form<T> {
  const listed = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(choices)
  return {
    read(text) {
      const value = choices.find((choice) => choice === text)
      return value === undefined ? { must: `be ${listed}` } : { value }
    },
    write: (value) => value,
  }
}

/** A word such as `off` that stands beside the values of another form. */
export function orWord<const W extends string, T>(word: W, form: Form<T>): Form<T | W> {
  return {
    read(text) {
      if (text === word) return { value: word }
      const reading = form.read(text)
      return 'must' in reading ? { must: `${reading.must}, or be ${word}` } : reading
    },
    write: (value) => (value === word ? word : form.write(value as T)),
  }
}

/** Separated by commas; spaces around an item and empty items are dropped, so that `a, b,` is two items. */
export function listOf<T>(form: Form<T>): Form<readonly T[]> {
  return {
    read(text) {
      const values: T[] = []
      for (const item of text.split(',').map((part) => part.trim())) {
        if (item === '') continue
        const reading = form.read(item)
        if ('must' in reading) return reading
        values.push(reading.value)
      }
      return { value: values }
    },
    write: (values) => values.map(form.write).join(','),
  }
}

/** For options that may be left out altogether: a value that was not given is written as nothing. */
export function optional<T>(form: Form<T>): Form<T | undefined> {
  return { read: form.read, write: (value) => (value === undefined ? '' : form.write(value)) }
}
