#!/bin/sh
# Stands for python, python3, pip and pip3 in a job that sets up no Python: makes the
# job's own environment of the machine's when one of them is first called. What is
# installed stays in the job's folder then, and what the machine has installed for
# others is not seen.
name=${0##*/}
own=$(dirname "$0")
tools=$(dirname "$own")
python=
set -f
old=$IFS
IFS=:
for folder in $PATH; do
    case $folder in "$tools"/*) continue ;; esac
    if [ -x "$folder/python3" ] && "$folder/python3" -c '' 2>/dev/null; then
        python=$folder/python3
        break
    fi
done
IFS=$old
set +f
if [ -z "$python" ]; then
    echo "$name: there is no Python on this machine" >&2
    exit 127
fi
lock() {
    if command -v flock >/dev/null; then flock 9; fi
    [ -x "$tools/python/bin/pip" ] || "$python" "$own/environment.py" "$tools/python" >&2
}
lock 9>"$own/lock" || exit 1
exec "$tools/python/bin/$name" "$@"
