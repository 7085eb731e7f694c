#!/bin/sh
# `sudo` for a job whose image has none that its user may use: any command as any
# user, without a password, as on GitHub's runner. Plain POSIX sh. What it needs
# was put into its folder by setup.sh. All its variables begin with `sudo_`: with
# `-E` the caller's variables go on to the command, and must not be touched.
sudo_folder=/seatrial/sudo
# Of Ubuntu's sudoers file, which the runner keeps. So below sudo, there as here, a
# Python that setup-python put on PATH is not seen.
sudo_secure_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
PATH=$sudo_secure_path:$PATH

sudo_fail() {
    echo "sudo: $*" >&2
    exit 1
}

sudo_usage() {
    echo "usage: sudo [-bEHiknPSs] [-g group] [-u user] [--preserve-env=list] [VAR=value] [-i | -s] [command [arg ...]]"
}

sudo_version() {
    echo "sudo: a stand-in of seatrial, for jobs that become root without a password"
    exit 0
}

# sudo_find name|uid VALUE: that line of /etc/passwd, into sudo_p_*.
sudo_find() {
    [ -r /etc/passwd ] || return 1
    while IFS=: read -r sudo_p_name sudo_p_x sudo_p_uid sudo_p_gid sudo_p_x sudo_p_home sudo_p_shell; do
        case $1 in
            name) [ "$sudo_p_name" != "$2" ] || return 0 ;;
            *) [ "$sudo_p_uid" != "$2" ] || return 0 ;;
        esac
    done </etc/passwd
    return 1
}

# sudo_quoted WORD...: the words as one text for `sh -c`. Everything but letters,
# digits, `_`, `-` and `$` is escaped (sudo's manual, on `-i` and `-s`).
sudo_quoted() {
    sudo_text=
    for sudo_word in "$@"; do
        sudo_word=$(printf '%s\n' "$sudo_word" | LC_ALL=C sed 's/[^A-Za-z0-9_$-]/\\&/g')
        sudo_text="$sudo_text${sudo_text:+ }$sudo_word"
    done
}

# Options and `VAR=value` in any order, up to the first other word.
sudo_user= sudo_group= sudo_mode= sudo_keep= sudo_keep_list= sudo_home=
sudo_background= sudo_no_command= sudo_list= sudo_set=0
while [ $# -gt 0 ]; do
    case $1 in
        --)
            shift
            break
            ;;
        --preserve-env=*) sudo_keep_list=$sudo_keep_list,${1#*=} ;;
        --preserve-env) sudo_keep=yes ;;
        --set-home) sudo_home=yes ;;
        --login) sudo_mode=login ;;
        --shell) sudo_mode=shell ;;
        --background) sudo_background=yes ;;
        --user=*) sudo_user=${1#*=} ;;
        --group=*) sudo_group=${1#*=} ;;
        --user | --group | --prompt | --close-from | --command-timeout)
            [ $# -gt 1 ] || sudo_fail "option '$1' requires an argument"
            case $1 in
                --user) sudo_user=$2 ;;
                --group) sudo_group=$2 ;;
            esac
            shift
            ;;
        --prompt=* | --close-from=* | --command-timeout=*) ;;
        --non-interactive | --stdin | --askpass | --bell | --preserve-groups | --no-update) ;;
        --reset-timestamp | --remove-timestamp | --validate) sudo_no_command=yes ;;
        --list) sudo_list=yes ;;
        --version) sudo_version ;;
        --help) sudo_usage && exit 0 ;;
        --*) sudo_fail "seatrial's stand-in has no option ${1%%=*}" ;;
        -?*)
            sudo_rest=${1#-}
            while [ -n "$sudo_rest" ]; do
                sudo_option=${sudo_rest%"${sudo_rest#?}"}
                sudo_rest=${sudo_rest#?}
                case $sudo_option in
                    E) sudo_keep=yes ;;
                    H) sudo_home=yes ;;
                    i) sudo_mode=login ;;
                    s) sudo_mode=shell ;;
                    b) sudo_background=yes ;;
                    n | S | A | B | P | N) ;;
                    k | K | v) sudo_no_command=yes ;;
                    l) sudo_list=yes ;;
                    V) sudo_version ;;
                    h) sudo_usage && exit 0 ;;
                    u | g | p | C | T)
                        if [ -z "$sudo_rest" ]; then
                            [ $# -gt 1 ] || sudo_fail "option requires an argument -- '$sudo_option'"
                            sudo_rest=$2
                            shift
                        fi
                        case $sudo_option in
                            u) sudo_user=$sudo_rest ;;
                            g) sudo_group=$sudo_rest ;;
                        esac
                        sudo_rest=
                        ;;
                    *) sudo_fail "seatrial's stand-in has no option -$sudo_option" ;;
                esac
            done
            ;;
        [A-Za-z_]*=*)
            sudo_set=$((sudo_set + 1))
            eval "sudo_set_$sudo_set=\$1"
            ;;
        *) break ;;
    esac
    shift
