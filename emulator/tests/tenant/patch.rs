//! PATCH: what may be changed, by whom, and that a refused patch changes nothing.

use hyper::Method;
use serde_json::{Value, json};

use crate::client::{COLLECTIONS, Caller, Tenant, V2024, V2025, never_expires};

/// A caller's own token by name, and its path in a version.
async fn own(me: &Caller<'_>, name: &str) -> String {
    me.make(name).await["id"].as_str().unwrap().to_owned()
}

fn replace(path: &str, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

async fn token(me: &Caller<'_>, id: &str) -> Value {
    let list = me.get(V2025).await.ok();
    let tokens = list.as_array().unwrap().iter();
    let mut found = tokens.filter(|token| token["id"] == id);
    found.next().unwrap().clone()
}

#[tokio::test]
async fn name_and_scope_change_in_every_version() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let id = own(&me, "a").await;
    for collection in COLLECTIONS {
        let path = format!("{collection}/{id}");
        let patch = json!([
            {"op": "replace", "path": "/name", "value": collection},
            {"op": "replace", "path": "/scope", "value": ["idn:accounts:read"]},
        ]);
        let changed = me.patch(&path, patch).await.ok();
        assert_eq!(changed["name"], collection);
        assert_eq!(changed["scope"], json!(["idn:accounts:read"]));
        assert!(changed.get("secret").is_none());
        let aware = changed.get("userAwareTokenNeverExpires");
        assert_eq!(aware.is_some(), never_expires(collection));
        let shown = token(&me, &id).await;
        assert_eq!(shown["name"], collection);
        assert_eq!(shown["expirationDate"], changed["expirationDate"]);
        assert!(shown["expirationDate"].is_string());
    }
}

#[tokio::test]
async fn the_elements_of_scope_can_be_reached() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let path = format!("{V2024}/{}", own(&me, "a").await);
    for (operation, scope) in [
        (
            json!({"op": "add", "path": "/scope/-", "value": "b"}),
            json!(["sp:scopes:all", "b"]),
        ),
        (
            json!({"op": "add", "path": "/scope/0", "value": "a"}),
            json!(["a", "sp:scopes:all", "b"]),
        ),
        (
            json!({"op": "remove", "path": "/scope/1"}),
            json!(["a", "b"]),
        ),
        (
            json!({"op": "move", "from": "/scope/0", "path": "/scope/1"}),
            json!(["b", "a"]),
        ),
        (
            json!({"op": "copy", "from": "/scope/0", "path": "/scope/-"}),
            json!(["b", "a", "b"]),
        ),
        (
            json!({"op": "test", "path": "/scope", "value": ["b", "a", "b"]}),
            json!(["b", "a", "b"]),
        ),
        (json!({"op": "remove", "path": "/scope"}), json!(null)),
    ] {
        let changed = me.patch(&path, json!([operation])).await.ok();
        assert_eq!(changed["scope"], scope, "{operation}");
    }
}

#[tokio::test]
async fn every_other_path_is_refused() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let id = own(&me, "a").await;
    let before = token(&me, &id).await;
    for collection in COLLECTIONS {
        let path = format!("{collection}/{id}");
        for field in [
            "/description",
            "/id",
            "/secret",
            "/managed",
            "/owner/id",
            "/accessTokenValiditySeconds",
            "/namex",
            "",
        ] {
            me.patch(&path, replace(field, json!("x"))).await.refused();
        }
        let from = json!([{"op": "copy", "from": "/id", "path": "/name"}]);
        me.patch(&path, from).await.refused();
        if !never_expires(collection) {
            let date = json!("2099-01-01T00:00:00Z");
            me.patch(&path, replace("/expirationDate", date))
                .await
                .refused();
        }
    }
    assert_eq!(token(&me, &id).await, before);
}

#[tokio::test]
async fn values_keep_the_rules_of_create() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    own(&me, "taken").await;
    let path = format!("{V2025}/{}", own(&me, "a").await);
    for (field, value) in [
        ("/name", json!("")),
        ("/name", json!("x".repeat(256))),
        ("/name", json!(null)),
        ("/name", json!("taken")),
        ("/scope", json!("sp:scopes:all")),
        ("/scope/0", json!(1)),
        ("/expirationDate", json!("2020-01-01T00:00:00Z")),
        ("/expirationDate", json!("soon")),
        ("/userAwareTokenNeverExpires", json!("true")),
    ] {
        me.patch(&path, replace(field, value)).await.refused();
    }
    let removed = json!([{"op": "remove", "path": "/name"}]);
    me.patch(&path, removed).await.refused();
    // Its own name is not somebody else's.
    me.patch(&path, replace("/name", json!("a"))).await.ok();
}

