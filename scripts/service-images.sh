# shellcheck shell=bash
# Stand-ins for the official images of PostgreSQL and Redis, from Debian packages.
# Sourced by scripts/base-image, which sets SUITE, SOURCE_DATE_EPOCH and tmp.
# shellcheck disable=SC2154 # of these
#
# Not a Debian system: the files of the packages that the server needs, and busybox
# for the rest. No package is configured, so that it takes seconds.

POSTGRES_IMAGE=postgres:15
REDIS_IMAGE=redis:7

# Libraries that both servers load.
SERVICE_LIBRARIES=(
  busybox-static libc6 libcap2 libgcc-s1 libgcrypt20 libgpg-error0 liblz4-1 liblzma5
  libssl3 libstdc++6 libsystemd0 libzstd1
)

# unpack_packages ROOT PACKAGE…: their files, without what only people read.
unpack_packages() {
  local root=$1 debs deb
  shift
  debs=$(mktemp -d "$tmp/debs.XXXXXX")
  chmod 755 "$debs"
  [ "$(id -u)" -ne 0 ] || ! id _apt >/dev/null 2>&1 || chown _apt "$debs"
  have apt-get || die "cannot build an image of a service: it is made of Debian packages, and there is no apt-get here"
  (cd "$debs" && apt-get -qq download "$@" 2>/dev/null) ||
    { apt_refresh && (cd "$debs" && apt-get -qq download "$@"); } ||
    die "cannot build an image of a service: it needs packages of Debian $SUITE"
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{etc,proc,sys,dev,tmp,run,var,root}
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
  for deb in "$debs"/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink \
      --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' \
      --exclude='./usr/share/postgresql/*/man' --exclude='./usr/lib/postgresql/*/lib/bitcode' \
      --exclude='*/llvmjit*' --exclude='./etc/init.d' --exclude='./lib/systemd'
  done
  rm -rf "$debs"
  local applet
  for applet in $("$root/bin/busybox" --list); do
    [ -e "$root/usr/bin/$applet" ] || ln -s /bin/busybox "$root/usr/bin/$applet"
  done
  ln -s /run "$root/var/run"
  chmod 1777 "$root/tmp"
}

# import_service ROOT IMAGE CHANGE…: the folder as an image.
import_service() {
  local root=$1 image=$2 changes=() change
  shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    -C "$root" -cf "$tmp/service.tar" .
  docker import --message "Equivalent of $image from Debian $SUITE packages, by scripts/base-image" \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    "${changes[@]}" "$tmp/service.tar" "$image" >/dev/null
  rm -rf "$root" "$tmp/service.tar"
}

build_postgres() {
  local root=$tmp/postgres
  unpack_packages "$root" "${SERVICE_LIBRARIES[@]}" postgresql-15 postgresql-client-15 \
    libaudit1 libcap-ng0 libcom-err2 libcrypt1 libffi8 libgmp10 libgnutls30 libgssapi-krb5-2 \
    libhogweed6 libicu72 libidn2-0 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 \
    libldap-2.5-0 libnettle8 libp11-kit0 libpam0g libpcre2-8-0 libpq5 libreadline8 libsasl2-2 \
    libselinux1 libtasn1-6 libtinfo6 libunistring2 libuuid1 libxml2 libxslt1.1 tzdata zlib1g
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' \
    'postgres:x:999:999::/var/lib/postgresql:/bin/sh' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'postgres:x:999:' >"$root/etc/group"
  mkdir -p "$root"/usr/local/bin "$root"/var/lib/postgresql/data "$root"/docker-entrypoint-initdb.d
  # The part of the official image's entrypoint that workflows rely on: the user, the
  # password and the database of the variables, a server without a network while they
  # are made, and the scripts of /docker-entrypoint-initdb.d.
  cat >"$root/usr/local/bin/docker-entrypoint.sh" <<'ENTRY'
#!/bin/sh
set -eu
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /run/postgresql
  chmod 700 "$PGDATA"
  chown -R postgres:postgres "$PGDATA" /run/postgresql
  exec start-stop-daemon -S -q -c postgres:postgres -x "$0" -- "$@"
fi
[ "${1-}" = postgres ] || exec "$@"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=${POSTGRES_USER:-postgres}
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "${POSTGRES_PASSWORD-}" ] && [ "$method" != trust ]; then
    echo 'Error: the database has no superuser password: set POSTGRES_PASSWORD' >&2
    exit 1
  fi
  printf '%s' "${POSTGRES_PASSWORD:-none}" >/tmp/pw
  initdb --username="$user" --pwfile=/tmp/pw --encoding=UTF8 --locale=C --no-sync
  rm /tmp/pw
  echo "host all all all $method" >>"$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
  pg_ctl -w -s -o "-c listen_addresses=''" start
  export PGPASSWORD="${POSTGRES_PASSWORD-}"
  database=${POSTGRES_DB:-$user}
  [ "$database" = postgres ] || psql -qX -U "$user" -d postgres -c "CREATE DATABASE \"$database\""
  for file in /docker-entrypoint-initdb.d/*.sql; do
    [ ! -f "$file" ] || psql -qX -v ON_ERROR_STOP=1 -U "$user" -d "$database" -f "$file"
  done
  pg_ctl -w -s -m fast stop
  unset PGPASSWORD
fi
exec "$@"
ENTRY
  chmod 755 "$root/usr/local/bin/docker-entrypoint.sh"
  import_service "$root" "$POSTGRES_IMAGE" \
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin' \
    'ENV PGDATA=/var/lib/postgresql/data' 'VOLUME /var/lib/postgresql/data' \
    'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["postgres"]' 'EXPOSE 5432'
}

build_redis() {
  local root=$tmp/redis
  unpack_packages "$root" "${SERVICE_LIBRARIES[@]}" redis-server redis-tools \
    libatomic1 libjemalloc2 liblzf1
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'redis:x:999:999::/data:/bin/sh' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'redis:x:999:' >"$root/etc/group"
  mkdir -p "$root/usr/local/bin" "$root/data"
  cat >"$root/usr/local/bin/docker-entrypoint.sh" <<'ENTRY'
#!/bin/sh
set -eu
case ${1-} in -*) set -- redis-server "$@" ;; esac
if [ "${1-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
  chown redis:redis .
  shift
  exec start-stop-daemon -S -q -c redis:redis -x /usr/bin/redis-server -- --protected-mode no "$@"
fi
exec "$@"
ENTRY
  chmod 755 "$root/usr/local/bin/docker-entrypoint.sh"
  import_service "$root" "$REDIS_IMAGE" 'VOLUME /data' 'WORKDIR /data' \
    'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["redis-server"]' 'EXPOSE 6379'
}
