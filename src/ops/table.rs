//! The one table of operations. pat_version's list, the tests of docs/schema and the fuzz target of the C door are made
//! from it; the C functions, the schemas and the module's commands are held against it by a test.

#[cfg(feature = "panic-operation")]
use std::sync::Arc;

#[cfg(feature = "panic-operation")]
use zeroize::Zeroizing;

#[cfg(feature = "panic-operation")]
use crate::client::{Answer, Client, Context};
#[cfg(feature = "panic-operation")]
use crate::error::Result;
use crate::ops::{Operation, creating, local, requests, rotations};

macro_rules! operations {
    ($($(#[$when:meta])* $name:literal | $run:path | $function:tt | $replies:tt | $command:tt;)*) => {
        /// Every operation there is.
        pub static OPERATIONS: &[Operation] = &[$(
            $(#[$when])*
            Operation {
                name: $name,
                function: named!($function),
                replies: &$replies,
                command: named!($command),
                run: |client, json, context| Box::pin($run(client, json, context)),
            },
        )*];
    };
}

macro_rules! named {
    (-) => {
        None
    };
    ($name:literal) => {
        Some($name)
    };
}

operations! {
    // name           | what runs it          | C function            | replies                     | PowerShell
    "create"          | creating::create      | "pat_create"          | ["create", "create_stored"] | "New-SailPat";
    "list"            | requests::list        | "pat_list"            | ["list"]                    | "Get-SailPat";
    "get"             | requests::get         | "pat_get"             | ["get"]                     | "Get-SailPat";
    "update"          | requests::update      | "pat_update"          | ["update"]                  | "Set-SailPat";
    "delete"          | requests::delete      | "pat_delete"          | ["delete"]                  | "Remove-SailPat";
    "bearer"          | requests::bearer      | -                     | ["bearer"]                  | "Get-IDNAccessToken";
    "settings"        | requests::settings    | -                     | ["settings"]                | "Get-SailPatConfiguration";
    "rotate"          | rotations::rotate     | "pat_rotate"          | ["rotate"]                  | "Invoke-SailPatRotation";
    "rotation_plan"   | rotations::plan       | "pat_rotation_plan"   | ["rotation_plan"]           | "Invoke-SailPatRotation";
    "rotation_list"   | rotations::list       | "pat_rotation_list"   | ["rotation_list"]           | "Get-SailPatRotation";
    "rotation_resume" | rotations::resume     | "pat_rotation_resume" | ["rotation_resume"]         | "Resume-SailPatRotation";
    "rotation_undo"   | rotations::undo       | "pat_rotation_undo"   | ["rotation_undo"]           | "Undo-SailPatRotation";
    "doctor"          | requests::doctor      | "pat_doctor"          | ["doctor"]                  | "Test-SailPatConnection";
    "profiles"        | local::profiles       | "pat_profiles"        | ["profiles"]                | "Get-SailPatProfile";
    "profile_set"     | local::profile_set    | "pat_profile_set"     | ["profile_set"]             | "Set-SailPatProfile";
    "profile_remove"  | local::profile_remove | "pat_profile_remove"  | ["profile_remove"]          | "Remove-SailPatProfile";
    "change_log"      | local::change_log     | "pat_change_log"      | ["change_log"]              | "Get-SailPatLog";
    #[cfg(feature = "panic-operation")]
    "panic" | panic | - | [] | -;
}

#[cfg(feature = "panic-operation")]
async fn panic(_: Arc<Client>, _: Zeroizing<String>, _: Context) -> Result<Answer> {
    panic!("asked for by a test")
}
