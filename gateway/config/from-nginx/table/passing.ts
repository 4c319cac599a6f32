import { readSize, readTime, writeSize, writeTime } from '../quantities.ts'
import { carried, lost, lostRow, needlessRow, type Reader, type Row, row, type Setting } from '../verdict.ts'

const neverBuffers = 'what is passed on is never buffered: a slow reader slows the sender'
const silence = 'a WebSocket or an answer under way may be silent as long as it likes'

export const passing: readonly Row[] = [
  row('client_max_body_size', 'carried', ['--body-limit'], 'the largest request; 0 is no limit', ({ directive }) => {
    const size = readSize(directive.args[0] ?? '')
    if (size === undefined) return lost('it is no size')
    return carried('the largest request', { flag: '--body-limit', value: size === 0 ? '0' : writeSize(size) })
  }),
  row(
    'proxy_connect_timeout',
    'carried',
    ['--connect-timeout'],
    'how long reaching a backend may take',
    time('--connect-timeout'),
  ),
  row(
    'keepalive_timeout',
    'carried',
    ['--idle-timeout'],
    'how long a connection may wait for its next request',
    time('--idle-timeout'),
  ),
  row(
    'client_header_timeout',
    'carried',
    ['--head-timeout'],
    "how long a request's head may take",
    time('--head-timeout'),
  ),
  row(
    'client_body_timeout',
    'carried',
    ['--body-timeout'],
    "how long a request's body may stand still",
    time('--body-timeout'),
  ),
  row('send_timeout', 'carried', ['--send-timeout'], 'how long a reader may stand still', time('--send-timeout')),
  needlessRow('proxy_read_timeout', `${silence}; --answer-timeout (5m) is for the wait before an answer begins`),
  needlessRow('proxy_send_timeout', `${silence}; a backend that is gone is found out by probes`),
  needlessRow('proxy_http_version', 'backends are asked in HTTP/1.1'),
  needlessRow(
    'proxy_buffering, proxy_request_buffering, proxy_buffers, proxy_buffer_size, proxy_busy_buffers_size, proxy_max_temp_file_size, proxy_temp_file_write_size, proxy_temp_path',
    neverBuffers,
  ),
  needlessRow(
    'client_body_buffer_size, client_body_temp_path, client_body_in_file_only, client_header_buffer_size, output_buffers, postpone_output, connection_pool_size, request_pool_size',
    neverBuffers,
  ),
  needlessRow('large_client_header_buffers', "32 KiB are taken for a request's head"),
  needlessRow('keepalive_requests, keepalive_time, keepalive_disable', 'a connection lives as long as it is used'),
  needlessRow(
    'lingering_close, lingering_time, lingering_timeout, reset_timedout_connection',
    'connections are ended so that the last answer arrives',
  ),
  needlessRow(
    'proxy_socket_keepalive, tcp_nodelay, tcp_nopush, sendfile, sendfile_max_chunk, aio, directio',
    'set as a proxy needs it',
  ),
  needlessRow(
    'proxy_ignore_client_abort, proxy_force_ranges, chunked_transfer_encoding',
    "when a client goes away, its backend's work is ended",
  ),
  lostRow(
    'proxy_bind, proxy_method, proxy_set_body, proxy_pass_request_headers, proxy_pass_request_body',
    'requests are passed as they are',
  ),
  lostRow(
    'proxy_ssl_verify, proxy_ssl_certificate, proxy_ssl_certificate_key, proxy_ssl_trusted_certificate, proxy_ssl_server_name, proxy_ssl_name, proxy_ssl_protocols, proxy_ssl_session_reuse, proxy_ssl_ciphers',
    'backends are reached by plain HTTP',
  ),
  lostRow('limit_rate, limit_rate_after, proxy_limit_rate', 'nobody is slowed down on purpose'),
]

function time(flag: Setting['flag']): Reader {
  return ({ directive }) => {
    const value = readTime(directive.args[0] ?? '')
    return value === undefined ? lost('it is no time') : carried('as it was', { flag, value: writeTime(value) })
  }
}
