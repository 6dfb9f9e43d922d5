//! The listener: HTTP/1.1 on a thread of its own, with bounds on what it takes.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context, anyhow};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use prometheus_client::{encoding::text, registry::Registry};
use tokio::sync::{Semaphore, oneshot};

use wire::limits::{METRICS_CONNECTIONS_MAX, METRICS_REQUEST_BYTES_MAX};

use super::{Exposition, Health, Sources};

/// How long a connection may take to say what it wants, and how long it may last: who scrapes comes again.
const REQUEST_PATIENCE: Duration = Duration::from_secs(5);
const CONNECTION_PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait when the kernel gives no connection, as it does without free descriptors.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// What the listener counts.
#[derive(Debug, Default)]
pub struct Served {
    /// Readings of the metrics.
    pub scrapes: AtomicU64,
    /// Connections closed at once because there were as many as there may be.
    pub turned_away: AtomicU64,
}

/// An address that is listened on; [`Door::serve`] answers who comes.
pub struct Door {
    listener: TcpListener,
}

/// A running listener; dropping it ends it.
pub struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Door {
    /// Listens on `address`, of the configuration's `key`.
    ///
    /// # Errors
    /// A sentence with cause and remedy.
    pub fn open(address: SocketAddr, key: &str) -> anyhow::Result<Door> {
        let remedy = |error: &io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "stop the process that holds the port, or choose another with --set {key}=ADDRESS:PORT, or none with --set {key}=\"\""
            ),
            _ => format!("choose another with --set {key}=ADDRESS:PORT, or none with --set {key}=\"\""),
        };
        let listener = TcpListener::bind(address)
            .map_err(|error| anyhow!("cannot serve metrics on {address}: {error}; {}", remedy(&error)))?;
        listener.set_nonblocking(true)?;
        Ok(Door { listener })
    }

    /// The address, the port being the kernel's choice if it was 0.
    ///
    /// # Errors
    /// If the kernel does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers who comes, on a thread of its own.
    ///
    /// # Errors
    /// If there is no thread to be had.
    pub fn serve(self, sources: Arc<Sources>) -> anyhow::Result<Server> {
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let body = move || {
            tuning::cpu::name_thread("metrics");
            runtime.block_on(async {
                tokio::spawn(async {
                    let Err(error) = accept(self.listener, sources).await;
                    tracing::error!(%error, "metrics are served no more");
                });
                // Its sender is dropped at the latest when the venue is.
                let _told = stopped.await;
            });
        };
        let thread = thread::Builder::new().name("metrics".into()).spawn(body);
        Ok(Server { stop: Some(stop), thread: Some(thread.context("cannot start thread metrics")?) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A thread that has ended does not listen.
            let _ended = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// Takes connections for ever; the error is why it cannot begin.
async fn accept(listener: TcpListener, sources: Arc<Sources>) -> io::Result<std::convert::Infallible> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Exposition(Arc::clone(&sources))));
    let shown = Arc::new(Shown { sources: Arc::clone(&sources), registry });
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .fallback(nothing)
        .with_state(shown);
    let room = Arc::new(Semaphore::new(METRICS_CONNECTIONS_MAX));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            sources.served.turned_away.fetch_add(1, Relaxed);
            continue;
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(REQUEST_PATIENCE)
            .max_buf_size(METRICS_REQUEST_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            // Whoever breaks off, or sends what is no request, harms nobody but himself.
            let _ended = tokio::time::timeout(CONNECTION_PATIENCE, connection).await;
            drop(place);
        });
    }
}

struct Shown {
    sources: Arc<Sources>,
    registry: Registry,
}

async fn metrics(State(shown): State<Arc<Shown>>) -> Response {
    shown.sources.served.scrapes.fetch_add(1, Relaxed);
    let mut text = String::new();
    match text::encode(&mut text, &shown.registry) {
        Ok(()) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

async fn livez(State(shown): State<Arc<Shown>>) -> Response {
    told(&shown.sources.lives(tuning::clock::now()), "alive")
}

async fn readyz(State(shown): State<Arc<Shown>>) -> Response {
    told(&shown.sources.is_ready(tuning::clock::now()), "ready")
}

async fn nothing() -> Response {
    let text = "there are /metrics, /livez and /readyz here\n";
    (StatusCode::NOT_FOUND, [(CONTENT_TYPE, TEXT)], text).into_response()
}

fn told(health: &Health, good: &str) -> Response {
    let status = if health.faults.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(CONTENT_TYPE, TEXT)], health.text(good)).into_response()
}
