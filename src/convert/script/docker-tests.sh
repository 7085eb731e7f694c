#!/usr/bin/env bash
# Runs the steps of a job in a Docker container, one container for each job. Written by
# `seatrial convert`, removed by `seatrial convert --revert`; needs nothing but bash and docker.
#
#   decide                 where this job's steps run: sets DOCKER_TESTS for the steps that follow
#   begin                  the steps begin now: what was reported before is not theirs
#   start [OPTION…] IMAGE  starts the container (options are those of `docker run`), puts the
#                          checkout into it
#   exec COMMAND… FILE     the shell of a step: in the container where there is one, else here
#   collect                copies out what the steps wrote below the workspace
#   stop                   the same, then removes the container and its image
#   shadow                 gathers what both sides reported; so does stop, where both run
set -euo pipefail

# Folder of this job's notes: the container's id, its workspace, its user.
notes=${RUNNER_TEMP:-/tmp}/.docker-tests
# When the job's steps began: what is older than this file is not theirs.
began=${RUNNER_TEMP:-/tmp}/.docker-tests-began
# What is not copied again between the runner and the container: large, and of one place.
left_out=(.git .venv venv .tox .nox node_modules __pycache__)
# What is never copied: this script's own files, and those of the runner for its steps.
private=('.docker-tests*' _runner_file_commands)

warn() { echo "::warning title=Tests in Docker::$1"; }

tell_later_steps() { echo "DOCKER_TESTS=$1" >>"$GITHUB_ENV"; }

note() { cat "$notes/$1" 2>/dev/null || true; }

begin() { date +%s >"$began"; }

# --- decide -----------------------------------------------------------------------------------

# CI_USE_DOCKER_TESTS: true, false, shadow, or a percentage of the commits.
decide() {
  local flag=${CI_USE_DOCKER_TESTS:-true} place=runner why
  why="CI_USE_DOCKER_TESTS is \`$flag\`"
  if [ "${RUNNER_OS:-Linux}" != Linux ]; then
    why="this runner is no Linux"
  elif ! docker version >/dev/null 2>&1; then
    warn "this runner has no Docker engine: the steps run on it"
  else
    case ${flag%\%} in
      true | True | TRUE | yes | on) place=container ;;
      false | False | FALSE | no | off) ;;
      shadow) place=shadow ;;
      *[!0-9]* | '') warn "CI_USE_DOCKER_TESTS is \`$flag\`, which is neither true, false, shadow nor a percentage: the steps run on the runner" ;;
      *)
        local of_commit=$((16#${GITHUB_SHA:0:7} % 100))
        why="$why, and this commit is number $of_commit of 0 to 99"
        [ "$of_commit" -ge "${flag%\%}" ] || place=container
        ;;
    esac
  fi
  begin
  echo "The steps run in: $place ($why)"
  tell_later_steps "$place"
}

# --- start ------------------------------------------------------------------------------------

start() {
  local build=${DOCKER_TESTS_BUILD:-success}
  if [ "$build" != success ]; then
    fall_back "the image could not be built"
    return
  fi
  rm -rf "$notes"
  mkdir -p "$notes"
  echo "${*: -1}" >"$notes/image"
  remove_leftovers
  # A process of its own, so that the first thing that fails ends it.
  if ! bash "$0" open "$@"; then
    stop
    fall_back "the container could not be started"
    return
  fi
  begin
}

open_container() {
  local image memory options capability container
  image=$(note image)
  memory=$(awk '/^MemTotal:/ { print int($2 * 0.9) }' /proc/meminfo)
  options=(--memory "${memory}k" --pids-limit 8192 --security-opt no-new-privileges --cap-drop ALL)
  # What root needs to put files in place and to install packages; nobody else has them.
  for capability in CHOWN DAC_OVERRIDE FOWNER KILL SETGID SETUID; do
    options+=(--cap-add "$capability")
  done
  # Its id is noted as soon as it is there: one that then does not start is to be removed, too.
  docker run --detach --init --network host --label "docker-tests=$(owner)" \
    --cidfile "$notes/container" "${options[@]}" --user 0 --entrypoint sleep "$@" infinity >/dev/null
  container=$(note container)
  docker inspect --format '{{.Config.User}}' "$image" >"$notes/user"
  as_user "$container" id -u >"$notes/uid"
  as_user "$container" id -g >"$notes/gid"
  as_user "$container" sh -c 'command -v bash' >"$notes/bash" 2>/dev/null || true
  lay_out "$container"
  copy_in "$container"
  # shellcheck disable=SC2016 # expanded in the container
  as_root "$container" 'touch "$1"' "$(mark)"
  echo "Container ${container:0:12} of $image, workspace $(note workspace)"
}

# The image's own folder is the workspace, where it has one: environments that were made there
# hold its path. The runner's path leads to it.
lay_out() {
  local folder
  folder=$(docker inspect --format '{{.Config.WorkingDir}}' "$1")
  case $folder in '' | /) folder=$GITHUB_WORKSPACE ;; esac
  echo "$folder" >"$notes/workspace"
  # shellcheck disable=SC2016 # expanded in the container
  as_root "$1" '
    mkdir -p "$1" "$3" "$4"
    if [ "$1" != "$2" ]; then mkdir -p "${2%/*}"; ln -sfn "$1" "$2"; fi
    chown "$5" "$1" "$3" "$4"
  ' "$folder" "$GITHUB_WORKSPACE" "$RUNNER_TEMP" "$(dirname "$GITHUB_ENV")" "$(note uid):$(note gid)"
}

