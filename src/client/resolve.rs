//! Names into addresses, as the system does it. It cannot be told to stop, so it runs on a thread of the library's
//! own: a call that gives up leaves it, and a runtime that is closed has nothing to wait for.

use std::net::{SocketAddr, ToSocketAddrs};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::client::flights::Flights;

type Addresses = Result<Vec<SocketAddr>, String>;

static LOOKUPS: Flights<String, Addresses> = Flights::new("sailpat-names");

/// The system's resolver.
pub struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found = addresses(&host).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The addresses of a host, each with the port 0.
pub async fn addresses(host: &str) -> std::io::Result<Vec<SocketAddr>> {
    let name = host.to_owned();
    let work = move || look_up(&name);
    let landed = LOOKUPS.join(&host.to_owned(), work).await;
    let landed = landed.map_err(std::io::Error::other)?;
    landed.value.map_err(std::io::Error::other)
}

/// Whether the system has not answered yet.
pub fn is_looking_for(host: &str) -> bool {
    LOOKUPS.is_under_way(&host.to_owned())
}

fn look_up(host: &str) -> Addresses {
    let found = (host, 0).to_socket_addrs();
    found
        .map(Iterator::collect)
        .map_err(|error| error.to_string())
}
