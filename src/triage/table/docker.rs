//! The Docker daemon and its API, BuildKit, registries.

use crate::triage::signature::signatures;

signatures! {
    "docker.daemon_unreachable" Engine Certain ["Cannot connect to the Docker daemon at"],
    "no Docker daemon answers",
    "start it (`systemctl start docker`), or point DOCKER_HOST to one that runs",
    yes "ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    no "Connected to the Docker daemon at unix:///var/run/docker.sock";

    "docker.daemon_dial" Engine Certain ["error during connect:"],
    "the address of the Docker daemon leads nowhere",
    "look at DOCKER_HOST and `docker context ls`",
    yes "error during connect: Get \"http://docker:2375/v1.41/info\": dial tcp: lookup docker: no such host",
    no "an error during connection set-up was retried";

    "docker.socket_permission" Permissions Certain ["permission denied while trying to connect to the Docker"],
    "this user may not use the Docker daemon's socket",
    "add the user to the group `docker`, or give the job the socket's group with `--group-add`",
    yes "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.24/info\"",
    no "permission was granted while trying to connect to the Docker daemon socket";

    "docker.api_version" Engine Certain ["client version", "is too new. Maximum supported API version is"],
    "the docker client is newer than the daemon allows",
    "set DOCKER_API_VERSION to the version that the message names, or upgrade the daemon",
    yes "Error response from daemon: client version 1.43 is too new. Maximum supported API version is 1.41",
    no "client version 1.41 is supported";

    "docker.api_version_old" Engine Certain ["client version", "is too old. Minimum supported API version is"],
    "the docker client is older than the daemon allows",
    "upgrade the docker client or library",
    yes "Error response from daemon: client version 1.22 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version",
    no "this image is too old";

    "docker.no_such_image" Registry Certain ["No such image:"],
    "the image is not on the engine",
    "build or pull it first, or correct its name",
    yes "Error response from daemon: No such image: team/tests:latest",
    no "No such file: image.png";

    "docker.no_such_container" Engine Possible ["No such container:"],
    "a container that a command names is gone: it was removed, or never started",
    "look at what became of it before; `--rm` removes a container before `docker cp` can read it",
    yes "Error response from daemon: No such container: tests",
    no "the container: tests";

    "docker.name_in_use" Engine Certain ["The container name", "is already in use by container"],
    "a container of an earlier run has the same name",
    "remove it (`docker rm -f NAME`), or leave the name to Docker",
    yes "docker: Error response from daemon: Conflict. The container name \"/db\" is already in use by container \"5f1c\". You have to remove (or rename) that container to be able to reuse that name.",
    no "the container name \"/db\" is free";

    "docker.port_allocated" Port Certain ["Bind for", "failed: port is already allocated"],
    "a published port is taken by another container",
    "stop what has it, or publish no port: containers of one network reach each other without",
    yes "Error response from daemon: driver failed programming external connectivity on endpoint db (8f): Bind for 0.0.0.0:5432 failed: port is already allocated",
    no "Bind for 0.0.0.0:5432 succeeded";

    "docker.address_pool" Engine Certain ["could not find an available, non-overlapping IPv4 address pool"],
    "the engine has no address range left for one more network",
    "remove networks that nobody uses (`docker network prune`), or give the daemon more `default-address-pools`",
    yes "Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
    no "found an available IPv4 address pool";

    "docker.pool_overlaps" Engine Certain ["Pool overlaps with other one on this address space"],
    "a network asks for addresses that another one has",
    "choose another `subnet`, or none",
    yes "Error response from daemon: Pool overlaps with other one on this address space",
    no "the pool overlaps in time";

    "docker.exec_format" Command Certain ["exec format error"],
    "a program is for another processor than the engine's",
    "build the image for the engine's platform, or set up QEMU (`docker/setup-qemu-action`)",
    yes "exec /usr/local/bin/pytest: exec format error",
    no "the exec format is checked";

    "docker.platform_mismatch" Build Possible ["The requested image's platform", "does not match the detected host platform"],
    "the image is for another platform than the engine's, and runs emulated if at all",
    "use an image of the engine's platform",
    yes "WARNING: The requested image's platform (linux/arm64) does not match the detected host platform (linux/amd64/v3) and no specific platform was requested",
    no "the platform does match";

    "docker.no_manifest_for_platform" Registry Certain ["no matching manifest for"],
    "the image does not exist for this platform",
    "use a tag that has it, or another `--platform`",
    yes "no matching manifest for linux/arm64/v8 in the manifest list entries",
    no "a matching manifest for linux/arm64 was found";

    "docker.oci_not_found" Command Certain ["OCI runtime", "executable file not found in $PATH"],
    "the image does not have the command that the container was to run",
    "install it in the image, or name it with its whole path",
    yes "docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"pytest\": executable file not found in $PATH: unknown.",
    no "OCI runtime runc 1.1.5 was found";

    "docker.oci_permission" Permissions Certain ["unable to start container process", "permission denied"],
    "what the container was to run is not executable for its user",
    "`chmod +x` in the Dockerfile (`COPY --chmod=755`)",
    yes "OCI runtime create failed: runc create failed: unable to start container process: exec: \"/entrypoint.sh\": permission denied: unknown",
    no "unable to start container process: exec: \"/entrypoint.sh\": no such file or directory";

    "docker.workdir" Build Certain ["the working directory", "is invalid, it needs to be an absolute path"],
    "a working directory is not an absolute path",
    "begin it with `/`",
    yes "docker: Error response from daemon: the working directory 'app' is invalid, it needs to be an absolute path.",
    no "the working directory '/app' is used";

    "docker.mount_missing" Engine Certain ["invalid mount config for type \"bind\": bind source path does not exist"],
    "a folder that is to be mounted is not there on the engine's machine",
    "create it before; a daemon elsewhere has its own files",
    yes "docker: Error response from daemon: invalid mount config for type \"bind\": bind source path does not exist: /work/reports.",
    no "invalid mount config for type \"volume\"";

    "docker.container_not_running" Engine Certain ["Error response from daemon:", "is not running"],
    "a container that a command needs has ended",
    "read its log (`docker logs NAME`): why it ended stands there",
    yes "Error response from daemon: Container 4f1a2b is not running",
    no "Error response from daemon: No such container: db";

    "build.dockerfile_missing" Build Certain ["failed to read dockerfile: open"],
    "the Dockerfile is not where the build looks for it",
    "name it with `--file`, relative to the current folder, not to the context",
    yes "ERROR: failed to solve: failed to read dockerfile: open Dockerfile.test: no such file or directory",
    no "transferring dockerfile: 412B done";

    "build.dockerfile_missing_classic" Build Certain ["unable to prepare context: unable to evaluate symlinks in Dockerfile path"],
    "the Dockerfile is not where the build looks for it",
    "name it with `--file`, relative to the current folder, not to the context",
    yes "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat /work/Dockerfile.test: no such file or directory",
    no "context prepared";

    "build.copy_missing" Build Certain ["failed to compute cache key", "not found"],
    "a `COPY` names what the build context does not have",
    "look whether it is spelt so, and whether `.dockerignore` leaves it out",
    yes "ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref abc::def: \"/requirements-dev.txt\": not found",
    no "computed cache key: requirements found";

    "build.copy_missing_classic" Build Certain ["COPY failed:"],
    "a `COPY` names what the build context does not have",
    "look whether it is spelt so, and whether `.dockerignore` leaves it out",
    yes "COPY failed: file not found in build context or excluded by .dockerignore: stat requirements-dev.txt: no such file or directory",
    no "COPY requirements.txt .";

    "build.step_failed" Build Possible ["process \"", "\" did not complete successfully: exit code:"],
    "a command of the Dockerfile failed",
    "its own message stands above this line",
    yes "ERROR: failed to solve: process \"/bin/sh -c pip install -r requirements.txt\" did not complete successfully: exit code: 1",
    no "process \"/bin/sh -c pip install\" completed";

    "build.step_failed_classic" Build Possible ["The command '", "returned a non-zero code:"],
    "a command of the Dockerfile failed",
    "its own message stands above this line",
    yes "The command '/bin/sh -c apt-get install -y gcc' returned a non-zero code: 100",
    no "The command '/bin/sh -c true' ended";

    "build.unknown_instruction" Build Certain ["unknown instruction:"],
    "the Dockerfile has a word that is no instruction",
    "correct it; a `RUN` over several lines needs `\\` at their ends",
    yes "ERROR: failed to solve: dockerfile parse error on line 4: unknown instruction: RUNN",
    no "the last instruction: RUN";

    "build.stage_missing" Build Certain ["target stage", "could not be found"],
    "the stage that the build asks for is not in the Dockerfile",
    "name one that is there behind `AS`",
    yes "ERROR: failed to solve: target stage \"test\" could not be found",
    no "target stage \"test\" found";

    "build.syntax_image" Network Likely ["failed to resolve source metadata for docker.io/docker/dockerfile"],
    "the frontend that the first line of the Dockerfile names cannot be had",
    "remove the `# syntax=` line, or let the builder reach the registry",
    yes "ERROR: failed to solve: docker/dockerfile:1: failed to resolve source metadata for docker.io/docker/dockerfile:1: failed to do request",
    no "resolve image config for docker.io/docker/dockerfile:1 done";

    "build.cache_export" Build Possible ["failed to solve: Cache export is not supported for the docker driver"],
    "the builder cannot export its cache",
    "set up a builder of the driver `docker-container` (`docker/setup-buildx-action`)",
    yes "ERROR: failed to solve: Cache export is not supported for the docker driver.",
    no "exporting cache to GitHub Actions Cache done";

    "build.cache_export_new" Build Certain ["Cache export is not supported for the docker driver"],
    not ["failed to solve"],
    "the builder cannot export its cache",
    "set up a builder of the driver `docker-container` (`docker/setup-buildx-action`)",
    yes "ERROR: Cache export is not supported for the docker driver.",
    no "cache export is done";

    "build.buildkit_off" Build Certain ["the --mount option requires BuildKit"],
    "the Dockerfile needs BuildKit, and the classic builder builds it",
    "set DOCKER_BUILDKIT=1, or use `docker buildx build`",
    yes "the --mount option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled",
    no "RUN --mount=type=cache is used";

    "registry.rate_limit" Registry Certain ["toomanyrequests:"],
    "the registry's limit of pulls is reached",
    "log in before pulling, or use a mirror",
    yes "Error response from daemon: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit",
    no "too many requests were answered";

    "registry.denied" Registry Certain ["pull access denied for"],
    "the registry has no such image, or does not show it to you",
    "look at the name, and log in (`docker login`)",
    yes "Error response from daemon: pull access denied for acme/tests, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    no "pull access granted for acme/tests";

    "registry.unauthorized" Registry Certain ["unauthorized: authentication required"],
    "the registry asks for a login",
    "log in before (`docker/login-action`); a fork has no secrets",
    yes "unauthorized: authentication required",
    no "authentication required by the user";

    "registry.manifest_unknown" Registry Certain ["manifest unknown"],
    "the image has no such tag",
    "look which tags there are",
    yes "Error response from daemon: manifest for python:3.99-slim not found: manifest unknown: manifest unknown",
    no "manifest for python:3.12-slim found";

    "registry.not_found" Registry Certain ["failed to resolve source metadata for", ": not found"],
    "the base image has no such tag",
    "look which tags there are",
    yes "ERROR: failed to solve: python:3.99-slim: failed to resolve source metadata for docker.io/library/python:3.99-slim: docker.io/library/python:3.99-slim: not found",
    no "resolve source metadata for python:3.12-slim done";

    "registry.no_basic_auth" Registry Certain ["no basic auth credentials"],
    "the registry asks for a login that the engine does not have",
    "log in to the registry that the image's name begins with",
    yes "Error response from daemon: Head \"https://ecr.example/v2/tests/manifests/1\": no basic auth credentials",
    no "basic auth credentials are used";

    "docker.runtime_unknown" Engine Certain ["nknown runtime specified"],
    "a container asks for a runtime that the engine does not have",
    "leave `--runtime` out, or install it on the engine's machine",
    yes "docker: Error response from daemon: Unknown runtime specified nvidia.",
    no "an unknown run was specified";

    "docker.runtime_invalid" Engine Certain ["unknown or invalid runtime name"],
    "a container asks for a runtime that the engine does not have",
    "leave `--runtime` out, or install it on the engine's machine",
    yes "docker: Error response from daemon: unknown or invalid runtime name: nvidia",
    no "the runtime name is runc";

    "docker.gpu" Engine Certain ["could not select device driver"],
    "a container asks for a GPU that the engine cannot give",
    "a runner with one and its container toolkit, or no `--gpus`",
    yes "docker: Error response from daemon: could not select device driver \"nvidia\" with capabilities: [[gpu compute]].",
    no "selected device driver \"nvidia\"";

    "docker.no_network" Engine Certain ["Error response from daemon: network ", "not found"],
    "a network that a command names is not there",
    "create it before, or let compose make it",
    yes "docker: Error response from daemon: network app_default not found.",
    no "Error response from daemon: network app_default is in use";

    "docker.no_user" Engine Certain ["unable to find user", "no matching entries in passwd file"],
    "a container is to run as a user that the image lacks",
    "the user's number instead of its name, or make it in the Dockerfile",
    yes "unable to find user ci: no matching entries in passwd file",
    no "the user was found";

    "docker.memory_minimum" Engine Certain ["Minimum memory limit allowed is"],
    "a container is given less memory than the engine allows",
    "more (`--memory`), with its unit: `512m`",
    yes "Minimum memory limit allowed is 6MB",
    no "the memory limit is 6GB";

    "docker.volume_name" Engine Certain ["includes invalid characters for a local volume name"],
    "what stands before the `:` of a volume is neither a whole path nor a name",
    "begin a path with `/` or `./`, or `$PWD/`",
    yes "\"my reports\" includes invalid characters for a local volume name",
    no "the name of the local volume";

    "docker.mount_kind" Engine Certain ["Are you trying to mount a directory onto a file (or vice-versa)"],
    "a file that is mounted is not there on the engine's machine, which made a folder of its name",
    "create it before; a daemon elsewhere has its own files",
    yes "Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists",
    no "a directory is mounted";

    "docker.reference" Registry Certain ["invalid reference format"],
    "the name of an image is wrong, or empty",
    "look at the variable that it is made of; capital letters are not allowed",
    yes "docker: invalid reference format: repository name must be lowercase",
    no "a valid reference";

    "registry.pulling" Registry Likely ["error pulling image"],
    "an image cannot be had",
    "the end of the message says why; try again",
    yes "error pulling image configuration: download failed after attempts=6: EOF",
    no "pulling image";

    "registry.request" Registry Likely ["failed to do request:"],
    not ["no such host", "x509", "Temporary failure", "i/o timeout"],
    "a registry cannot be reached",
    "the end of the message says why",
    yes "failed to do request: Head \"https://registry.example/v2/a/manifests/1\": EOF",
    no "the request is done";

    "registry.daemon_request" Registry Likely ["Error response from daemon: Head"],
    not ["no such host", "x509"],
    "a registry refuses or cannot be reached",
    "the end of the message says why",
    yes "Error response from daemon: Head \"https://ghcr.example/v2/a/manifests/1\": denied",
    no "Error response from daemon: conflict";

    "compose.no_service" Engine Likely ["no such service:"],
    "compose has no such service",
    "look at its name, and which compose file is read",
    yes "no such service: db",
    no "the service is there";

    "compose.no_file" Engine Likely ["no configuration file provided"],
    "compose finds no compose file",
    "look at the folder of the step, or name it with `-f`",
    yes "no configuration file provided: not found",
    no "a configuration file is provided";

    "compose.undefined" Engine Likely ["refers to undefined"],
    "a compose file names what it does not define",
    "look at the names below `volumes`, `networks`, `configs`",
    yes "service \"web\" refers to undefined network backend: invalid compose project",
    no "it refers to a network";

    "docker.invalid" Engine Likely ["docker: invalid "],
    not ["reference format"],
    "an option of `docker run` is wrong",
    "the rest of the message says which",
    yes "docker: invalid restart policy: unknown policy 'no-stop'",
    no "docker: an invalid guess";

    "docker.daemon_python" Engine Certain ["Couldn't connect to Docker daemon"],
    "no Docker daemon answers",
    "start it (`systemctl start docker`, or the `docker:dind` service), or point DOCKER_HOST to one that runs",
    yes "Couldn't connect to Docker daemon at http://docker:2375 - is it running?",
    no "connected to the Docker daemon";
}
