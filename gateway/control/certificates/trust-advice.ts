import { resolve } from 'node:path'

/** How people make their browsers trust the CA, for a terminal: lines to copy, with the file's full path. */
export function trustAdvice(caPath: string): string {
  const file = quoted(resolve(caPath))
  return `Browsers warn until they trust this gateway's own CA. Do so once on each machine that opens it, after copying
${resolve(caPath)} there (that file only, never the keys beside it):

  Debian, Ubuntu  sudo cp ${file} /usr/local/share/ca-certificates/pyli-local-ca.crt && sudo update-ca-certificates
  Chromium        on Linux has a store of its own (certutil is in the package libnss3-tools):
                  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n 'Pyli local CA' -i ${file}
  Firefox         has a store of its own: Settings, Privacy & Security, View Certificates, Authorities, Import
  macOS           sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${file}
  Windows         certutil -addstore -f Root ca.pem      as administrator, in the folder that holds the copy
`
}

/** For a POSIX shell, and only where it must be. */
function quoted(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
