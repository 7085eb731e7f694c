//! A real browser without a window, spoken to by the Chrome DevTools Protocol through a pair
//! of pipes (`--remote-debugging-pipe`): no port, no library.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// Names that browsers of the kind have.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-headless-shell",
    "chromium-browser",
    "google-chrome",
    "chrome",
];

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Its profile, which goes with it.
    _profile: tempfile::TempDir,
    session: String,
    last: u64,
    events: VecDeque<Value>,
    /// What it was asked to fetch.
    pub(crate) requests: Vec<String>,
    /// What it complained of: exceptions, errors and warnings in the console, refusals of
    /// the page's policy.
    pub(crate) complaints: Vec<String>,
}

/// Where a browser is.
fn find() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
        .expect("a browser: scripts/setup installs chromium where apt is at hand")
}

impl Browser {
    /// Starts one.
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        // The browser reads from descriptor 3 and writes to 4.
        let mut child = Command::new("sh")
            .arg("-c")
            .arg("exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1")
            .arg(find())
            .args([
                "--headless",
                "--remote-debugging-pipe",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .env("HOME", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a browser");
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut browser = Self {
            child,
            input,
            output,
            _profile: profile,
            session: String::new(),
            last: 0,
            events: VecDeque::new(),
            requests: Vec::new(),
            complaints: Vec::new(),
        };
        let page = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let target = json!({ "targetId": page["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", &target);
        browser.session = text(&attached["sessionId"]);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Calls a method and waits for its result.
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.last += 1;
        let id = self.last;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input
            .write_all(&bytes)
            .expect("a browser that listens");
        loop {
            let answer = self.read();
            if answer["id"] == id {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// Reads a message; of events the telling ones are kept.
    fn read(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.output.read_until(0, &mut bytes).expect("a message");
        assert!(bytes.pop().is_some(), "the browser has gone");
        let message: Value = serde_json::from_slice(&bytes).expect("JSON");
        let parameters = &message["params"];
        match message["method"].as_str() {
            Some("Network.requestWillBeSent") => {
                self.requests.push(text(&parameters["request"]["url"]));
            }
            Some("Runtime.exceptionThrown" | "Log.entryAdded" | "Runtime.consoleAPICalled") => {
                self.complaints.push(parameters.to_string());
            }
            Some(_) => self.events.push_back(message.clone()),
            None => {}
        }
        message
    }

    /// Shows a file and waits until it is there.
    pub(crate) fn open(&mut self, file: &Path, fragment: &str) {
        self.events.clear();
        let url = format!("file://{}{fragment}", file.display());
        self.call("Page.navigate", &json!({ "url": url }));
        let loaded = |event: &Value| event["method"] == "Page.loadEventFired";
        while !self.events.iter().any(loaded) {
            self.read();
        }
    }

    /// What an expression of the page's language gives.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let parameters = json!({
            "expression": expression,
            "returnByValue": true,
            "awaitPromise": true,
        });
        let result = self.call("Runtime.evaluate", &parameters);
        assert!(
            result.get("exceptionDetails").is_none(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Takes a size of the window in pixels, and light or dark.
    pub(crate) fn look(&mut self, width: u32, height: u32, scheme: &str) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [feature] }),
        );
    }

    /// Whether scripts may run in pages that are opened from now on.
    pub(crate) fn scripts(&mut self, allowed: bool) {
        let parameters = json!({ "value": !allowed });
        self.call("Emulation.setScriptExecutionDisabled", &parameters);
    }

    /// A picture of what is shown, PNG in base64.
    pub(crate) fn picture(&mut self) -> String {
        text(&self.call("Page.captureScreenshot", &json!({ "format": "png" }))["data"])
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
