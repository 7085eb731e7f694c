# Signals everything that one command of a job started.
#
#   $1 signal   $2 folder of the command   $3 its token
#
# First its process group; for KILL also whatever left the group, found by the
# token that the command's environment carries.
if [ -r "$2/pid" ]; then
    read -r group <"$2/pid"
    kill -s "$1" -- "-$group" 2>/dev/null
fi
[ "$1" = KILL ] || exit 0
for process in /proc/[0-9]*; do
    if tr '\0' '\n' <"$process/environ" 2>/dev/null | grep -q "^SEATRIAL_COMMAND=$3\$"; then
        kill -s KILL "${process#/proc/}" 2>/dev/null
    fi
done
exit 0
