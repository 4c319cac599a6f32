/** Set where the machine does other things as well, as in CI: there the times say little of the cluster. */
export const BUSY = 'PYLI_LAB_BUSY'

/** Seconds that the cluster may take for something: three times as many on a busy machine. */
export const atMost = (seconds: number): number => (process.env[BUSY] === undefined ? seconds : 3 * seconds)
