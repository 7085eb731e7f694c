//! git and checkouts, beyond what `files` has.

use crate::triage::signature::signatures;

signatures! {

    "git.conflict" Git Likely ["CONFLICT (", "onflict in "],
    "a merge has a conflict",
    "merge the base into the branch and resolve it",
    yes "CONFLICT (content): Merge conflict in src/app.py",
    no "no conflicts in the merge";

    "git.identity" Git Certain ["Please tell me who you are"],
    "git has no name for commits",
    "`git config user.name` and `user.email` in the step",
    yes "*** Please tell me who you are.",
    no "please tell me who they are";

    "git.identity_email" Git Certain ["unable to auto-detect email address"],
    "git has no name for commits",
    "`git config user.name` and `user.email` in the step",
    yes "fatal: unable to auto-detect email address (got 'root@x.(none)')",
    no "detected the email address";

    "git.lock" Git Certain [".lock': File exists"],
    "git was ended in the middle of something and left a lock",
    "end other git processes, then remove the file",
    yes "fatal: Unable to create '/app/.git/shallow.lock': File exists.",
    no "the lock file exists";

    "git.no_merge_base" Git Certain ["fatal:", "no merge base"],
    "the checkout does not reach back to where the branches part",
    "`fetch-depth: 0` of actions/checkout",
    yes "fatal: origin/main...HEAD: no merge base",
    no "the merge base is 4f1a2b";

    "git.pathspec" Git Likely ["error: pathspec '", "did not match any file"],
    "git knows no such branch, tag or file",
    "`fetch-depth: 0` or `fetch-tags: true` of actions/checkout, or look at the name",
    yes "error: pathspec 'develop' did not match any file(s) known to git",
    no "the pathspec did match";

    "git.local_changes" Git Certain ["Your local changes to the following files would be overwritten"],
    "files of the checkout were changed before git was to replace them",
    "`git stash` or `git checkout -- .` before it; look which step changed them",
    yes "error: Your local changes to the following files would be overwritten by checkout:",
    no "your local changes are kept";

    "git.setuptools_scm" Git Certain ["unable to detect version for"],
    "the version is taken from git, and there is no repository or no tag",
    "`fetch-depth: 0` of actions/checkout; in an image SETUPTOOLS_SCM_PRETEND_VERSION",
    yes "LookupError: setuptools-scm was unable to detect version for /app.",
    no "detected version 1.2";

    "git.submodule" Git Likely ["into submodule path", "failed"],
    "a submodule cannot be had",
    "look at its address; a private one needs a token of its own",
    yes "fatal: clone of 'https://github.example/x' into submodule path '/app/x' failed",
    no "cloned into submodule path '/app/x'";

    "git.unrelated" Git Certain ["refusing to merge unrelated histories"],
    "two branches have no commit in common, or the checkout does not reach back to it",
    "`fetch-depth: 0` of actions/checkout",
    yes "fatal: refusing to merge unrelated histories",
    no "merging related histories";

    "git.repository_not_found" Git Certain ["remote: Repository not found"],
    "the repository is not there, or the token may not see it",
    "look at its name; a private one needs a token of its own",
    yes "remote: Repository not found.",
    no "the repository was found";

    "git.push_denied" Git Certain ["remote: Permission to", "denied to"],
    "the token may not push",
    "`permissions: contents: write` of the job",
    yes "remote: Permission to acme/app.git denied to ci-user.",
    no "the permission is given";

    "git.rejected" Git Likely ["! [rejected]"],
    "a push was refused: the branch has newer commits",
    "fetch and rebase before pushing",
    yes " ! [rejected]        main -> main (fetch first)",
    no " * [new branch]      main -> main";

    "git.lfs" Git Likely ["filter", "lfs", "failed"],
    "files of Git LFS cannot be had: git-lfs is not there, or its quota is used up",
    "`lfs: true` of actions/checkout, and git-lfs in the image",
    yes "fatal: a.bin: smudge filter lfs failed",
    no "the lfs filter is set";

    "git.patch" Git Likely ["patch does not apply"],
    "a patch does not fit the files",
    "look whether it is for another revision",
    yes "error: src/a.py: patch does not apply",
    no "the patch does apply";

    "git.no_object" Git Likely ["fatal: unable to read tree"],
    "the checkout does not have the revision",
    "`fetch-depth: 0` of actions/checkout",
    yes "fatal: unable to read tree (4f1a2b3c)",
    no "the tree is read";

    "git.not_a_tree" Git Likely ["reference is not a tree"],
    "the checkout does not have the revision",
    "`fetch-depth: 0` of actions/checkout; the branch may have been pushed anew",
    yes "fatal: reference is not a tree: 4f1a2b3c",
    no "the reference is a tree";

    "git.exists" Git Likely ["fatal: destination path '", "already exists and is not an empty directory"],
    "a clone is to go where something is already",
    "another folder, or empty it before",
    yes "fatal: destination path 'app' already exists and is not an empty directory.",
    no "the path is empty";

    "git.early_eof" Git Likely ["fatal: early EOF"],
    "a fetch broke off",
    "try again; if it stays, look at the proxy, or fetch less",
    yes "fatal: early EOF",
    no "the EOF is late";

    "git.unadvertised" Git Certain ["Direct fetching of that commit failed"],
    "a submodule points to a commit that its repository does not give",
    "push that commit, or fetch the submodule whole",
    yes "fatal: Fetched in submodule path 'x', but it did not contain 4f1a. Direct fetching of that commit failed.",
    no "that commit was fetched";

    "git.process" Git Possible ["bin/git' failed with exit code"],
    "git failed",
    "its own message stands above",
    yes "##[error]The process '/usr/bin/git' failed with exit code 1",
    no "the process '/usr/bin/git' ended";
}