fall_back() {
  if [ "${DOCKER_TESTS_FALLBACK:-warn}" = fail ]; then
    echo "::error title=Tests in Docker::$1, and DOCKER_TESTS_FALLBACK is fail"
    exit 1
  fi
  warn "$1: the steps run on the runner"
  tell_later_steps runner
}

# Machine and process that a container belongs to: the runner's, which started this step's shell,
# which started this script, which called itself.
owner() {
  local pid=$PPID
  for _ in 1 2; do pid=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status"); done
  echo "$(uname -n):$pid"
}

# Containers of jobs on this machine that were killed before they could tidy up.
remove_leftovers() {
  local id of
  docker ps --all --filter label=docker-tests --format '{{.ID}} {{.Label "docker-tests"}}' |
    while read -r id of; do
      [ "${of%:*}" = "$(uname -n)" ] && [ ! -d "/proc/${of##*:}" ] || continue
      docker rm --force --volumes "$id" >/dev/null || true
    done
}

# --- files ------------------------------------------------------------------------------------

# Folders that are the same on both sides: on the runner, and in the container.
both_sides() {
  printf '%s\n' "$GITHUB_WORKSPACE" "$(note workspace)" "$RUNNER_TEMP" "$RUNNER_TEMP"
}

# Arguments of find that pass by files of these names.
pruned() {
  local name or=
  printf '%s\0' '('
  for name in "$@"; do printf '%s\0' ${or:+"$or"} -name "$name" && or=-o; done
  printf '%s\0' ')' -prune -o
}

# Files that changed here since the last copy, as the container's user. The first time all
# of them: the tests may ask git.
copy_in() {
  local newer=() without=("${private[@]}") prune=() here there
  if [ -f "$notes/copied" ]; then
    newer=(-cnewer "$notes/copied")
    without+=("${left_out[@]}")
  fi
  while IFS= read -r -d '' word; do prune+=("$word"); done < <(pruned "${without[@]}")
  touch "$notes/copied.next"
  while read -r here && read -r there; do
    (
      cd "$here"
      find . -mindepth 1 "${prune[@]}" ${newer[@]+"${newer[@]}"} -print0 >"$notes/changed"
      [ ! -s "$notes/changed" ] ||
        tar --create --no-recursion --null --files-from "$notes/changed" --numeric-owner \
          --owner "$(note uid)" --group "$(note gid)" | docker cp - "$1:$there"
    )
  done < <(both_sides)
  mv "$notes/copied.next" "$notes/copied"
}

