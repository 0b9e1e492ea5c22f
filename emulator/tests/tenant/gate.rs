//! A gate: requests wait until they are let through, in whatever order; and what an administrator does meanwhile.

use hyper::Method;
use serde_json::{Value, json};

use crate::client::{LONG, Tenant, V2024};

#[tokio::test]
async fn a_request_waits_until_it_is_let_through_and_the_gate_opens_with_its_end() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let mut gate = tenant.emulator.gate();
    let asking = me.post(V2024, json!({"name": "held"}));
    let letting = async {
        let held = gate.next().await;
        assert_eq!((held.kind(), held.id()), ("create", None));
        let body: Value = serde_json::from_slice(held.body()).unwrap();
        assert_eq!(body["name"], "held");
        assert_eq!(tenant.emulator.tokens().len(), 1);
        held.pass(None).await;
        assert_eq!(tenant.emulator.tokens().len(), 2);
    };
    let (reply, ()) = tokio::join!(asking, letting);
    assert_eq!(reply.status, 200);
    drop(gate);
    assert_eq!(me.names("").await.len(), 2);
}

#[tokio::test]
async fn a_held_request_outlives_its_sender_and_one_that_is_dropped_is_never_carried_out() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let mut gate = tenant.emulator.gate();
    for (name, passes) in [("late", true), ("never", false)] {
        let held = {
            let body = json!({"name": name});
            let request = me.request(Method::POST, V2024, Some(&body));
            let asking = tenant.send(request);
            tokio::select! {
                held = gate.next() => held,
                reply = asking => panic!("{:?}", reply.map(|reply| reply.status)),
            }
        };
        if passes {
            held.pass(None).await;
        } else {
            drop(held);
        }
        let tokens = tenant.emulator.tokens();
        assert_eq!(
            tokens.iter().any(|token| token["name"] == name),
            passes,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_held_request_goes_wrong_as_the_one_who_lets_it_through_says() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let mut gate = tenant.emulator.gate();
    let body = json!({"name": "lost"});
    let asking = tenant.send(me.request(Method::POST, V2024, Some(&body)));
    let letting = async {
        let held = gate.next().await;
        held.pass(Some(&json!({"drop": "afterCommit"}))).await;
    };
    let (reply, ()) = tokio::join!(asking, letting);
    assert!(reply.is_err());
    assert_eq!(tenant.emulator.tokens()[1]["name"], "lost");
}

#[tokio::test]
async fn an_administrator_removes_renames_and_limits() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let made = me.post(V2024, json!({"name": "a"})).await.ok();
    let id = made["id"].as_str().unwrap();
    let emulator = &tenant.emulator;
    assert_eq!(emulator.tokens()[1]["secret"], made["secret"]);
    assert!(emulator.rename_token(id, "b"));
    let taken = emulator.tokens()[0]["name"].as_str().unwrap().to_owned();
    assert!(!emulator.rename_token(id, &taken));
    assert!(emulator.scope_token(id, Some(&["idn:sources:read"])));
    let token = &emulator.tokens()[1];
    assert_eq!(
        (&token["name"], &token["scope"]),
        (&json!("b"), &json!(["idn:sources:read"]))
    );
    assert!(emulator.scope_token(id, None));
    assert_eq!(emulator.tokens()[1]["scope"], Value::Null);
    assert!(emulator.remove_token(id));
    assert!(
        !emulator.remove_token(id)
            && !emulator.rename_token(id, "c")
            && !emulator.scope_token(id, None)
    );
    let names = tokio::time::timeout(LONG, me.names("")).await.unwrap();
    assert_eq!(names, [taken]);
}
