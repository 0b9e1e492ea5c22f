//! What the library promises, tried against the emulator: one file per theme.

mod cancelling;
mod changes;
mod creating;
mod credentials;
mod doctor;
mod door;
mod handing;
mod header;
mod laws;
mod limits;
mod network;
mod operations;
mod pacing;
mod profiles;
mod retrying;
mod rotation;
mod settings;
mod stores;
mod support;
mod swapped;
mod visible;