# Files that changed in the container since the last copy. From a container that runs only
# those; from one that was killed all, because nobody can be asked.
copy_out() {
  local without=("${private[@]}" "${left_out[@]}") exclude=() name here there
  for name in "${without[@]}"; do exclude+=(--exclude "$name"); done
  while read -r here && read -r there; do
    newer_in_container "$1" "$there" "${without[@]}" | unpack "$here" ||
      docker cp "$1:$there/." - | unpack "$here" --keep-newer-files "${exclude[@]}"
  done < <(both_sides)
  # shellcheck disable=SC2016 # expanded in the container
  as_root "$1" 'mv "$1.next" "$1"' "$(mark)" 2>/dev/null || true
  touch "$notes/copied"
}

newer_in_container() {
  local container=$1 folder=$2 prune=()
  shift 2
  while IFS= read -r -d '' word; do prune+=("$word"); done < <(pruned "$@")
  # shellcheck disable=SC2016 # expanded in the container
  as_root "$container" '
    mark=$1
    cd "$2"
    shift 2
    [ -e "$mark.next" ] || touch "$mark.next"
    find . "$@" -cnewer "$mark" "(" -type f -o -type l ")" -print0 >"$mark.files"
    tar -c --null -T "$mark.files" -f -
  ' "$(mark)" "$folder" "${prune[@]}"
}

unpack() {
  local folder=$1
  shift
  tar --extract --no-same-owner --no-same-permissions --directory "$folder" --file - "$@"
}

# The file in the container whose time is that of the last copy.
mark() { echo "$RUNNER_TEMP/.docker-tests-copied"; }

# A command as the image's user, who runs the steps: the container itself belongs to root, and
# only so may our own work in it be done.
as_user() {
  local container=$1
  shift
  docker exec --user "$(note user)" "$container" "$@"
}

# Our own work in the container.
as_root() {
  local container=$1 script=$2
  shift 2
  docker exec --user 0 "$container" sh -ec "$script" sh "$@"
}

# --- exec -------------------------------------------------------------------------------------

run_step() {
  local container
  container=$(note container)
  case $container/${DOCKER_TESTS:-runner} in
    ?*/container) in_container "$container" "$@" ;;
    ?*/shadow)
      local shadow=0 code=0
      in_container "$container" "$@" || shadow=$?
      echo "::group::The same on the runner, which decides"
      "$@" || code=$?
      echo "::endgroup::"
      # Each side keeps what it wrote itself; what actions write is copied in as ever.
      touch "$notes/copied"
      [ "$shadow" = 0 ] || echo "$code" >>"$notes/failed"
      [ "$shadow" = "$code" ] || warn "a step ended with $shadow in the container and with $code on the runner"
      exit "$code"
      ;;
    *) exec "$@" ;;
  esac
}

# Variables that the workflow set: those that the runner's own process has not, or has otherwise.
# They are handed on by name, so that no value stands in the list of processes.
variables() {
  local pair machine
  machine=$(tr '\0\n' '\n ' <"/proc/$PPID/environ" 2>/dev/null || true)
  while IFS= read -r -d '' pair; do
    case $pair in
      PATH=* | HOME=* | USER=* | LOGNAME=* | SHELL=* | PWD=* | OLDPWD=* | SHLVL=* | _=* | HOSTNAME=* | TMPDIR=*) ;;
      DOCKER_TESTS* | BASH_FUNC_*) ;;
      pythonLocation=* | Python*_ROOT_DIR=* | PKG_CONFIG_PATH=* | LD_LIBRARY_PATH=*) ;;
      GITHUB_* | RUNNER_* | CI=*) printf '%s\n' "${pair%%=*}" ;;
      *)
        case $'\n'$machine$'\n' in
          *$'\n'"${pair//$'\n'/ }"$'\n'*) ;;
          *) printf '%s\n' "${pair%%=*}" ;;
        esac
        ;;
    esac
  done < <(env --null)
}

