//! The workflow that `seatrial init --workflow` writes.

/// Its text: it needs no rights, starts nothing that the tests' own workflow starts, and fails
/// where an audit or a conversion says so.
pub(super) fn text(converted: bool) -> String {
    let mut text = format!(
        "# Written by `seatrial init --workflow`: looks after the workflows of this repository.\n\
         name: seatrial\n\
         \n\
         on:\n  \
           pull_request:\n    \
             paths:\n      \
               - .github/**\n      \
               - seatrial.toml\n  \
           push:\n    \
             branches:\n      \
               - main\n\
         \n\
         permissions:\n  \
           contents: read\n\
         \n\
         jobs:\n  \
           audit:\n    \
             runs-on: ubuntu-latest\n    \
             timeout-minutes: 30\n    \
             steps:\n      \
               - uses: actions/checkout@v4\n      \
               - run: cargo install --locked --git {repository} --tag v{version} seatrial\n      \
               - run: seatrial audit\n",
        repository = env!("CARGO_PKG_REPOSITORY"),
        version = env!("CARGO_PKG_VERSION"),
    );
    if converted {
        text.push_str("      - run: seatrial convert --check\n");
    }
    text
}
