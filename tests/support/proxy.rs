//! A proxy in front of the engine that counts calls and does harm to chosen ones.

use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader,
};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Runtime;

/// Where the real engine listens.
const ENGINE: &str = "/var/run/docker.sock";

/// What is done to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The client is killed; the engine never hears of the call.
    KillBefore,
    /// The client is killed when the engine has the call.
    KillDuring,
    /// The client is killed when it has the answer.
    KillAfter,
    /// The engine never hears of the call; this answer comes in its place.
    Status(u16),
    /// An answer of 200 without a body; the engine never hears of the call.
    Empty,
    /// Half of the engine's answer, then the connection ends.
    Half,
    /// The connection ends before the engine hears of the call.
    Refuse,
    /// The engine does what it is told, the connection ends before its answer.
    Swallow,
    /// The call takes this much longer.
    Delay(Duration),
    /// No answer ever; the engine never hears of the call.
    Hang,
    /// A stream ends after so many bytes from the engine.
    Cut(u64),
}

/// A call that was seen.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// `GET`, `POST` …
    pub(crate) method: String,
    /// Path and query without the version of the API.
    pub(crate) path: String,
    /// When it came.
    pub(crate) at: Instant,
}

/// A question about a call.
pub(crate) type Fits = Box<dyn Fn(usize, &Call) -> bool + Send>;

/// Which call is harmed: the first ones, of those that fit, get the fault.
pub(crate) struct Rule {
    /// Whether a call fits; the number counts all calls from 0.
    pub(crate) fits: Fits,
    /// How many are harmed.
    pub(crate) times: usize,
    /// What is done to them.
    pub(crate) fault: Fault,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    rule: Option<Rule>,
    client: Option<u32>,
    killed: Option<Instant>,
}

/// Where all proxies run.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// The proxy. It takes no more calls when it is dropped.
pub(crate) struct Proxy {
    folder: tempfile::TempDir,
    state: Arc<Mutex<State>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// A proxy in front of this machine's engine.
    pub(crate) fn new(rule: Option<Rule>) -> Self {
        Self::before(Path::new(ENGINE), rule)
    }

    /// A proxy in front of the engine that listens there.
    pub(crate) fn before(engine: &Path, rule: Option<Rule>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let state = Arc::new(Mutex::new(State {
            rule,
            ..State::default()
        }));
        let _inside = RUNTIME.enter();
        let listener = UnixListener::bind(folder.path().join("engine.sock")).expect("a socket");
        let shared = Arc::clone(&state);
        let engine = engine.to_owned();
        let accepting = RUNTIME.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                let engine = engine.clone();
                tokio::spawn(async move {
                    let Ok(engine) = UnixStream::connect(engine).await else {
                        return;
                    };
                    // An error is an end of the connection, on either side.
                    let _ = serve(client, engine, &state).await;
                });
            }
        });
        Self {
            folder,
            state,
            accepting,
        }
    }

    /// Its address, as `DOCKER_HOST` has it.
    pub(crate) fn address(&self) -> String {
        format!(
            "unix://{}",
            self.folder.path().join("engine.sock").display()
        )
    }

    /// The process that is to be killed.
    pub(crate) fn set_client(&self, pid: u32) {
        lock(&self.state).client = Some(pid);
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        lock(&self.state).calls.clone()
    }

    /// Does no more harm.
    pub(crate) fn mend(&self) {
        lock(&self.state).rule = None;
    }

    /// When the client was killed.
    pub(crate) fn killed(&self) -> Option<Instant> {
        lock(&self.state).killed
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Notes a call and says what is to be done to it.
    fn note(&mut self, call: Call) -> Option<Fault> {
        let number = self.calls.len();
        let fault = match &mut self.rule {
            Some(rule) if rule.times > 0 && (rule.fits)(number, &call) => {
                rule.times -= 1;
                Some(rule.fault)
            }
            _ => None,
        };
        self.calls.push(call);
        fault
    }

    /// Kills the client, once.
    fn kill(&mut self) {
        let pid = self
            .client
            .take()
            .and_then(|pid| rustix::process::Pid::from_raw(i32::try_from(pid).ok()?));
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            self.killed = Some(Instant::now());
        }
    }
}

/// The head of a request or an answer, and how long the body is.
struct Head {
    text: String,
    length: Option<u64>,
    chunked: bool,
    upgrade: bool,
}

