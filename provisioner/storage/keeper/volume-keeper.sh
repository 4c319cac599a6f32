#!/bin/bash
# Keeps the volume of the notebooks mounted, as /etc/fstab says: after a restart, however late its servers come, and when
# its FUSE process has died.
#
#   volume-keeper           for ever
#   volume-keeper once      one try; says why it failed
#   volume-keeper wait N    until it is mounted, N seconds at most
#
# A volume that is mounted and does not answer is left alone. A lost machine stalls writes for up to 16 s, after which all
# goes on; a remount would cost every open file. Hence nothing here touches the volume itself, which could hang as well.
set -u

mount=/srv/pyli/mounts/volume
shared=${mount%/*}
lock=/run/pyli-volume.lock
said=/run/pyli-volume.said

# SECONDS PROGRAM...: its code, with its words in $said; 124 where it took longer. It is killed then, and not waited for:
# not even SIGKILL ends what hangs in a dead volume.
limited() {
  local limit=$1 code
  shift
  read -r -t $((limit + 2)) code < <(timeout -s KILL "$limit" "$@" >"$said" 2>&1 9>&-; echo $?) || code=124
  return "$code"
}

type_in_fstab() {
  local source where type
  while read -r source where type _; do
    [[ $source != \#* && $where == "$mount" ]] && echo "$type" && return
  done </etc/fstab
}

is_mounted() {
  local where
  while read -r _ where _; do
    [[ $where == "$mount" ]] && return 0
  done </proc/self/mounts
  return 1
}

# A dead one leaves a mount behind, where everything is "Transport endpoint is not connected". So does a machine that is
# cut off from the others, but that one lives and comes back by itself.
has_fuse_process() {
  local file
  for file in $(grep -lszxF -e "$mount" /proc/[0-9]*/cmdline); do
    [[ $(<"${file%cmdline}comm") == glusterfs ]] && return 0
  done 2>/dev/null
  return 1
}

# Only a shared mount tells those below it, in running containers, of what is mounted later.
share() {
  mkdir -p "$shared"
  [[ $(findmnt -no PROPAGATION --target "$shared") == *shared* ]] && return
  mountpoint -q "$shared" || mount --bind "$shared" "$shared"
  mount --make-shared "$shared"
}

keep() {
  local type
  type=$(type_in_fstab)
  if [[ -z $type ]]; then
    echo "/etc/fstab has no line for $mount" >"$said"
    return 1
  fi
  if is_mounted; then
    [[ $type != glusterfs ]] || has_fuse_process && return 0
    echo "the FUSE process of $mount has died; mounting it again"
    while is_mounted; do umount -l "$mount" || break; done
  fi
  share
  [[ -d $mount ]] || mkdir -m 0700 "$mount"
  limited 60 mount "$mount" || return
  echo "$mount is mounted"
}

# One at a time: two mounts would lie on each other.
keep_alone() {
  (flock -w 90 9 && keep) 9>"$lock"
}

why() {
  local words
  words=$(grep -v 'dmesg(1)' "$said" 2>/dev/null | tail -n 3 | paste -sd ' ')
  echo "cannot mount $mount: ${words:-it took too long}"
}

case ${1-} in
  once) keep_alone || { why >&2; exit 1; } ;;
  wait)
    until keep_alone; do
      ((SECONDS < ${2:-90})) || { why >&2; exit 1; }
      sleep 2
    done
    ;;
  *)
    told=
    while :; do
      if keep_alone; then told=; else
        now=$(why)
        [[ $now == "$told" ]] || echo "$now"
        told=$now
      fi
      sleep 2
    done
    ;;
esac
