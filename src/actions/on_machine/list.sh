# Lists the Pythons of this machine, a line each: kind, version, whether it has a global
# interpreter lock, path. $1 is a folder that is the job's own.
own=$1
shift
say='import sys
free = "free" if "free-threading" in sys.version else "locked"
print("python=" + " ".join([sys.implementation.name, sys.version.split()[0], free, sys.executable]))'
tell() {
    for python; do
        case $python in *-config) continue ;; esac
        if [ -x "$python" ]; then
            "$python" -I -S -c "$say" >>"$SEATRIAL_ANSWERS" 2>/dev/null || continue
        fi
    done
}
# The first line is the one that the machine has without being asked.
IFS=:
set -f
for folder in $PATH; do
    case $folder in "$own"/*) continue ;; esac
    set +f
    tell "$folder/python3"
    # What stands behind them lies in one of the places below.
    case $folder in */shims) set -f; continue ;; esac
    tell "$folder"/python3.[0-9] "$folder"/python3.[0-9][0-9] "$folder"/pypy3
    set -f
done
set +f
for place; do
    tell "$place"/*/bin/python3 "$place"/*/*/bin/python3
done
exit 0
