//! A model.
mod clock;
mod found;
mod host;
mod laws;
mod oracle;
mod quiet;
mod run;
mod snapshot;
mod steps;
mod turns;
mod vault;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, port] = &arguments[..]
        && word == "vault"
    {
        return vault::command(port);
    }
    run::main(&arguments)
}