done

# Who calls.
sudo_me=$(id -u)
sudo_my_name=$sudo_me sudo_my_shell=/bin/sh
if sudo_find uid "$sudo_me"; then
    sudo_my_name=$sudo_p_name sudo_my_shell=${sudo_p_shell:-/bin/sh}
fi
if [ -n "$sudo_list" ]; then
    echo "User $sudo_my_name may run the following commands here:"
    echo "    (ALL) NOPASSWD: ALL"
    exit 0
fi
if [ $# -eq 0 ] && [ -z "$sudo_mode" ]; then
    [ -z "$sudo_no_command" ] || exit 0
    sudo_usage >&2
    exit 1
fi

# Whom the command is to run as. A group alone leaves the user as it is.
if [ -z "$sudo_user" ]; then
    sudo_user=root
    [ -z "$sudo_group" ] || sudo_user="#$sudo_me"
fi
case $sudo_user in
    '#' | '#'*[!0-9]*) sudo_fail "unknown user $sudo_user" ;;
    '#'*)
        sudo_find uid "${sudo_user#?}" || {
            sudo_p_name= sudo_p_uid=${sudo_user#?} sudo_p_gid=${sudo_user#?}
            sudo_p_home=/ sudo_p_shell=/bin/sh
        }
        ;;
    *) sudo_find name "$sudo_user" || sudo_fail "unknown user $sudo_user" ;;
esac
sudo_name=$sudo_p_name sudo_uid=$sudo_p_uid sudo_gid=$sudo_p_gid
sudo_dir=$sudo_p_home sudo_shell=${sudo_p_shell:-/bin/sh}
case $sudo_group in
    '') ;;
    '#'*) sudo_gid=${sudo_group#?} ;;
    *)
        sudo_gid=
        while IFS=: read -r sudo_g_name sudo_g_x sudo_g_gid sudo_g_x; do
            [ "$sudo_g_name" != "$sudo_group" ] || sudo_gid=$sudo_g_gid
        done </etc/group
        [ -n "$sudo_gid" ] || sudo_fail "unknown group $sudo_group"
        ;;
esac

