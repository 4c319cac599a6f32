import { lost, lostRow, needless, needlessRow, type Row, row } from '../verdict.ts'

const asItCame = 'Host is passed on as it came: Jupyter checks origins by it'

export const headers: readonly Row[] = [
  row('proxy_set_header host', 'needless', [], asItCame, ({ directive }) =>
    /^\$(?:http_host|host)(?::\$server_port)?$/.test(directive.args[1] ?? '')
      ? needless(asItCame)
      : lost('Host is passed on as it came, never another one'),
  ),
  needlessRow(
    'proxy_set_header upgrade, proxy_set_header connection, proxy_set_header sec-websocket-extensions, proxy_set_header sec-websocket-key, proxy_set_header sec-websocket-version',
    'done by itself: a WebSocket is known by its own headers',
  ),
  needlessRow(
    'proxy_set_header x-real-ip, proxy_set_header x-forwarded-for, proxy_set_header x-forwarded-proto, proxy_set_header x-forwarded-protocol, proxy_set_header x-forwarded-host, proxy_set_header x-forwarded-server, proxy_set_header x-forwarded-port, proxy_set_header x-forwarded-ssl, proxy_set_header x-scheme, proxy_set_header forwarded',
    'done by itself: X-Forwarded-For, -Proto and -Host are set, behind a proxy of --trust also X-Real-IP',
  ),
  lostRow(
    'proxy_set_header origin, proxy_set_header referer',
    'Jupyter sees the true one',
    'if Jupyter then refuses browsers, set ServerApp.allow_origin',
  ),
  lostRow(
    'proxy_set_header authorization, proxy_set_header cookie',
    "nobody is let in with the gateway's own token: each brings theirs",
  ),
  needlessRow(
    'proxy_set_header accept-encoding, proxy_set_header proxy, proxy_set_header te',
    'answers are passed as they are',
  ),
  lostRow(
    'proxy_set_header',
    'no header is added for Jupyter but X-Forwarded-For, -Proto and -Host, X-Real-IP and X-Request-Id',
  ),
  lostRow(
    'add_header, add_trailer',
    "no header is added to Jupyter's answers",
    'what browsers shall be told, ServerApp.tornado_settings can say: {"headers": {…}}',
  ),
  lostRow(
    'proxy_hide_header, proxy_cookie_path, proxy_cookie_domain, proxy_cookie_flags',
    "Jupyter's headers are passed as they are",
  ),
  needlessRow('proxy_pass_header, proxy_ignore_headers', "Jupyter's headers are passed as they are"),
  row(
    'proxy_redirect',
    'needless',
    [],
    'Jupyter writes its redirects without a host, so none is rewritten',
    ({ directive }) =>
      ['off', 'default'].includes(directive.args[0] ?? '')
        ? needless('redirects are passed as they are')
        : lost('redirects are passed as they are'),
  ),
  needlessRow(
    'proxy_headers_hash_max_size, proxy_headers_hash_bucket_size, variables_hash_max_size, variables_hash_bucket_size, map_hash_max_size, map_hash_bucket_size',
    'there are no such tables',
  ),
  needlessRow(
    'underscores_in_headers, ignore_invalid_headers',
    'headers with names by the standard are passed on, all others refused',
  ),
  needlessRow('server_tokens, more_clear_headers', 'the gateway adds no Server header'),
]