#[tokio::test]
async fn a_patch_is_applied_whole_or_not_at_all() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let id = own(&me, "a").await;
    let path = format!("{V2024}/{id}");
    for second in [
        json!({"op": "test", "path": "/name", "value": "a"}),
        json!({"op": "remove", "path": "/scope/7"}),
        json!({"op": "replace", "path": "/scope", "value": 1}),
    ] {
        let first = json!({"op": "replace", "path": "/name", "value": "b"});
        me.patch(&path, json!([first, second])).await.refused();
        assert_eq!(token(&me, &id).await["name"], "a");
    }
}

#[tokio::test]
async fn what_is_no_patch_is_refused() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let path = format!("{V2024}/{}", own(&me, "a").await);
    for body in [
        json!({"op": "replace", "path": "/name", "value": "b"}),
        json!([{"op": "replace", "path": "/name"}]),
        json!([{"op": "rename", "path": "/name", "value": "b"}]),
        json!([{"path": "/name", "value": "b"}]),
        json!([{"op": "replace", "path": "name", "value": "b"}]),
        json!(["name"]),
    ] {
        me.patch(&path, body).await.refused();
    }
    let patch = replace("/name", json!("b"));
    let mut request = me.request(Method::PATCH, &path, Some(&patch));
    let json = "application/json".parse().unwrap();
    request.headers_mut().insert("content-type", json);
    tenant.send(request).await.unwrap().refused();
}

#[tokio::test]
async fn taking_the_expiry_away_wants_to_be_known_in_the_same_patch() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let path = format!("{V2025}/{}", own(&me, "a").await);
    let no_date = json!({"op": "replace", "path": "/expirationDate", "value": null});
    let aware = |aware: bool| json!({"op": "replace", "path": "/userAwareTokenNeverExpires", "value": aware});
    me.patch(&path, json!([no_date])).await.refused();
    me.patch(&path, json!([no_date, aware(false)]))
        .await
        .refused();
    me.patch(&path, json!([aware(true)])).await.ok();
    // The flag of before does not count.
    me.patch(&path, json!([no_date])).await.refused();
    let changed = me.patch(&path, json!([no_date, aware(true)])).await.ok();
    assert_eq!(changed["expirationDate"], Value::Null);
    assert_eq!(changed["userAwareTokenNeverExpires"], true);
    me.patch(&path, json!([aware(false)])).await.refused();
    let date = json!("2099-12-31T23:59:59.999Z");
    let changed = me.patch(&path, replace("/expirationDate", date)).await.ok();
    assert!(
        changed["expirationDate"]
            .as_str()
            .unwrap()
            .starts_with("2099-12-31T23:59:59.999")
    );
}

#[tokio::test]
async fn anothers_token_is_forbidden_even_to_an_administrator() {
    let tenant = Tenant::seeded(json!({
        "identities": [{"id": "admin", "rights": "all", "clientId": "c", "clientSecret": "s"},
                       {"id": "user"}],
        "tokens": [{"id": "t", "owner": "user"}],
    }));
    let admin = tenant.me().await;
    let patch = || replace("/name", json!("x"));
    assert_eq!(
        admin.patch(&format!("{V2024}/t"), patch()).await.status,
        403
    );
    let reply = admin.patch(&format!("{V2024}/unknown"), patch()).await;
    assert_eq!(reply.status, 404);
}

#[tokio::test]
async fn ones_own_needs_the_right_to_manage_ones_own() {
    for (rights, status) in [
        (json!(["sp:my-personal-access-tokens:manage"]), 200),
        (json!(["sp:my-personal-access-tokens:read"]), 403),
        (json!(["sp:all-personal-access-tokens:manage"]), 403),
    ] {
        let identity = json!({"id": "x", "rights": rights, "clientId": "c", "clientSecret": "s"});
        let tenant = Tenant::seeded(json!({"identities": [identity]}));
        let me = tenant.me().await;
        let patch = replace("/name", json!("x"));
        let reply = me.patch(&format!("{V2024}/c"), patch).await;
        assert_eq!(reply.status, status, "{rights}");
    }
}
