# Runs one command of a job inside its container: the part of a step that must
# happen on that side. Plain POSIX sh, as the image may have nothing else.
#
#   $1 folder of this command   $2 folder to run in   $3 token   $4 output pipe
#   $5 names of mailbox files   $6 ending of the script's name
#   $7 a script that looks at the environment afterwards, or nothing   rest: the command
#
# Standard input: the script. Standard output: nothing but the report to
# seatrial. The command writes to the pipe, which the container's main process
# reads, so that a server started here with `&` keeps a live output in later steps.
folder=$1 cwd=$2 token=$3 pipe=$4 boxes=$5 ending=$6 after=$7
shift 7
umask 022
# How much room the places have that the step writes to, where the image can tell:
# free and all, in KiB (k) and in files (i).
room() {
    for unit in k i; do
        for place in / . /tmp /dev/shm; do
            df "-P$unit" "$place" 2>/dev/null | {
                read -r _ && read -r _ all _ free _ && echo "room $unit $place $free $all"
            }
        done
    done
}
lay_out() {
    mkdir -p "$folder" && cat >"$folder/script$ending" && chmod 755 "$folder/script$ending" || return
    # Not `:`, with which a shell ends when it cannot write.
    for box in $boxes; do true >"$folder/$box" || return; done
}
if ! lay_out 2>"$pipe"; then
    cat >/dev/null
    printf '\036%s\036' "$token" >"$pipe"
    echo "end 125 0 0"
    room
    echo done
    exit 125
fi
# A counter of the kernel, of either version of cgroups, into $n.
counter() {
    n=0 wanted=$1
    shift
    for file; do
        [ -r "$file" ] || continue
        while read -r key value; do
            if [ "$key" = "$wanted" ]; then n=$value; fi
        done <"$file"
    done
}
oom_kills() { counter oom_kill /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events; }
forks_refused() { counter max /sys/fs/cgroup/pids/pids.events /sys/fs/cgroup/pids.events; }
oom_kills
killed=$n
forks_refused
refused=$n
# A signal goes to the whole group; this shell has to outlive it to report.
trap : INT TERM HUP
echo $$ >"$folder/pid"
if cd "$cwd" 2>"$pipe"; then
    SEATRIAL_COMMAND=$token "$@" </dev/null >"$pipe" 2>&1
    code=$?
else
    echo "the working directory $cwd does not exist" >"$pipe"
    code=1
fi
printf '\036%s\036' "$token" >"$pipe"
oom_kills
killed=$((n - killed))
forks_refused
echo "end $code $killed $((n - refused))"
# Where no process may be started, to ask would end this shell.
[ "$code" = 0 ] || [ "$n" -gt "$refused" ] || room
# Where memory ran out, a look would cost more of it.
if [ -n "$after" ] && [ "$killed" = 0 ] && [ "$n" -le "$refused" ]; then
    sh -c "$after" </dev/null >"$folder/after" 2>/dev/null
    boxes="$boxes after"
fi
for box in $boxes; do
    size=0
    if [ -f "$folder/$box" ]; then size=$(wc -c <"$folder/$box"); fi
    echo "file $box $((size))"
    if [ "$size" -gt 0 ]; then head -c "$((size))" "$folder/$box"; fi
done
echo done
exit "$code"
