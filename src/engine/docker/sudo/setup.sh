# Makes `sudo` work in a job's container as on GitHub's runner. Runs once, as root,
# before the first step. Plain POSIX sh.
#
#   $1 user number of the job's user   $2 its group number
#
# Standard input: the text of the stand-in. The last line of the output says what
# `sudo` is now: `own`, `stand-in`, or `none` with the reason.
user=$1 group=$2 folder=/seatrial/sudo why=
umask 022
mkdir -p "$folder" && cat >"$folder/sudo" && chmod 755 "$folder/sudo" || exit 1

# The image's own variables, which every process of the container starts with.
env | grep -v -e '^HOME=' -e '^HOSTNAME=' -e '^PATH=' -e '^PWD=' -e '^SHLVL=' -e '^_=' \
    >"$folder/environment"

# place_of NAME: the file of a command. (`command -v` of busybox names itself only.)
place_of() {
    IFS=:
    for place in $PATH; do
        if [ -f "$place/$1" ] && [ -x "$place/$1" ]; then
            echo "$place/$1"
            break
        fi
    done
    unset IFS
}

# As on the runner: apt asks nothing, and tries again.
if [ -d /etc/apt/apt.conf.d ]; then
    cat >/etc/apt/apt.conf.d/90seatrial <<'END'
APT::Get::Assume-Yes "true";
Acquire::Retries "10";
Dpkg::Options { "--force-confdef"; "--force-confold"; };
END
fi

# as_user COMMAND...: as the job's user, if that can be done.
as_user() {
    if [ "$user" = 0 ]; then
        "$@"
    else
        setpriv --reuid "$user" --regid "$group" --clear-groups -- "$@"
    fi
}

# An own sudo serves its own user, or whom its sudoers name; else it is told to serve
# this one.
own=$(place_of sudo)
if [ -n "$own" ] && ! as_user "$own" -n true 2>/dev/null && [ -d /etc/sudoers.d ]; then
    echo "#$user ALL=(ALL) NOPASSWD:ALL" >/etc/sudoers.d/seatrial
    chmod 440 /etc/sudoers.d/seatrial
fi
if [ -n "$own" ] && as_user "$own" -n true 2>/dev/null; then
    echo own
    exit 0
fi

# Programs that become root for whoever starts them: copies, for the job's user only.
# (The owner first: a change of owner takes the bit away.)
lend() {
    cp -L "$1" "$folder/$2" && chown "0:$group" "$folder/$2" && chmod 4750 "$folder/$2"
}
while read -r key value; do
    if [ "$key" = NoNewPrivs: ] && [ "$value" = 1 ]; then
        why="the engine forbids new privileges to its containers"
    fi
done </proc/self/status
if [ -n "$why" ]; then
    :
elif setpriv --reuid 0 --regid 0 --clear-groups true 2>/dev/null; then
    lend "$(place_of setpriv)" setpriv
elif [ -n "$(place_of busybox)" ] && busybox su root -c true 2>/dev/null; then
    lend "$(place_of busybox)" su
    # It asks for the password that root has, so root has none.
    sed 's/^root:[^:]*:/root::/' /etc/passwd >"$folder/passwd" &&
        cat "$folder/passwd" >/etc/passwd
else
    why="the image has neither setpriv of util-linux nor su of busybox"
fi
[ -z "$why" ] || echo "$why" >"$folder/why"

# In place of a sudo that is of no use, else where commands are looked for.
place=$own
for one in /usr/local/bin /usr/bin /bin; do
    case ":$PATH:" in
        *":$one:"*) place=${place:-$one/sudo} ;;
    esac
done
place=${place:-/usr/bin/sudo}
mkdir -p "${place%/*}" && rm -f "$place" && cp "$folder/sudo" "$place" || exit 1
if [ -n "$why" ] && [ "$user" != 0 ]; then echo "none $why"; else echo stand-in; fi
