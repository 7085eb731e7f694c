import sys
if sys.path[:1] == ['']:
    # Files of the repository must not stand in for Python's own.
    del sys.path[0]
import os
import time

try:
    # The part of json that is written in C: the rest takes longer than all that is asked here.
    from _json import encode_basestring_ascii as quoted
except ImportError:
    from json import dumps as quoted

HARMLESS = (
    'CI COLUMNS DISPLAY EDITOR HOME LANG LANGUAGE LD_LIBRARY_PATH LOGNAME MPLBACKEND PATH PWD PYTHONDONTWRITEBYTECODE'
    ' PYTHONDEVMODE PYTHONHASHSEED PYTHONHOME PYTHONIOENCODING PYTHONOPTIMIZE PYTHONPATH PYTHONSAFEPATH PYTHONUNBUFFERED'
    ' PYTHONUTF8 PYTHONWARNINGS RUNNER_ENVIRONMENT RUNNER_OS SHELL SHLVL TERM TMPDIR TZ USER VIRTUAL_ENV'
    ' XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR'
).split()
REPORTS = 'coverage.xml cobertura.xml coverage.lcov lcov.info'.split()
PROGRAMS = (
    'bash bzip2 cargo cc chromium cmake convert curl docker dot ffmpeg firefox g++ gcc gdb gh git go google-chrome gpg'
    ' gs gzip java jq less ldconfig lsof make man mysql nano netstat nginx node npm openssl pandoc patch pdflatex'
    ' pdftotext perl pg_config pkg-config ping ps psql redis-cli redis-server rsync ruby rustc sh soffice sqlite3 ssh'
    ' ssh-keygen strace sudo svn tar tesseract tput tree unzip vim wget which wkhtmltopdf xdg-open xz zip'
).split()


def text(path):
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read(1 << 16)
    except OSError:
        return ''


def number(word):
    return int(word) if word.strip().isdigit() else None


def attempt(question):
    try:
        return question()
    except Exception:
        return None


# Name and version stand in the names of folders, so that none is opened (PEP 376).
def packages():
    found = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            stem, _, ending = name.rpartition('.')
            if ending in ('dist-info', 'egg-info') and len(found) < 2000:
                parts = stem.split('-')
                version = parts[1] if len(parts) > 1 else ''
                found.setdefault(parts[0], version)
    return found


def status(key):
    for line in text('/proc/self/status').splitlines():
        if line.startswith(key + ':'):
            return line.split()[1]
    return ''


def quota():
    words = text('/sys/fs/cgroup/cpu.max').split()
    if not words:
        words = (text('/sys/fs/cgroup/cpu/cpu.cfs_quota_us') + ' '
                 + text('/sys/fs/cgroup/cpu/cpu.cfs_period_us')).split()
    return int(words[0]) * 1000 // int(words[1]) if words[0].isdigit() else None


def memory():
    for path in ('/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'):
        limit = number(text(path))
        # The first version writes a number that no machine has where there is no limit.
        if limit and limit < 1 << 60:
            return limit
    return None


# Only a cgroup with a limit is certainly the job's own and not the machine's.
def peak():
    if memory():
        for path in ('/sys/fs/cgroup/memory.peak', '/sys/fs/cgroup/memory/memory.max_usage_in_bytes'):
            most = number(text(path))
            if most:
                return most
    return None


def processor():
    if not memory():
        return None
    for line in text('/sys/fs/cgroup/cpu.stat').splitlines():
        if line.startswith('usage_usec '):
            return int(line.split()[1]) // 1000
    used = number(text('/sys/fs/cgroup/cpuacct/cpuacct.usage'))
    return used // 1000000 if used else None


def default_route():
    lines = [line.split() for line in text('/proc/net/route').splitlines()[1:]]
    return any(line[1:2] == ['00000000'] for line in lines)


def on_memory(path):
    kinds = [line.split()[2] for line in text('/proc/mounts').splitlines()
             if line.split()[1:2] == [path]]
    return kinds[-1:] == ['tmpfs']


def room(path):
    is_there = os.statvfs(path)
    return is_there.f_frsize * is_there.f_blocks


def mask():
    now = os.umask(0)
    os.umask(now)
    return now


def user():
    import pwd
    return pwd.getpwuid(os.geteuid()).pw_name


def libc():
    return os.confstr('CS_GNU_LIBC_VERSION')


def system():
    for line in text('/etc/os-release').splitlines():
        if line.startswith('PRETTY_NAME='):
            return line[12:].strip('"')
    return None


def programs():
    folders = os.environ.get('PATH', '').split(':')
    return [name for name in PROGRAMS
            if any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders if folder)]


def variables():
    shown = {}
    for name in sorted(os.environ)[:1000]:
        harmless = name in HARMLESS or name.startswith('LC_')
        shown[name] = os.environ[name][:1000] if harmless else None
    return shown


def coverage():
    return {name: int(os.stat(name).st_mtime) for name in os.listdir('.')
            if name.startswith('.coverage') or name in REPORTS}


def other_case():
    here = os.getcwd()
    return None if here.swapcase() == here else not os.path.exists(here.swapcase())


def written(value):
    if isinstance(value, dict):
        return '{' + ','.join(quoted(key) + ':' + written(value[key]) for key in value) + '}'
    if isinstance(value, list):
        return '[' + ','.join(map(written, value)) + ']'
    if value is None or isinstance(value, bool):
        return {None: 'null', True: 'true', False: 'false'}[value]
    return str(value) if isinstance(value, int) else quoted(str(value))


print(written({
    'python': {
        'version': '%d.%d.%d' % sys.version_info[:3],
        'implementation': sys.implementation.name,
        'executable': sys.executable,
        'virtual_environment': sys.prefix != sys.base_prefix,
        'encoding': sys.stdout.encoding,
        'file_names': sys.getfilesystemencoding(),
    },
    'packages': attempt(packages),
    'uid': os.geteuid(),
    'gid': os.getegid(),
    'user': attempt(user),
    'home': os.path.expanduser('~'),
    'cwd': attempt(os.getcwd),
    'umask': mask(),
    'capabilities': attempt(lambda: int(status('CapEff'), 16)),
    'time_zone': time.strftime('%Z'),
    'utc_offset': attempt(lambda: time.localtime().tm_gmtoff),
    'cpus': attempt(lambda: len(os.sched_getaffinity(0))),
    'cpu_quota': attempt(quota),
    'memory': attempt(lambda: os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE')),
    'memory_limit': attempt(memory),
    'memory_peak': attempt(peak),
    'cpu_millis': attempt(processor),
    'default_route': attempt(default_route),
    'ipv6': attempt(lambda: bool(text('/proc/net/if_inet6'))),
    'case_sensitive': attempt(other_case),
    'tmp_in_memory': attempt(lambda: on_memory('/tmp')),
    'shared_memory': attempt(lambda: room('/dev/shm')),
    'kernel': os.uname().release,
    'machine': os.uname().machine,
    'libc': attempt(libc),
    'system': attempt(system),
    'programs': attempt(programs),
    'variables': attempt(variables),
    'coverage': attempt(coverage),
}))
