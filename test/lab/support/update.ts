import { minutes, seconds } from '../../../gateway/config/units.ts'
import { until } from '../../whole/support/until.ts'
import { MANAGER, on } from './the-lab.ts'

/**
 * All tasks of a service anew, with nothing else changed, in the order and at the pace that the stack says. Not `docker
 * service update --force`: its client writes empty settings of DNS into the service, and the next deployment, which does
 * not, would replace all tasks once more.
 */
export async function replaceTasks(service: 'jupyter' | 'gateway'): Promise<void> {
  const script = `
    import Docker from 'dockerode'
    const service = new Docker().getService('pyli_${service}')
    const { Spec, Version } = await service.inspect()
    Spec.TaskTemplate.ForceUpdate = (Spec.TaskTemplate.ForceUpdate ?? 0) + 1
    await service.update({ ...Spec, version: Version.Index })`
  await on(MANAGER, ['node', '--input-type=module', '-'], { input: script })
}

export const updateState = async (service: 'jupyter' | 'gateway'): Promise<string> =>
  (
    await on(MANAGER, [
      'docker',
      'service',
      'inspect',
      '--format',
      '{{with .UpdateStatus}}{{.State}}{{end}}',
      `pyli_${service}`,
    ])
  ).trim()

export const updated = (service: 'jupyter' | 'gateway'): Promise<unknown> =>
  until(
    `the update of ${service}`,
    async () => {
      const state = await updateState(service)
      if (/rollback|paused/.test(state)) throw new Error(`it is ${state}`)
      return state === 'completed'
    },
    minutes(12),
    seconds(1),
  )
