//! The HTTP server of a process and its orderly end.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, guard, web};
use futures_util::future::join_all;
use http_kit::health::{self, Health};
use http_kit::request::{Frame, finish};
use http_kit::{ApiError, HttpSettings};
use identity::Verifier;
use tokio::task::JoinHandle;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{Mounted, StartError};

/// A server at work.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
    health: web::Data<Health>,
    stops: Vec<futures_util::future::BoxFuture<'static, ()>>,
}

impl Running {
    /// Whether every check passes.
    ///
    /// # Errors
    /// [`StartError::NotReady`] with what is missing.
    pub async fn ready(&self) -> Result<(), StartError> {
        self.health.judge().await.map_err(StartError::NotReady)
    }

    /// Unready, then no new requests, then the end of those under way, then the queues, then the pools.
    ///
    /// # Errors
    /// When the server had failed before.
    pub async fn stop(self) -> Result<(), StartError> {
        self.health.drain();
        self.handle.stop(true).await;
        let ended = self.task.await;
        join_all(self.stops).await;
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(source)) => Err(StartError::Io { doing: "the server failed".to_owned(), source }),
            Err(panic) => Err(StartError::Io { doing: "the server failed".to_owned(), source: panic.into() }),
        }
    }
}

/// The OpenAPI document of some services in one process.
#[must_use]
pub fn openapi(title: &str, services: &[fn(&mut ServiceConfig<'_>)]) -> OpenApi {
    http_kit::openapi::document(title, |config| routes(config, services))
}

fn routes(config: &mut ServiceConfig<'_>, services: &[fn(&mut ServiceConfig<'_>)]) {
    config.configure(health::configure).configure(http_kit::openapi::configure).configure(audit::configure);
    for service in services {
        config.configure(service);
    }
}

/// Each service for itself, tried only where one of its places begins the path: actix tries routes in their order, each by a regular
/// expression, and a request for the last of three services would pay for those of the first two.
fn mount(config: &mut web::ServiceConfig, services: &[fn(&mut ServiceConfig<'_>)], places: &[Arc<[String]>]) {
    routes(&mut ServiceConfig::new(config), &[]);
    for (service, places) in services.iter().zip(places) {
        let places = Arc::clone(places);
        let is_here = guard::fn_guard(move |request| {
            let path = request.head().uri.path();
            places.iter().any(|place| path.starts_with(place.as_str()))
        });
        let routes = |config: &mut web::ServiceConfig| service(&mut ServiceConfig::new(config));
        config.service(web::scope("").guard(is_here).configure(routes));
    }
}

/// What the paths of a service begin with, up to their first parameter; the shortest of those that begin with another.
fn places(service: fn(&mut ServiceConfig<'_>)) -> Vec<String> {
    let document = http_kit::openapi::document("", service);
    let mut places: Vec<String> = Vec::new();
    // A path comes after those that it begins with.
    for path in document.paths.paths.keys() {
        let place = path.split('{').next().unwrap_or_default();
        if !places.iter().any(|shorter| place.starts_with(shorter.as_str())) {
            places.push(place.to_owned());
        }
    }
    places
}

/// Takes the address that a server shall listen on.
///
/// # Errors
/// When it cannot be had.
pub fn listen(settings: &HttpSettings) -> Result<TcpListener, StartError> {
    bind(settings).map_err(|source| StartError::Listen { address: settings.listen, source })
}

/// Its connections are given up by the kernel when a client takes nothing for so long: of a body that nobody takes the server
/// is not asked for more, and so would never know. A client that takes a little at a time is no better: its window stays shut
/// until there is room for a packet.
fn bind(settings: &HttpSettings) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(settings.listen)?;
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(&listener).set_tcp_user_timeout(Some(settings.send_patience))?;
    Ok(listener)
}

/// Serves some services on one address.
///
/// # Errors
/// When the server cannot be started.
pub fn serve(
    title: &str,
    settings: &HttpSettings,
    listener: TcpListener,
    verifier: Arc<Verifier>,
    mounted: Vec<Mounted>,
) -> Result<Running, StartError> {
    let io = |source| StartError::Io { doing: "the server did not start".to_owned(), source };
    let address = listener.local_addr().map_err(io)?;
    let frame = web::Data::new(Frame::new(settings.clone()));
    let verifier = web::Data::from(verifier);
    let (mut data, mut services, mut checks, mut stops) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut audited = Vec::new();
    for service in mounted {
        audited.push(service.audited);
        data.push(service.data);
        services.push(service.routes);
        checks.extend(service.checks);
        stops.push(service.stop);
    }
    let places: Vec<Arc<[String]>> = services.iter().map(|service| places(*service).into()).collect();
    let document = web::Data::new(openapi(title, &services));
    let health = web::Data::new(Health::new(checks));
    let audited = web::Data::new(audited);
    let (data, readiness) = (Arc::new(data), health.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(frame.clone())
            .app_data(verifier.clone())
            .app_data(document.clone())
            .app_data(readiness.clone())
            .app_data(audited.clone())
            .configure(|config| data.iter().for_each(|put| put(config)))
            .configure(|config| mount(config, &services, &places))
            .default_service(web::to(no_such_route))
            .wrap(from_fn(finish))
    })
    .shutdown_timeout(settings.shutdown.as_secs())
    // The process listens for signals itself: it has more to stop than this server.
    .disable_signals()
    .listen(listener)
    .map_err(io)?
    .run();
    let handle = server.handle();
    Ok(Running { address, handle, task: tokio::spawn(server), health, stops })
}

async fn no_such_route() -> Result<&'static str, ApiError> {
    Err(ApiError::not_found("route"))
}

/// Ends when the process is asked to stop: SIGTERM, or Ctrl-C.
///
/// # Errors
/// When signals cannot be listened for.
pub async fn stop_signal() -> Result<(), StartError> {
    let io = |source| StartError::Io { doing: "signals cannot be listened for".to_owned(), source };
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(io)?;
    let interrupted = tokio::signal::ctrl_c();
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        result = interrupted => result.map_err(io),
    }
}
