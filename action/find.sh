#!/usr/bin/env bash
# Where the program is that the action runs: the one that is named, else the one that is built
# from the action's own source. Outputs `program`, and `folder` and `key` of the cache where it
# has to be built.
set -euo pipefail

if [ -n "${PROGRAM:-}" ]; then
  command -v "$PROGRAM" >/dev/null || {
    echo "::error title=seatrial::the input \`program\` names $PROGRAM, which is not there"
    exit 2
  }
  echo "program=$PROGRAM" >>"$GITHUB_OUTPUT"
  exit 0
fi

# What the program is made of, and nothing else: a change of the documentation builds nothing.
source=$(cd "$GITHUB_ACTION_PATH" && find Cargo.toml Cargo.lock src -type f -print0 |
  LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16)
folder=${RUNNER_TOOL_CACHE:-$HOME/.cache}/seatrial/$source
{
  echo "folder=$folder"
  echo "key=seatrial-${RUNNER_OS:-Linux}-${RUNNER_ARCH:-X64}-$source"
  echo "program=$folder/seatrial"
} >>"$GITHUB_OUTPUT"
