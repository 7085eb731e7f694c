#!/usr/bin/env bash
# Runs one job by seatrial. What of its end is passed on depends on where the tests count: in
# `shadow` this step never fails, and where no container could be had the job's own steps run.
set -euo pipefail

warn() { echo "::warning title=seatrial::$1"; }

if ! command -v "$PROGRAM" >/dev/null; then
  echo "::group::Build seatrial, once for its version"
  folder=$(mktemp -d)
  cargo build --release --locked --bin seatrial \
    --manifest-path "$GITHUB_ACTION_PATH/Cargo.toml" --target-dir "$folder"
  mkdir -p "$(dirname "$PROGRAM")"
  cp "$folder/release/seatrial" "$PROGRAM"
  rm -rf "$folder"
  echo "::endgroup::"
fi

if [ -z "$WORKFLOW" ]; then
  # owner/name/.github/workflows/test.yml@refs/heads/main
  WORKFLOW=${GITHUB_WORKFLOW_REF#*/*/}
  WORKFLOW=${WORKFLOW%%@*}
fi

arguments=(
  run "$WORKFLOW" --root "$ROOT" --job "$JOB" --leg "$LEG" --needs "$NEEDS" --vars "$VARS"
  --event "$GITHUB_EVENT_NAME" --event-file "$GITHUB_EVENT_PATH" --ref "$GITHUB_REF"
  # Of one job among several: the workflow's own gates look at the whole.
  --coverage-min 0
)
# What the runner's own steps write must not be mixed with it.
[ "$DOCKER_TESTS" = shadow ] || arguments+=(--workspace)
for name in $SKIP_ACTIONS; do arguments+=(--skip-action "$name"); done
for name in $SECRETS; do
  # A secret that a fork does not get is empty for the job, too.
  [ -z "${!name:-}" ] || arguments+=(--secret "$name")
done
while IFS= read -r line; do
  [ -z "$line" ] || arguments+=("$line")
done <<<"$ARGUMENTS"

# The token is for the comment alone: the job's own steps do not see it.
if [ "$COMMENT" = true ]; then
  arguments+=(--comment)
  export GITHUB_TOKEN=$COMMENT_TOKEN
fi
unset COMMENT_TOKEN

code=0
CI_USE_DOCKER_TESTS=true "$PROGRAM" "${arguments[@]}" || code=$?

if [ "$HISTORY" = true ] && [ -f "$ROOT/.seatrial/history.db" ]; then
  directory=$(sed -n 's/^directory=//p' "$GITHUB_OUTPUT" | tail -n 1)
  # The artifact has the history, too, as it was when this run ended.
  [ -z "$directory" ] || cp "$ROOT/.seatrial/history.db" "$ROOT/$directory/"
fi

place=$DOCKER_TESTS
# The runner's side: reports that this run brought out are older.
[ "$place" != shadow ] || bash "$GITHUB_ACTION_PATH/src/convert/script/docker-tests.sh" begin
case $code:$place:$FALLBACK in
  0:*) ;;
  *:shadow:*) warn "the tests ended with exit code $code in a container; what comes of them on the runner counts" ;;
  # The image could not be built, or the engine, the network or the disk was in the way.
  5:*:warn | 10:*:warn)
    warn "no container could be had (exit code $code): the steps of the job run on the runner"
    echo DOCKER_TESTS=runner >>"$GITHUB_ENV"
    place=runner
    ;;
  *)
    echo "place=$place" >>"$GITHUB_OUTPUT"
    exit "$code"
    ;;
esac
echo "place=$place" >>"$GITHUB_OUTPUT"
