//! DELETE: an empty 204, whose tokens, and what is left of them.

use serde_json::{Value, json};

use crate::client::{COLLECTIONS, Tenant, V2024};

fn office(rights: Value) -> Tenant {
    let caller = json!({"id": "me", "rights": rights, "clientId": "c", "clientSecret": "s"});
    Tenant::seeded(json!({
        "identities": [caller, {"id": "user"}],
        "tokens": [{"id": "mine", "owner": "me", "secret": "s"}, {"id": "other", "owner": "user"}],
    }))
}

async fn delete(rights: &Value, id: &str) -> u16 {
    let office = office(rights.clone());
    let reply = office.me().await.delete(&format!("{V2024}/{id}")).await;
    reply.status.as_u16()
}

#[tokio::test]
async fn the_reply_is_an_empty_204_in_every_version() {
    for collection in COLLECTIONS {
        let office = office(json!("all"));
        let me = office.me().await;
        let path = format!("{collection}/mine");
        let reply = me.delete(&path).await;
        assert_eq!(reply.status, 204);
        assert_eq!(reply.body, "");
        assert_eq!(reply.header("content-type"), None);
        assert!(reply.header("slpt-request-id").is_some());
        assert_eq!(me.delete(&path).await.status, 404);
        assert_eq!(office.sign_in("mine", "s").await.status, 401);
    }
}

#[tokio::test]
async fn anothers_token_needs_the_right_for_all() {
    let own = json!(["idn:my-personal-access-tokens:manage"]);
    let all = json!(["idn:all-personal-access-tokens:manage"]);
    let read = json!(["idn:all-personal-access-tokens:read"]);
    for (rights, mine, other) in [(own, 204, 403), (all, 204, 204), (read, 403, 403)] {
        assert_eq!(delete(&rights, "mine").await, mine, "{rights}");
        assert_eq!(delete(&rights, "other").await, other, "{rights}");
    }
}

#[tokio::test]
async fn the_404_is_the_documented_one() {
    let office = office(json!("all"));
    let me = office.me().await;
    for id in ["unknown", "..", "%2E%2E%2Fmine", "%00", "%zz"] {
        let reply = me.delete(&format!("{V2024}/{id}")).await;
        assert_eq!(reply.status, 404, "{id}");
        let body = reply.json();
        assert_eq!(body["detailCode"], "404 Not found");
        let text = "The server did not find a current representation for the target resource.";
        assert_eq!(body["messages"][0]["text"], text);
    }
}

#[tokio::test]
async fn a_path_without_that_method_is_a_405() {
    let office = office(json!("all"));
    let me = office.me().await;
    assert_eq!(me.delete(V2024).await.status, 405);
    assert_eq!(me.get(&format!("{V2024}/mine")).await.status, 405);
    assert_eq!(me.get("/v2024/access-profiles").await.status, 404);
}