async fn head(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<Head>> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if from.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        bytes.extend(byte);
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let lower = text.to_ascii_lowercase();
    let value = |name: &str| {
        lower
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    Ok(Some(Head {
        length: value("content-length:").and_then(|text| text.parse().ok()),
        chunked: value("transfer-encoding:").is_some_and(|text| text.contains("chunked")),
        upgrade: value("upgrade:").is_some(),
        text,
    }))
}

/// One connection, call after call.
async fn serve(
    mut client: UnixStream,
    engine: UnixStream,
    state: &Mutex<State>,
) -> std::io::Result<()> {
    let (client_read, mut to_client) = client.split();
    let mut from_client = BufReader::new(client_read);
    let (engine_read, mut to_engine) = engine.into_split();
    let mut from_engine = BufReader::new(engine_read);
    while let Some(request) = head(&mut from_client).await? {
        let mut words = request.text.split(' ');
        let call = Call {
            method: words.next().unwrap_or_default().to_owned(),
            path: unversioned(words.next().unwrap_or_default()).to_owned(),
            at: Instant::now(),
        };
        let get = call.method == "HEAD";
        let fault = lock(state).note(call);
        match fault {
            Some(Fault::KillBefore) => {
                lock(state).kill();
                return Ok(());
            }
            Some(Fault::Refuse) => return Ok(()),
            Some(Fault::Hang) => {
                // Until the client gives up.
                let _ = tokio::io::copy(&mut from_client, &mut tokio::io::sink()).await;
                return Ok(());
            }
            Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
            Some(Fault::Status(_) | Fault::Empty) => {
                body(&request, &mut from_client, &mut tokio::io::sink()).await?;
                to_client.write_all(answer(fault).as_bytes()).await?;
                return Ok(());
            }
            _ => {}
        }
        to_engine.write_all(request.text.as_bytes()).await?;
        body(&request, &mut from_client, &mut to_engine).await?;
        if fault == Some(Fault::KillDuring) {
            lock(state).kill();
            return Ok(());
        }
        let Some(response) = head(&mut from_engine).await? else {
            return Ok(());
        };
        match fault {
            Some(Fault::Swallow) => return Ok(()),
            Some(Fault::Half) => {
                let half = response.text.len() / 2;
                let half = response.length.map_or(half, |_| response.text.len());
                to_client
                    .write_all(response.text.get(..half).unwrap_or_default().as_bytes())
                    .await?;
                let length = response.length.unwrap_or(0) / 2;
                let mut some = (&mut from_engine).take(length);
                tokio::io::copy(&mut some, &mut to_client).await?;
                return Ok(());
            }
            _ => {}
        }
        to_client.write_all(response.text.as_bytes()).await?;
        if fault == Some(Fault::KillAfter) {
            to_client.flush().await?;
            lock(state).kill();
            return Ok(());
        }
        if request.upgrade {
            let up = async {
                tokio::io::copy(&mut from_client, &mut to_engine).await?;
                to_engine.shutdown().await
            };
            if let Some(Fault::Cut(bytes)) = fault {
                let mut some = (&mut from_engine).take(bytes);
                tokio::io::copy(&mut some, &mut to_client).await?;
                return Ok(());
            }
            let down = async {
                tokio::io::copy(&mut from_engine, &mut to_client).await?;
                to_client.shutdown().await
            };
            tokio::try_join!(up, down)?;
            return Ok(());
        }
        let without = get
            || response.text.contains(" 204 ")
            || response.text.contains(" 304 ")
            || response.length == Some(0);
        if without {
            continue;
        }
        if response.length.is_none() && !response.chunked {
            tokio::io::copy(&mut from_engine, &mut to_client).await?;
            return Ok(());
        }
        tokio::select! {
            done = body(&response, &mut from_engine, &mut to_client) => done?,
            // A client that goes away ends the call.
            gone = gone(&mut from_client) => return gone,
        }
    }
    Ok(())
}

/// Waits for the end of the client's connection. A client that sends its next call
/// before it has this answer would wait for ever; none does.
async fn gone(client: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<()> {
    loop {
        if client.fill_buf().await?.is_empty() {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

/// The path behind `/v1.41`.
fn unversioned(path: &str) -> &str {
    path.strip_prefix("/v")
        .and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)))
        .unwrap_or(path)
}

/// Copies a body as it is.
async fn body(
    head: &Head,
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> std::io::Result<()> {
    if let Some(length) = head.length {
        let mut limited = from.take(length);
        tokio::io::copy(&mut limited, to).await?;
        return to.flush().await;
    }
    if !head.chunked {
        return Ok(());
    }
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(from.read_u8().await?);
        }
        to.write_all(&line).await?;
        let text = String::from_utf8_lossy(&line);
        let size = u64::from_str_radix(text.trim(), 16).unwrap_or(0);
        // The chunk and its line end; behind the last chunk there is only the latter.
        let mut chunk = (&mut *from).take(size + 2);
        tokio::io::copy(&mut chunk, to).await?;
        to.flush().await?;
        if size == 0 {
            return Ok(());
        }
    }
}

/// An answer that the engine did not give.
fn answer(fault: Option<Fault>) -> String {
    match fault {
        Some(Fault::Status(status)) => {
            let body = r#"{"message":"a fault of the test"}"#;
            format!(
                "HTTP/1.1 {status} Fault\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
        }
        _ => "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    }
}
