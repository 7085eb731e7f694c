//! Disk, memory, processes, time.

use crate::triage::signature::signatures;

signatures! {
    "disk.full" Disk Certain ["No space left on device"],
    "a disk is full",
    "free some: `docker system df`, `docker builder prune`; GitHub's runners have some 14 GB",
    yes "OSError: [Errno 28] No space left on device",
    no "space left on device: 12 GB";

    "disk.quota" Disk Certain ["Disk quota exceeded"],
    "the quota of a disk is used up",
    "free some, or write to another folder",
    yes "OSError: [Errno 122] Disk quota exceeded: '/home/ci/x'",
    no "disk quota: 10 GB";

    "disk.shm" Disk Certain ["could not resize shared memory segment", "No space left on device"],
    "the container's shared memory is full",
    "start it with `--shm-size=512m`",
    yes "psycopg2.errors.DiskFull: could not resize shared memory segment \"/PostgreSQL.1\" to 134483968 bytes: No space left on device",
    no "could not resize shared memory segment: invalid argument";

    "memory.killed" Memory Likely [" Killed "],
    not ["timeout "],
    "the kernel killed a process, most likely for memory",
    "give the job more memory, or run fewer workers at a time",
    yes "/tmp/x.sh: line 3:    42 Killed                  python -m pytest",
    no "the process was killed by the test";

    "memory.python" Memory Likely ["MemoryError"],
    not ["pytest.raises"],
    "Python got no more memory",
    "give the job more memory, or do less at a time",
    yes "E   MemoryError: Unable to allocate 8.00 GiB for an array with shape (1073741824,)",
    no "with pytest.raises(MemoryError):";

    "memory.oom_kill" Memory Certain ["Memory cgroup out of memory: Killed process"],
    "the container's limit of memory was reached and a process killed",
    "give the container more memory (`--memory`), or run fewer workers at a time",
    yes "kernel: Memory cgroup out of memory: Killed process 4242 (pytest) total-vm:812344kB",
    no "memory cgroup limit: 2 GiB";

    "memory.cannot_allocate" Memory Certain ["Cannot allocate memory"],
    "the machine has no memory left",
    "give the job more memory, or run fewer workers at a time",
    yes "OSError: [Errno 12] Cannot allocate memory",
    no "memory is allocated";

    "memory.node_heap" Memory Certain ["JavaScript heap out of memory"],
    "Node's limit of memory was reached",
    "set NODE_OPTIONS=--max-old-space-size=4096",
    yes "FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory",
    no "the JavaScript heap is small";

    "memory.exit_137" Memory Possible ["exit code 137"],
    "a process was killed by SIGKILL: for memory, or because somebody ended it",
    "look whether the container's `oom_kill` counter rose (`memory.events`)",
    yes "##[error]Process completed with exit code 137.",
    no "##[error]Process completed with exit code 1.";

    "processes.limit" Memory Certain ["Resource temporarily unavailable", "fork"],
    "the limit of processes is reached",
    "raise `--pids-limit`, or start fewer at a time",
    yes "bash: Resource temporarily unavailable: fork: retry",
    no "the resource is temporarily unavailable";

    "processes.limit_shell" Memory Certain ["fork: retry: Resource temporarily unavailable"],
    "the limit of processes is reached",
    "raise `--pids-limit`, or start fewer at a time",
    yes "bash: fork: retry: Resource temporarily unavailable",
    no "fork: done";

    "processes.thread" Memory Certain ["can't start new thread"],
    "the limit of processes and threads is reached",
    "raise `--pids-limit`; a crypto or numeric library may start one thread for each processor",
    yes "RuntimeError: can't start new thread",
    no "started new thread";

    "files.too_many_open" Memory Certain ["Too many open files"],
    "the limit of open files is reached",
    "raise it with `--ulimit nofile=65536`, or close what is opened",
    yes "OSError: [Errno 24] Too many open files: '/dev/null'",
    no "the open files are listed";

    "inotify.limit" Memory Certain ["inotify watch limit reached"],
    "the limit of watched files is reached",
    "raise `fs.inotify.max_user_watches` on the machine; a container has no limit of its own",
    yes "OSError: [Errno 28] inotify watch limit reached",
    no "inotify watches: 12";

    "time.pytest_timeout" Timeout Certain ["Failed: Timeout >"],
    "a test took longer than pytest-timeout allows",
    "the stack above shows where it stood",
    yes "E   Failed: Timeout >30.0s",
    no "timeout: 30.0s";

    "time.step" Timeout Certain ["has timed out after", "minutes."],
    "a step took longer than its `timeout-minutes`",
    "look at the last lines of its log: what was it waiting for",
    yes "##[error]The action 'Run tests' has timed out after 10 minutes.",
    no "it has timed out after a while";

    "time.job" Timeout Certain ["has exceeded the maximum execution time of"],
    "a job took longer than its `timeout-minutes`",
    "look at the last lines of its log: what was it waiting for",
    yes "##[error]The job running on runner GitHub Actions 2 has exceeded the maximum execution time of 30 minutes.",
    no "the maximum execution time is 30 minutes";

    "worker.exit_139" Worker Possible ["exit code 139"],
    "a process read or wrote memory that is not its own (SIGSEGV)",
    "run it with `PYTHONFAULTHANDLER=1`: that prints where Python was",
    yes "##[error]Process completed with exit code 139.",
    no "##[error]Process completed with exit code 13.";

    "worker.exit_134" Worker Possible ["exit code 134"],
    "a process ended itself (SIGABRT): an assertion of native code, or damaged memory",
    "run it with `PYTHONFAULTHANDLER=1`: that prints where Python was",
    yes "##[error]Process completed with exit code 134.",
    no "##[error]Process completed with exit code 13.";

    "command.exit_127" Command Possible ["exit code 127"],
    "the shell did not find a command",
    "install it in the image, or name its whole path",
    yes "##[error]Process completed with exit code 127.",
    no "##[error]Process completed with exit code 12.";

    "permissions.exit_126" Permissions Possible ["exit code 126"],
    "the shell found a command that it may not run",
    "give the file the executable bit, or run it with its interpreter",
    yes "##[error]Process completed with exit code 126.",
    no "##[error]Process completed with exit code 12.";

    "time.timeout_124" Timeout Possible ["exit code 124"],
    "the command `timeout` ended what it ran",
    "look at the last lines of its log",
    yes "##[error]Process completed with exit code 124.",
    no "##[error]Process completed with exit code 12.";

    "signal.segfault" Worker Certain ["Segmentation fault"],
    "a program crashed in native code",
    "look for a package whose wheel does not fit the C library or the processor; `PYTHONFAULTHANDLER=1` shows where",
    yes "Fatal Python error: Segmentation fault",
    no "the segmentation of the fault";

    "signal.illegal_instruction" Worker Certain ["Illegal instruction"],
    "a program uses instructions that this processor does not have",
    "take a build for plainer processors, or another runner",
    yes "Illegal instruction (core dumped)",
    no "an illegal move instruction";

    "disk.node" Disk Certain ["ENOSPC"],
    not ["file watchers"],
    "a disk is full",
    "free some: `docker system df`, `docker builder prune`; GitHub's runners have some 14 GB",
    yes "npm error code ENOSPC",
    no "npm error code ENOENT";

    "disk.sqlite" Disk Certain ["database or disk is full"],
    "the disk of an SQLite file is full",
    "free some, or write it to another folder",
    yes "sqlite3.OperationalError: database or disk is full",
    no "the database is full of leads";

    "inotify.limit_node" Memory Certain ["System limit for number of file watchers reached"],
    "the limit of watched files is reached",
    "raise `fs.inotify.max_user_watches` on the machine; a container has no limit of its own",
    yes "Error: ENOSPC: System limit for number of file watchers reached, watch '/app'",
    no "the number of file watchers is 12";

    "memory.killed_make" Memory Likely ["*** [", "] Killed"],
    "the kernel killed a process, most likely for memory",
    "give the job more memory, or run fewer workers at a time",
    yes "make: *** [Makefile:12: unit] Killed",
    no "make: *** [Makefile:12: unit] Error 1";

    "time.pytest_timeout_2" Timeout Certain ["Failed: Timeout (>"],
    "a test took longer than pytest-timeout allows",
    "the stack above shows where it stood",
    yes "E   Failed: Timeout (>30.0s) from pytest-timeout.",
    no "Failed: the timeout was not kept";

    "time.pytest_timeout_thread" Timeout Certain ["++ Timeout ++"],
    "a test took longer than pytest-timeout allows",
    "the stacks below show where its threads stood",
    yes "~~~~~~~~~~~~~~ Stack ~~~~~ +++++++++ Timeout +++++++++",
    no "timeout: 12";

    "time.faulthandler" Timeout Certain ["Timeout (", ")!"],
    "Python was to end after a time",
    "the stacks below show where its threads stood",
    yes "Timeout (0:05:00)!",
    no "a timeout (of 5 minutes)";

    "time.subprocess" Timeout Likely ["TimeoutExpired: Command"],
    "a command that Python ran took longer than it was given",
    "look what it was waiting for",
    yes "subprocess.TimeoutExpired: Command '['docker', 'info']' timed out after 5 seconds",
    no "the command was in time";

    "time.python" Timeout Likely ["TimeoutError"],
    not ["pytest.raises", "except ", "import ", "ReadTimeoutError", "SelectionTimeoutError", "ConnectTimeoutError", "QueuePool"],
    "something took longer than the code gives it",
    "the stack above shows what it waited for",
    yes "E   asyncio.exceptions.TimeoutError",
    no "a timeout error is expected";

    "time.node_test" Timeout Likely ["test timed out after"],
    "a test took longer than its runner allows",
    "look what it was waiting for",
    yes "Error: test timed out after 5000ms",
    no "the test was in time";

    "time.jest" Timeout Likely ["Exceeded timeout of"],
    "a test took longer than Jest allows",
    "look what it was waiting for",
    yes "thrown: \"Exceeded timeout of 5000 ms for a test.",
    no "the timeout is 5000 ms";

    "signal.fatal_python" Worker Certain ["Fatal Python error:"],
    not ["Segmentation fault"],
    "Python itself crashed, in native code",
    "the stack below shows the test; look for a package whose wheel does not fit the C library or the processor",
    yes "Fatal Python error: Bus error",
    no "a fatal error of Python code";

    "worker.pool" Worker Certain ["BrokenProcessPool"],
    "a process of a pool died",
    "run it alone; a crash without a message is most often memory",
    yes "concurrent.futures.process.BrokenProcessPool: A child process terminated abruptly, the process pool is not usable anymore",
    no "the pool has 4 processes";

    "worker.celery" Worker Certain ["WorkerLostError"],
    "a worker of Celery died",
    "signal 9 is most often memory: fewer at a time, or more for the job",
    yes "billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 15 (SIGTERM) Job: 1.",
    no "the worker is lost in thought";

    "worker.jest" Worker Certain ["worker process", "was terminated by another process"],
    "a worker of Jest died, most likely for memory",
    "`--maxWorkers`, or more memory for the job",
    yes "A jest worker process (pid=42) was terminated by another process: signal=SIGKILL, exitCode=null.",
    no "the worker process ended";

    "memory.exhausted" Memory Likely ["emory exhausted"],
    not ["Allowed memory"],
    "memory ran out",
    "give the job more memory, or do less at a time",
    yes "sort: memory exhausted",
    no "the memory is large";

    "memory.bad_alloc" Memory Likely ["std::bad_alloc"],
    "a program got no more memory",
    "give the job more memory, or do less at a time",
    yes "terminate called after throwing an instance of 'std::bad_alloc'",
    no "allocated";

    "worker.gunicorn_signal" Worker Certain ["Worker (pid:", "was sent SIG"],
    not ["SIGKILL", "SIGTERM", "SIGINT"],
    "a worker of the server crashed in native code",
    "run it with `PYTHONFAULTHANDLER=1`: that prints where Python was",
    yes "[WARNING] Worker (pid:27974) was sent SIGSEGV!",
    no "[INFO] Booting worker with pid: 27974";

    "time.timeout_signal" Timeout Certain ["timeout: sending signal"],
    "the command `timeout` ended what it ran",
    "look at the last lines of its log; a longer limit where it only was slow",
    yes "timeout: sending signal TERM to command 'pytest'",
    no "timeout: 30 s";
}