in_container() {
  local container=$1 script=${*: -1} name folder code=0
  shift
  [ "$*" != "bash -e $script" ] || [ -s "$notes/bash" ] || set -- sh -e "$script"
  copy_in "$container"
  local files=() pass=()
  for name in GITHUB_ENV GITHUB_OUTPUT GITHUB_PATH GITHUB_STATE GITHUB_STEP_SUMMARY; do
    [ -z "${!name:-}" ] || files+=("${!name}")
  done
  # The step's script and its empty environment files, at the paths that they have here.
  local sent
  sent=$(mktemp -d "$notes/sent.XXXXXX")
  for name in "$script" ${files[@]+"${files[@]}"}; do
    mkdir -p "$sent$(dirname "$name")"
    : >"$sent$name"
  done
  cp "$script" "$sent$script"
  (cd "$sent" && find . -type f -print0 | tar --create --null --files-from - --numeric-owner \
    --owner "$(note uid)" --group "$(note gid)") | docker cp - "$container:/"
  rm -rf "$sent"
  while IFS= read -r name; do pass+=(--env "$name"); done < <(variables)
  folder=$(note workspace)${PWD#"$GITHUB_WORKSPACE"}
  case $PWD/ in "$GITHUB_WORKSPACE"/*) ;; *) folder=$PWD ;; esac
  trap 'stop_step "$container"' INT TERM
  # In the background, because a trap waits for a command in the foreground.
  docker exec ${pass[@]+"${pass[@]}"} --env "DOCKER_TESTS_PATH=$(note added-path)" \
    --user "$(note user)" --workdir "$folder" "$container" sh -c "$inside" sh "$RUNNER_TEMP/.docker-tests-step" "$@" &
  wait $! || code=$?
  trap - INT TERM
  bring_back "$container" ${files[@]+"${files[@]}"}
  return "$code"
}

# What runs in the container: the step in a process group of its own, its output through a file,
# so that a server which it leaves behind can go on writing.
# shellcheck disable=SC2016 # expanded in the container
inside='
  note=$1
  shift
  PATH="$DOCKER_TESTS_PATH$PATH"
  unset DOCKER_TESTS_PATH
  if ! command -v setsid >/dev/null || ! tail --version >/dev/null 2>&1; then
    echo $$ >"$note"
    exec "$@"
  fi
  log=$(mktemp "$note.XXXXXX")
  tail --follow /dev/null & running=$!
  tail --lines +1 --follow --sleep-interval 0.05 --pid $running "$log" & shown=$!
  code=0
  setsid sh -c "echo \$\$ >\"\$0\"; exec \"\$@\"" "$note" "$@" >"$log" 2>&1 </dev/null || code=$?
  kill $running
  wait $running 2>/dev/null
  wait $shown
  exit $code
'

# Passes on the runner's signals: the client of docker does not.
stop_step() {
  # shellcheck disable=SC2016 # expanded in the container
  as_root "$1" 'pid=$(cat "$1"); kill -INT "-$pid" 2>/dev/null || kill -INT "$pid"' \
    "$RUNNER_TEMP/.docker-tests-step" 2>/dev/null || true
}

# Environment files and reports of a step. In shadow the runner's count.
bring_back() {
  local container=$1 file line
  shift
  rm -rf "$notes/got"
  mkdir "$notes/got"
  # shellcheck disable=SC2016 # expanded in the container
  as_root "$container" 'tar -c -f - "$@" 2>/dev/null' "$@" |
    tar --extract --no-same-owner --directory "$notes/got" --file - || warn "what a step left in its environment files is lost"
  for file in "$@"; do
    [ -s "$notes/got$file" ] || continue
    if [ "$file" != "${GITHUB_PATH:-}" ]; then
      [ "${DOCKER_TESTS:-}" = shadow ] || cat "$notes/got$file" >>"$file"
      continue
    fi
    while IFS= read -r line || [ -n "$line" ]; do
      [ -z "$line" ] || printf '%s:%s' "$line" "$(note added-path)" >"$notes/next-path"
      [ -z "$line" ] || mv "$notes/next-path" "$notes/added-path"
    done <"$notes/got$file"
  done
  [ "${DOCKER_TESTS:-}" = shadow ] || copy_out "$container"
}

# --- shadow -----------------------------------------------------------------------------------

# What is known of this run, and the JUnit reports of each side, in a folder that is uploaded.
gather() {
  local folder=$RUNNER_TEMP/docker-tests-shadow prune=() word container
  container=$(note container)
  rm -rf "$folder"
  mkdir -p "$folder/runner"
  facts "$container" >"$folder/shadow.env"
  [ "${MATRIX:-null}" = null ] || printf '%s\n' "$MATRIX" >"$folder/matrix.json"
  while IFS= read -r -d '' word; do prune+=("$word"); done < <(pruned "${private[@]}" "${left_out[@]}")
  sh -ec "$reports" sh "$began" "$GITHUB_WORKSPACE" "${prune[@]}" | unpack "$folder/runner" ||
    warn "not all reports of the runner could be gathered"
  [ -n "$container" ] || return 0
  mkdir "$folder/container"
  as_root "$container" "$reports" "$(mark)" "$(note workspace)" "${prune[@]}" | unpack "$folder/container" ||
    warn "not all reports of the container could be gathered"
}

facts() {
  local path=${GITHUB_WORKFLOW_REF#*/*/}
  cat <<FACTS
schema=1
repository=$GITHUB_REPOSITORY
workflow=${path%%@*}
name=$GITHUB_WORKFLOW
sha=$GITHUB_SHA
ref=$GITHUB_REF
event=$GITHUB_EVENT_NAME
run_id=$GITHUB_RUN_ID
attempt=$GITHUB_RUN_ATTEMPT
job=$GITHUB_JOB
cpus=$(nproc)
memory=$(($(awk '/^MemTotal:/ { print $2 }' /proc/meminfo) * 1024))
engine=$(docker version --format '{{.Server.Version}}' 2>/dev/null || true)
began=$(cat "$began")
ended=$(date +%s)
runner=$JOB_STATUS
FACTS
  [ -z "$1" ] || echo "container=$(of_container)"
}

