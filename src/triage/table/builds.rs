//! What builders have against a Dockerfile, and registries against a pull, beyond their plainest
//! messages.

use crate::triage::signature::signatures;

signatures! {

    "build.context_missing" Build Certain ["unable to prepare context: path", "not found"],
    "the folder that is to be built is not there",
    "look at the current folder of the step, and whether the checkout has submodules",
    yes "ERROR: unable to prepare context: path \"./api\" not found",
    no "unable to prepare context: the archive is damaged";

    "build.dockerfile_lstat" Build Certain ["resolve : lstat ", "no such file or directory"],
    "the Dockerfile is not where the build looks for it",
    "name it with `--file`, relative to the current folder, not to the context",
    yes "ERROR: resolve : lstat ci: no such file or directory",
    no "resolve : lstat ci: done";

    "build.parse" Build Certain ["ockerfile parse error"],
    not ["unknown instruction"],
    "the Dockerfile cannot be read",
    "correct the line that the message names",
    yes "ERROR: failed to solve: dockerfile parse error on line 3: COPY requires at least two arguments",
    no "the Dockerfile is parsed without an error";

    "build.no_base" Build Certain ["base name (", "should not be blank"],
    "a `FROM` takes its image from an argument that has no value",
    "give the `ARG` above it a default, or the build `--build-arg`",
    yes "ERROR: failed to solve: base name ($BASE_IMAGE) should not be blank",
    no "the base name is python";

    "build.empty" Build Certain ["Dockerfile", "cannot be empty"],
    "the Dockerfile is empty",
    "look whether the right file is named, and whether the step before wrote it",
    yes "ERROR: failed to solve: the Dockerfile (Dockerfile.test) cannot be empty",
    no "the Dockerfile has 12 lines";

    "build.no_stage" Build Certain ["no build stage in current context"],
    "the Dockerfile has an instruction before its first `FROM`",
    "begin it with `FROM`",
    yes "ERROR: failed to solve: dockerfile parse error on line 1: no build stage in current context",
    no "the build stage in this context is test";

    "build.executor_failed" Build Possible ["executor failed running [", "]: exit code:"],
    "a command of the Dockerfile failed",
    "its own message stands above this line",
    yes "failed to solve: executor failed running [/bin/sh -c apt-get install -y gcc]: exit code: 100",
    no "the executor is running [/bin/sh]";

    "build.secret_missing" Build Certain ["secret ", "not found: not found"],
    "the Dockerfile wants a secret that the build is not given",
    "`--secret id=…` of `docker buildx build`, `secrets:` of `docker/build-push-action`",
    yes "ERROR: failed to solve: secret pip_conf not found: not found",
    no "the secret pip_conf was found";

    "build.secret_missing_new" Build Certain ["failed to solve: secret ", ": not found"],
    "the Dockerfile wants a secret that the build is not given",
    "`--secret id=…` of `docker buildx build`, `secrets:` of `docker/build-push-action`",
    yes "ERROR: failed to solve: secret pip_conf: not found",
    no "failed to solve: process 1";

    "build.add_failed" Build Certain ["ADD failed:"],
    "an `ADD` names what cannot be had",
    "look at its path or address",
    yes "ADD failed: failed to GET https://example.org/x.tgz with status 404 Not Found",
    no "ADD x.tgz /opt";

    "registry.status" Registry Certain ["failed with status code [manifests"],
    "the registry refuses the base image",
    "429 is its limit of pulls, 401 and 403 ask for a login: `docker login`",
    yes "ERROR: failed to solve: pulling from host ghcr.example failed with status code [manifests latest]: 401 Unauthorized",
    no "pulling from host ghcr.example done";

    "registry.unexpected_status" Registry Likely ["unexpected status from", "request to http"],
    "the registry answers with a failure",
    "5xx passes most often; 429 is its limit of pulls, 401 and 403 ask for a login",
    yes "ERROR: failed to solve: failed to push ghcr.example/a/b: unexpected status from POST request to https://ghcr.example/v2/a/b/blobs/uploads/: 403 Forbidden",
    no "the status from the request is 200";

    "registry.server_error" Registry Likely ["received unexpected HTTP status: 5"],
    "the registry is out of order",
    "try again; if it stays, look at its status page, or use a mirror",
    yes "Error response from daemon: received unexpected HTTP status: 502 Bad Gateway",
    no "received HTTP status: 200 OK";

    "registry.bad_layer" Registry Certain ["filesystem layer verification failed"],
    "a layer has other bytes than the image says",
    "try again; if it stays, a proxy or mirror changes or cuts what it hands on",
    yes "filesystem layer verification failed for digest sha256:4f1a",
    no "the layer is verified";

    "registry.base_not_found" Registry Certain ["failed to create LLB definition:", ": not found"],
    "the base image has no such tag",
    "look which tags there are",
    yes "failed to solve: rpc error: code = Unknown desc = failed to create LLB definition: docker.io/library/python:3.99: not found",
    no "failed to create LLB definition: no build stage";

    "registry.daemon_denied" Registry Likely ["Error response from daemon: denied"],
    "the registry does not show the image to you",
    "look at the name, and log in (`docker login`)",
    yes "Error response from daemon: denied: denied",
    no "Error response from daemon: conflict";

    "registry.daemon_unauthorized" Registry Likely ["Error response from daemon: unauthorized"],
    not ["authentication required"],
    "the registry asks for a login",
    "log in before (`docker/login-action`); a fork has no secrets",
    yes "Error response from daemon: unauthorized: incorrect username or password",
    no "the user is unauthorized";

    "registry.daemon_refused" Registry Certain ["Error response from daemon: Get \"http", "connect: connection refused"],
    "no registry listens at the address",
    "look at the name of the image: what stands before its first `/` is the registry",
    yes "Error response from daemon: Get \"http://localhost:5000/v2/\": dial tcp 127.0.0.1:5000: connect: connection refused",
    no "Error response from daemon: Get \"http://localhost:5000/v2/\": EOF";

    "build.instruction" Build Likely ["failed to create LLB definition:"],
    not [": not found", "failed with status code", "no build stage", "parse error", "blank", "cannot be empty", "could not be found", "failed to do request"],
    "the Dockerfile cannot be read",
    "the rest of the message says what is wrong",
    yes "failed to create LLB definition: ONBUILD requires at least one argument",
    no "the LLB definition";

    "compose.build_failed" Build Likely ["Service '", "' failed to build"],
    "the image of a service cannot be built",
    "its own message stands above this line",
    yes "ERROR: Service 'web' failed to build: something",
    no "the service is built";

    "registry.push_status" Registry Likely ["ERROR: failed to solve: unexpected status: 4"],
    "a registry refuses what the build wants to push, or its cache",
    "`docker/login-action` before it, and `packages: write` among the job's `permissions`",
    yes "ERROR: failed to solve: unexpected status: 403 Forbidden",
    no "ERROR: failed to solve: unexpected EOF";
}
