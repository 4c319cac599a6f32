/** Something a person can mend. Its message is one sentence or two, what is wrong and what to do; no stack is shown. */
export class Trouble extends Error {
  override name = 'Trouble'
}

/** Somebody has asked us to end before the work was done. Its message says how it goes on. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}
