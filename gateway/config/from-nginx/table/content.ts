import { lostRow, needlessRow, type Row } from '../verdict.ts'

const lock = "Jupyter's own token is the lock"
const hashed = 'files whose names hold a hash of their content are'

export const content: readonly Row[] = [
  lostRow(
    'gzip, gzip_types, gzip_proxied, gzip_comp_level, gzip_min_length, gzip_vary, gzip_buffers, gzip_http_version, gzip_disable, gunzip, gzip_static, brotli, brotli_types, brotli_comp_level, brotli_static, zstd',
    `${hashed} compressed (--static-cache); all else is passed as Jupyter sends it`,
  ),
  lostRow('auth_basic, auth_basic_user_file, auth_request, auth_request_set, auth_jwt, satisfy', lock),
  lostRow('allow, deny', 'there is no list of addresses', 'let a firewall say who may reach the gateway'),
  lostRow('root, alias, index, try_files, autoindex, internal', 'files are not served'),
  lostRow(
    'error_page, proxy_intercept_errors, recursive_error_pages',
    'the gateway has pages of its own for its own failures',
  ),
  lostRow(
    'proxy_cache, proxy_cache_path, proxy_cache_valid, proxy_cache_key, proxy_cache_bypass, proxy_no_cache, proxy_cache_use_stale, proxy_cache_lock, proxy_cache_revalidate, proxy_cache_methods, proxy_cache_min_uses, proxy_store',
    `${hashed} kept in memory (--static-cache), and nothing else is`,
  ),
  lostRow('expires, etag, if_modified_since', "caching is Jupyter's to say"),
  lostRow(
    'sub_filter, sub_filter_once, sub_filter_types, sub_filter_last_modified, charset, override_charset, addition_types, add_before_body, add_after_body',
    'answers are passed as Jupyter sends them',
  ),
  lostRow('stub_status', 'the admin listener answers instead', '--admin says where health and backends are answered'),
  lostRow('mirror, mirror_request_body, dav_methods, valid_referers', 'there is no such thing'),
  needlessRow(
    'open_file_cache, open_file_cache_valid, open_file_cache_min_uses, open_file_cache_errors',
    'files are not served',
  ),
]
