//! What the library promises, tried against the emulator: one file per theme.

mod creating;
mod credentials;
mod doctor;
mod door;
mod header;
mod limits;
mod network;
mod operations;
mod pacing;
mod retrying;
mod rotation;
mod settings;
mod support;
