import t from 'tap'
import { registryImageTag } from '../../../../provisioner/stack/registry/image.ts'
import { containerFor } from '../../../../provisioner/stack/registry/registry.ts'

const mark = (image: string, pem: string) => containerFor(image, { 'registry.pem': pem }).Labels

t.test('the registry is replaced where its image or its certificates are others, and not otherwise', async (t) => {
  t.strictSame(mark('a', 'x'), mark('a', 'x'))
  t.notSame(mark('a', 'x'), mark('b', 'x'))
  t.notSame(mark('a', 'x'), mark('a', 'y'))
  t.notMatch(JSON.stringify(containerFor('a', { 'registry-key.pem': 'PRIVATE' })), 'PRIVATE')
})

t.test('it may nothing but keep images', async (t) => {
  const { HostConfig } = containerFor('a', {})
  t.match(HostConfig, {
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    RestartPolicy: { Name: 'always' },
    Binds: [/:\/data$/, /:\/tls:ro$/],
  })
})

t.test('its image is called by what it is made of', async (t) => {
  const tag = await registryImageTag({ base: 'debian:trixie-slim' })
  t.match(tag, /^pyli-registry:[\da-f]{12}$/)
  t.equal(await registryImageTag({ base: 'debian:trixie-slim' }), tag)
  t.not(await registryImageTag({ base: 'other' }), tag)
})
