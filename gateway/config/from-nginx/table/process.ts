import type { Site } from '../site.ts'
import type { Directive } from '../tree.ts'
import { carried, lost, lostRow, needlessRow, type Row, row, type Verdict } from '../verdict.ts'

const unit = 'the systemd unit says it'

export const processes: readonly Row[] = [
  row(
    'access_log',
    'carried',
    ['--log'],
    '`off` is --log off; a file is where standard output is led',
    ({ directive }) =>
      directive.args[0] === 'off'
        ? carried('no line for each exchange, nor for events', { flag: '--log', value: 'off' })
        : carried('one line for each exchange, on standard output', { flag: '--log', value: 'json' }),
  ),
  needlessRow(
    'error_log, log_format, log_not_found, log_subrequest, open_log_file_cache, access_log_format',
    'one line of JSON for each event on standard output (--log)',
  ),
  row('worker_processes', 'carried', ['--workers'], 'processes that answer as one', ({ directive }) =>
    carried('processes that answer as one', { flag: '--workers', value: directive.args[0] ?? '' }),
  ),
  needlessRow('user', unit),
  needlessRow('pid, daemon, master_process, lock_file, working_directory, worker_rlimit_core', unit),
  needlessRow('worker_rlimit_nofile', `${unit}: LimitNOFILE`),
  needlessRow('worker_cpu_affinity, worker_priority, thread_pool, pcre_jit', 'there is nothing to set'),
  needlessRow('worker_shutdown_timeout', '--drain-for says how long exchanges may finish when the gateway ends'),
  needlessRow('worker_connections', '--connections says how many clients may be there at a time'),
  needlessRow('multi_accept, use, accept_mutex', 'there is nothing to set'),
  lostRow('load_module, env', 'there are no modules'),
  row(
    'limit_conn',
    'carried',
    ['--connections-per-client', '--connections'],
    'of one address, or of all',
    (each, site) => limitOf(each.directive, site),
  ),
  lostRow('limit_req', 'requests are not counted over time, but --login-attempts are'),
  needlessRow(
    'limit_conn_zone, limit_req_zone, limit_conn_status, limit_req_status, limit_conn_log_level, limit_req_log_level',
    'of use to limit_conn and limit_req alone; the answer is 429 or 503 with a reason',
  ),
]

/** A zone is by the client's address, or by what is the same for all. */
function limitOf({ args: [zone = '', most = ''] }: Directive, { zones }: Site): Verdict {
  const key = zones.get(zone)
  if (key === '$binary_remote_addr' || key === '$remote_addr') {
    return carried('connections of one address at a time', { flag: '--connections-per-client', value: most })
  }
  if (key === '$server_name' || key === '$host') {
    return carried('connections at a time', { flag: '--connections', value: most })
  }
  return lost('connections are counted for each address, and in all')
}
