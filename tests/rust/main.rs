//! What the library promises, tried against the emulator: one file per theme.

mod addresses;
#[cfg(unix)]
mod again;
mod cancelling;
mod changes;
#[cfg(unix)]
mod commands;
mod creating;
mod credentials;
#[cfg(target_os = "linux")]
mod deadlines;
mod declared;
mod doctor;
mod door;
mod handing;
mod header;
#[cfg(unix)]
mod journals;
mod laws;
mod layers;
mod limits;
mod moving;
mod network;
mod operations;
mod pacing;
mod places;
mod planted;
mod profiles;
mod proxies;
mod redaction;
mod replies;
mod retrying;
mod rotation;
mod settings;
mod settings_table;
mod signin;
mod stores;
mod support;
mod swapped;
mod visible;
