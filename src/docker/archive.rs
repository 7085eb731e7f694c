//! Files into and out of a container, as tar streams.
//!
//! Only uncompressed tar is sent: for a compressed one the engine looks up the
//! decompressor inside the container (CVE-2026-42306).

use std::io::{self, Read};
use std::pin::Pin;

use bollard::query_parameters::{DownloadFromContainerOptions, UploadToContainerOptions};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::client::{Docker, Weight};
use super::error::DockerError;

/// A tar stream to be read by blocking code. Nothing in it is trusted.
pub(crate) type TarReader = Box<dyn Read + Send>;

/// Pieces on their way to the engine; few, so that a slow engine slows the
/// reading of files and memory stays small.
const PIECES: usize = 4;
/// Size of one piece.
const PIECE: usize = 256 * 1024;

/// The body of an upload.
pub(crate) type TarBody = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// Runs `write` on a thread of its own and gives what it writes as a stream. An
/// error of `write` ends the stream with that error.
pub(crate) fn tar_body<F>(write: F) -> TarBody
where
    F: FnOnce(&mut dyn io::Write) -> io::Result<()> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(PIECES);
    tokio::task::spawn_blocking(move || {
        let mut writer = PieceWriter {
            sender,
            piece: Vec::with_capacity(PIECE),
        };
        let result = write(&mut writer).and_then(|()| writer.send());
        if let Err(error) = result {
            // Nobody listens any more when this fails: the upload has ended.
            let _ = writer.sender.blocking_send(Err(error));
        }
    });
    Box::pin(futures_util::stream::unfold(
        receiver,
        |mut receiver| async move { receiver.recv().await.map(|piece| (piece, receiver)) },
    ))
}

struct PieceWriter {
    sender: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl PieceWriter {
    fn send(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.sender
            .blocking_send(Ok(piece.into()))
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the upload has ended"))
    }
}

impl io::Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Docker {
    /// Unpacks a tar stream below `dir` of a container.
    pub(crate) async fn upload(
        &self,
        container: &str,
        dir: &str,
        body: TarBody,
    ) -> Result<(), DockerError> {
        let options = UploadToContainerOptions {
            path: dir.to_owned(),
            ..UploadToContainerOptions::default()
        };
        self.once(
            "upload archive",
            Weight::Heavy,
            self.api
                .upload_to_container(container, Some(options), bollard::body_try_stream(body)),
        )
        .await
    }

    /// The tar stream of one path of a container; `None` when it does not exist.
    /// A `200` is no proof that everything is in it: the engine leaves out what
    /// it cannot read.
    pub(crate) async fn download(
        &self,
        container: &str,
        path: &str,
    ) -> Result<Option<TarReader>, DockerError> {
        let options = DownloadFromContainerOptions {
            path: path.to_owned(),
        };
        let stream = self.api.download_from_container(container, Some(options));
        self.tar_reader("download archive", Box::pin(stream)).await
    }

    /// An image as `docker save` writes it: a tar stream of its layers.
    pub(crate) async fn save(&self, image: &str) -> Result<Option<TarReader>, DockerError> {
        let stream = self.api.export_image(image);
        self.tar_reader("save image", Box::pin(stream)).await
    }

    /// A stream of the engine for blocking code; `None` when there is nothing at all.
    async fn tar_reader<S>(
        &self,
        call: &'static str,
        mut stream: Pin<Box<S>>,
    ) -> Result<Option<TarReader>, DockerError>
    where
        S: Stream<Item = Result<Bytes, bollard::errors::Error>> + Send + 'static,
    {
        let limit = self.limit(Weight::Heavy);
        // The first piece tells whether the path exists.
        let first = match tokio::time::timeout(limit, stream.next()).await {
            Err(_) => return Err(DockerError::Unresponsive { call, limit }),
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => {
                let error = DockerError::of(call, &error);
                return if error.is_not_found() {
                    Ok(None)
                } else {
                    Err(error)
                };
            }
            Ok(Some(Ok(first))) => first,
        };
        let rest = futures_util::stream::unfold(stream, move |mut stream| async move {
            match tokio::time::timeout(limit, stream.next()).await {
                Ok(None) => None,
                Ok(Some(Ok(piece))) => Some((Ok(piece), stream)),
                Ok(Some(Err(error))) => Some((Err(io::Error::other(error.to_string())), stream)),
                Err(_) => Some((
                    Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        "the engine stopped sending",
                    )),
                    stream,
                )),
            }
        });
        let all = futures_util::stream::once(async move { Ok(first) }).chain(rest);
        let reader = StreamReader::new(Box::pin(all));
        Ok(Some(Box::new(SyncIoBridge::new(Box::pin(reader)))))
    }
}
