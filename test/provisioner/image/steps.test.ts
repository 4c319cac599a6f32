import t from 'tap'
import { Steps } from '../../../provisioner/image/steps.ts'

function setUp() {
  const clock = { now: 0 }
  const said: string[] = []
  const doing: string[] = []
  const progress = { say: (text: string) => void said.push(text), doing: (text: string) => void doing.push(text) }
  return { clock, said, doing, steps: new Steps(progress, () => clock.now) }
}

t.test('each step is told once it is done, with its time; one that was built before says so', async (t) => {
  const { clock, said, doing, steps } = setUp()
  for (const stream of ['Step 1/3 : FROM debian\n', ' ---> 0123456789ab\n', 'Step 2/3 : RUN  apt-get \\\n'])
    steps.hear({ stream })
  steps.hear({ stream: ' ---> Running in 0123\n' })
  steps.hear({ stream: 'Setting up r-ba' })
  steps.hear({ stream: 'se\u001b[0m\r\n' })
  clock.now = 12_340
  steps.hear({ stream: 'Step 3/3 : COPY a b\n' })
  steps.hear({ stream: ' ---> Using cache\n' })
  steps.done()
  t.same(said, ['    1/3  FROM debian  0.0 s', '    2/3  RUN apt-get \\  12.3 s', '    3/3  COPY a b  as before'])
  t.ok(doing.includes('2/3 Setting up r-base'))
})

t.test('a failure, which comes in an answer that began with 200, tells the step and what it said last', async (t) => {
  const { steps } = setUp()
  steps.hear({ stream: 'Step 5/9 : RUN debian /tmp/r.txt\n' })
  for (let line = 1; line <= 40; line++) steps.hear({ stream: `line ${line}\n` })
  t.throws(() => steps.hear({ error: 'returned a non-zero code: 100' }), {
    name: 'Trouble',
    message:
      /nothing was tagged\. Step 5\/9 failed: RUN debian \/tmp\/r\.txt\n {4}line 16\n[\s\S]* {4}line 40\nreturned a non-zero code: 100$/,
  })
})

t.test('what fails before the first step is told as well', async (t) => {
  t.throws(() => setUp().steps.hear({ error: 'no space left on device' }), {
    message: /^The image could not be built, and nothing was tagged\.\nno space left on device$/,
  })
})

t.test('what is out of reach is told with what helps', async (t) => {
  const told = (...said: string[]) => {
    const { steps } = setUp()
    steps.hear({ stream: 'Step 5/9 : RUN something\n' })
    for (const line of said) steps.hear({ stream: `${line}\n` })
    try {
      steps.hear({ error: 'returned a non-zero code: 1' })
    } catch (error) {
      return (error as Error).message.split('\n').at(-1) ?? ''
    }
    return ''
  }
  // Each as its program says it, the engine's when it cannot pull.
  t.match(told("SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed …')"), /--ca FILE/)
  t.match(told('  cause: invalid peer certificate: UnknownIssuer'), /--ca FILE/)
  t.match(told('npm error code SELF_SIGNED_CERT_IN_CHAIN'), /--ca FILE/)
  t.match(
    told('E: Failed to fetch http://deb.debian.org/…  Could not connect to deb.debian.org:80'),
    /out of reach: Debian/,
  )
  t.match(told("W: Temporary failure resolving 'deb.debian.org'"), /out of reach: Debian/)
  t.match(told('error: Failed to fetch: https://…/simple/six/'), /out of reach: Debian/)
  t.match(told('npm error code ENOTFOUND'), /out of reach: Debian/)
  t.match(told('ERROR: No matching distribution found for pip==26.3'), /out of reach: Debian/)
  t.match(told('pull access denied for debian, repository does not exist'), /--base debootstrap/)
  t.equal(told('some other mistake'), 'returned a non-zero code: 1')
})
