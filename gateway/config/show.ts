import type { Config } from './config.ts'
import { type Option, optionNames, options } from './options.ts'

/** The whole configuration, one option a line as it would be given, defaults included; secrets are not shown. */
export function showConfig(config: Config): string {
  const width = Math.max(...optionNames.map((name) => options[name].flag.length))
  const lines = optionNames.map((name) => {
    const option = options[name] as Option<unknown>
    return `${option.flag.padEnd(width)}  ${shown(option, config[name])}\n`
  })
  return lines.join('')
}

function shown({ form, secret }: Option<unknown>, value: unknown): string {
  const text = form.write(value)
  if (text === '') return '(none)'
  return secret ? '(set, not shown)' : text
}
