# shellcheck shell=bash
# What scripts/setup and scripts/base-image share. Sourced, never run.

say() { printf '%s: %s\n' "${0##*/}" "$*"; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
  warn "$*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    warn "this needs root or sudo: $*"
    return 1
  fi
}

# Package lists are often stale or absent on a fresh machine (images strip
# them), so they are refreshed, but once per process only.
apt_refreshed=
apt_refresh() {
  [ -z "$apt_refreshed" ] || return 0
  as_root apt-get -qq update || return 1
  apt_refreshed=yes
}

apt_install() {
  have apt-get || die "cannot install $*: no apt-get on this system; install it by hand"
  say "installing from the distribution: $*"
  apt_refresh || return 1
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install --no-install-recommends "$@" >/dev/null
}

# debian_mirror LABEL: the address of the Debian archive with that label
# ("Debian", "Debian-Security") that this system's own apt uses; empty if none.
# Asked of apt rather than written down, so that a local mirror stays in force.
debian_mirror() {
  # shellcheck disable=SC2016 # $(REPO_URI) is apt's placeholder, not the shell's
  apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' "Label: $1" 2>/dev/null | sed -n 1p
}