# What it is. Only a command that is not in a shell is looked for, and only there.
case $sudo_mode in
    login) sudo_shell_used=$sudo_shell ;;
    shell) sudo_shell_used=${SHELL:-$sudo_my_shell} ;;
    *)
        case $1 in
            */*) sudo_program=$1 ;;
            *)
                sudo_program=
                IFS=:
                for sudo_place in $sudo_secure_path; do
                    if [ -z "$sudo_program" ] && [ -f "$sudo_place/$1" ] && [ -x "$sudo_place/$1" ]; then
                        sudo_program=$sudo_place/$1
                    fi
                done
                unset IFS
                ;;
        esac
        [ -n "$sudo_program" ] || sudo_fail "$1: command not found"
        # What lies where only root looks cannot be told from here.
        if [ -x "${sudo_program%/*}/" ] && ! [ -e "$sudo_program" ]; then
            sudo_fail "$1: command not found"
        fi
        # GitHub's runner has package lists; an image has thrown them away.
        case "${sudo_program##*/} $* " in
            apt*" install "* | apt*" build-dep "*)
                if [ "$sudo_uid" = 0 ] && [ -d /var/lib/apt/lists ] &&
                    [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_*')" ]; then
                    echo "seatrial: the image has no package lists, which GitHub's runner has: apt-get update" >&2
                    "$0" apt-get -qq update </dev/null >&2 || true
                fi
                ;;
        esac
        sudo_typed="$*"
        shift
        set -- "$sudo_program" "$@"
        ;;
esac
if [ -n "$sudo_mode" ]; then
    sudo_typed="$*"
    sudo_quoted "$@"
    if [ $# -gt 0 ]; then
        set -- -c "$sudo_text"
    fi
    [ "$sudo_mode" != login ] || set -- -l "$@"
    set -- "$sudo_shell_used" "$@"
fi
sudo_line="$*"
if [ "$sudo_mode" = login ]; then
    # By whom it will be: who calls may not enter that folder.
    set -- /bin/sh -c 'cd "$0" 2>/dev/null || cd /; exec "$@"' "$sudo_dir" "$@"
fi

# Its variables, each in front of those before: of two with one name the one that
# is nearer to the command wins, so those of the command line come first here.
sudo_at=$sudo_set
while [ "$sudo_at" -gt 0 ]; do
    eval "set -- \"\$sudo_set_$sudo_at\" \"\$@\""
    sudo_at=$((sudo_at - 1))
done
set -- "PATH=$sudo_secure_path" "LOGNAME=${sudo_name:-#$sudo_uid}" "USER=${sudo_name:-#$sudo_uid}" \
    "SUDO_COMMAND=$sudo_line" "SUDO_USER=$sudo_my_name" "SUDO_UID=$sudo_me" "SUDO_GID=$(id -g)" "$@"
if [ -n "$sudo_keep" ] && [ "$sudo_mode" != login ]; then
    [ -n "$sudo_home" ] || sudo_dir=${HOME-$sudo_dir}
    set -- "HOME=$sudo_dir" "SHELL=${SHELL-$sudo_shell}" "$@"
    # Without sudo's list of variables that are never kept (env_delete).
    for sudo_at in IFS CDPATH ENV BASH_ENV PS4 GLOBIGNORE BASHOPTS SHELLOPTS LOCALDOMAIN RES_OPTIONS \
        HOSTALIASES NLSPATH PATH_LOCALE TERMINFO TERMINFO_DIRS TERMPATH TERMCAP JAVA_TOOL_OPTIONS \
        PERLIO_DEBUG PERLLIB PERL5LIB PERL5OPT PERL5DB PYTHONHOME PYTHONPATH PYTHONINSPECT \
        PYTHONUSERBASE RUBYLIB RUBYOPT $(env | sed -n 's/^\(LD_[A-Za-z0-9_]*\)=.*/\1/p'); do
        set -- -u "$sudo_at" "$@"
    done
else
    # SEATRIAL_COMMAND is how a step's processes are found when it is stopped.
    for sudo_at in COLORS COLORTERM DISPLAY HOSTNAME KRB5CCNAME LANG LANGUAGE LC_ALL LC_COLLATE LC_CTYPE \
        LC_MESSAGES LC_MONETARY LC_NUMERIC LC_TIME LINGUAS LS_COLORS TERM TZ XAUTHORITY \
        SEATRIAL_COMMAND $(printf '%s' "$sudo_keep_list" | tr ',' ' '); do
        case $sudo_at in
            PATH | *[!A-Za-z0-9_]* | [0-9]*) continue ;;
        esac
        eval "[ -z \"\${$sudo_at+set}\" ] || set -- \"$sudo_at=\$$sudo_at\" \"\$@\""
    done
    set -- "HOME=$sudo_dir" "SHELL=$sudo_shell" "MAIL=/var/mail/${sudo_name:-$sudo_uid}" "$@"
    # /etc/environment, which the runner's sudo reads, holds this; what else it holds
    # corresponds to the image's own variables, those of the first process.
    set -- DEBIAN_FRONTEND=noninteractive ACCEPT_EULA=Y "$@"
    while IFS= read -r sudo_at; do
        case $sudo_at in
            [A-Za-z_]*=*) set -- "$sudo_at" "$@" ;;
        esac
    done <"$sudo_folder/environment"
    set -- -i "$@"
fi
set -- env "$@"

# Replaces this shell, so that signals and the exit code are the command's own.
sudo_become() {
    if [ "$sudo_me" = "$sudo_uid" ] && [ -z "$sudo_group" ]; then
        exec "$@"
    fi
    if [ -x "$sudo_folder/setpriv" ]; then
        if [ -n "$sudo_name" ]; then
            exec "$sudo_folder/setpriv" --reuid "$sudo_uid" --regid "$sudo_gid" --init-groups "$@"
        fi
        exec "$sudo_folder/setpriv" --reuid "$sudo_uid" --regid "$sudo_gid" --clear-groups "$@"
    fi
    if [ -x "$sudo_folder/su" ] && [ -n "$sudo_name" ]; then
        if [ "$sudo_uid" != 0 ]; then
            # From root to another user, which takes no password.
            set -- "$sudo_folder/su" -s /bin/sh -c 'exec "$@"' -- "$sudo_name" sh "$@"
        fi
        exec "$sudo_folder/su" -s /bin/sh -c 'exec "$@"' -- root sh "$@"
    fi
    sudo_why="neither setpriv of util-linux nor su of busybox is in the image"
    [ ! -r "$sudo_folder/why" ] || read -r sudo_why <"$sudo_folder/why"
    sudo_fail "there is no way to become ${sudo_name:-user $sudo_uid} here: $sudo_why; move the command into the image, in Dockerfile.test: \`RUN $sudo_typed\`"
}
if [ -n "$sudo_background" ]; then
    (sudo_become "$@") &
    exit 0
fi
sudo_become "$@"