# Whether the job would have succeeded in the container. A step that failed on both sides is
# allowed to, where the job succeeds all the same.
of_container() {
  local code
  for code in $(note failed); do
    [ "$code" != 0 ] && [ "$JOB_STATUS" = success ] || { echo failure && return; }
  done
  echo success
}

# The JUnit reports below a folder that are newer than a file, as tar; of either side.
# shellcheck disable=SC2016 # expanded where it runs
reports='
  since=$1
  cd "$2"
  shift 2
  warn() { echo "::warning title=Tests in Docker::$1" >&2; }
  files=$(find . "$@" -type f -name "*.xml" -newer "$since" -print | LC_ALL=C sort | {
    count=0
    while IFS= read -r file; do
      head -c 4096 "$file" | grep -q "<testsuite" || continue
      if [ "$(wc -c <"$file")" -gt 20971520 ]; then
        warn "$file is larger than 20 MB and not kept"
        continue
      fi
      count=$((count + 1))
      if [ "$count" -gt 200 ]; then
        warn "there are more than 200 reports: only the first are kept"
        break
      fi
      printf "%s\n" "$file"
    done
  })
  [ -n "$files" ] || exec head -c 1024 /dev/zero # an archive of nothing
  IFS="
"
  set -f
  tar -c -f - $files
'

# --- the end ----------------------------------------------------------------------------------

collect() {
  local container
  container=$(note container)
  [ -z "$container" ] || [ "${DOCKER_TESTS:-}" = shadow ] || copy_out "$container"
}

stop() {
  local container code=0
  container=$(note container)
  [ ! -f "$notes/copied" ] || collect || code=$?
  [ -z "$container" ] || docker rm --force --volumes "$container" >/dev/null || code=$?
  remove_image "$(note image)"
  rm -rf "$notes"
  return "$code"
}

# An image that is left costs disk, not the job: it is told, and that is all. An engine at work on
# layers that another image shares may refuse for a moment.
remove_image() {
  local said
  [ -n "$1" ] || return 0
  for _ in 1 2 3; do
    said=$(docker image rm "$1" 2>&1) && return
    case $said in *'No such image'*) return ;; esac
    sleep 1
  done
  warn "the image $1 could not be removed: $said"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  decide) decide ;;
  begin) begin ;;
  start) start "$@" ;;
  open) open_container "$@" ;; # part of start
  exec) run_step "$@" ;;
  collect) collect ;;
  stop)
    # The record is worth a warning, not the job.
    [ "${DOCKER_TESTS:-}" != shadow ] || bash "$0" shadow ||
      warn "what both sides reported could not be gathered"
    stop
    ;;
  shadow) gather ;;
  *)
    echo "usage: docker-tests.sh decide | begin | start [OPTION…] IMAGE | exec COMMAND… FILE | collect | stop | shadow" >&2
    exit 2
    ;;
esac
