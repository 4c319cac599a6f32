/** Units live in types, so that `wait(30)` does not compile where milliseconds are meant. */
export type Ms = number & { readonly unit: 'ms' }
export type Bytes = number & { readonly unit: 'bytes' }

export const ms = (value: number): Ms => value as Ms
export const seconds = (value: number): Ms => (value * 1000) as Ms
export const minutes = (value: number): Ms => (value * 60_000) as Ms
export const days = (value: number): Ms => (value * 24 * 3_600_000) as Ms
export const kibibytes = (value: number): Bytes => (value * 1024) as Bytes
export const gibibytes = (value: number): Bytes => (value * 1024 * 1024 * 1024) as Bytes
export const mebibytes = (value: number): Bytes => (value * 1024 * 1024) as Bytes
