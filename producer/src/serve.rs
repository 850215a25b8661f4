//! `/metrics` and `/healthz` of a worker.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use tokio::net::TcpListener;

use crate::{
    error::{Error, Result},
    meter::Meter,
};

/// Serves them until the process ends; gives the address, whose port the system may have chosen.
pub async fn serve(address: SocketAddr, meter: Arc<Meter>) -> Result<SocketAddr> {
    let listener = TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })?;
    let address = listener.local_addr().map_err(|source| Error::Listen { address, source })?;
    let routes =
        Router::new().route("/metrics", get(metrics)).route("/healthz", get(health)).with_state(meter);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, routes).await {
            tracing::warn!(%error, "metrics are no longer served");
        }
    });
    Ok(address)
}

async fn metrics(State(meter): State<Arc<Meter>>) -> impl IntoResponse {
    ([("content-type", "text/plain; version=0.0.4")], meter.prometheus())
}

async fn health(State(meter): State<Arc<Meter>>) -> impl IntoResponse {
    match meter.is_alive() {
        true => (StatusCode::OK, "ok\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "nothing has answered for three minutes\n"),
    }
}
