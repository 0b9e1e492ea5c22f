//! What the library promises, tried against the emulator: one file per theme.

#[cfg(unix)]
mod again;
mod cancelling;
mod changes;
#[cfg(unix)]
mod commands;
mod creating;
mod credentials;
mod doctor;
mod door;
mod handing;
mod header;
#[cfg(unix)]
mod journals;
mod laws;
mod limits;
mod network;
mod operations;
mod pacing;
mod profiles;
mod redaction;
mod replies;
mod retrying;
mod rotation;
mod settings;
mod stores;
mod support;
mod swapped;
mod visible;
