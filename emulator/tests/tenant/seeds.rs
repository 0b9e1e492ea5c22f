//! Seeds: what a tenant begins with.

use sailpat_emulator::{Emulator, Options, Seed};
use serde_json::{Value, json};

use crate::client::{Tenant, V2024};

fn generated(identities: usize, tokens: usize, random_seed: Option<u64>) -> Tenant {
    Tenant::with(Options {
        seed: Seed::Generated { identities, tokens },
        random_seed,
        ..Options::default()
    })
}

#[tokio::test]
async fn unknown_fields_and_odd_values_are_shown_as_given() {
    let given = json!({
        "id": "odd", "name": "odd", "created": "2024-01-01T00:00:00.000+0000",
        "lastUsed": "yesterday", "accessTokenValiditySeconds": "900",
        "expirationDate": "2999-01-01T01:00:00+01:00", "managed": false,
        "scope": [], "somethingNew": {"a": [1, 2]},
    });
    let tenant = Tenant::seeded(json!({"tokens": [given]}));
    let shown = tenant.me().await.get(V2024).await.ok();
    for (field, value) in given.as_object().unwrap() {
        assert_eq!(&shown[0][field], value, "{field}");
    }
}

#[tokio::test]
async fn the_first_identity_with_a_client_id_signs_in() {
    let tenant = Tenant::seeded(json!({
        "identities": [{"id": "first"}, {"id": "second", "clientId": "c", "clientSecret": "s"}],
        "tokens": [{"id": "c", "name": "described"}],
    }));
    assert_eq!(tenant.emulator.client_id(), "c");
    assert_eq!(tenant.emulator.client_secret(), "s");
    let me = tenant.me().await;
    let own = me.get(&format!("{V2024}?owner-id=me")).await.ok();
    assert_eq!(own.as_array().unwrap().len(), 1);
    assert_eq!(own[0]["name"], "described");
    assert_eq!(own[0]["owner"]["id"], "second");
}

#[tokio::test]
async fn without_one_the_first_identity_gets_a_client_id() {
    let tenant = Tenant::seeded(json!({"identities": [{"id": "first"}, {"id": "second"}]}));
    let shown = tenant
        .me()
        .await
        .get(&format!("{V2024}?owner-id=me"))
        .await
        .ok();
    assert_eq!(shown[0]["owner"]["id"], "first");
    assert_eq!(shown[0]["id"], tenant.emulator.client_id());
}

#[tokio::test]
async fn a_wrong_seed_does_not_start() {
    for seed in [
        json!([]),
        json!({"tokens": {}}),
        json!({"people": []}),
        json!({"identities": [{"rights": "some"}]}),
        json!({"identities": [{"email": "x"}]}),
    ] {
        let options = Options {
            seed: Seed::Json(seed.clone()),
            ..Options::default()
        };
        assert!(Emulator::start(options).is_err(), "{seed}");
    }
}

#[tokio::test]
async fn generated_tenants_have_the_size_that_was_asked_for() {
    for (identities, tokens, owners) in [(0, 1, 1), (0, 81, 11), (4, 81, 5), (3, 1, 4)] {
        let tenant = generated(identities, tokens, None);
        let list = tenant.me().await.get(V2024).await.ok();
        assert_eq!(list.as_array().unwrap().len(), tokens);
        assert_eq!(tenant.look("identities").as_array().unwrap().len(), owners);
    }
}

#[tokio::test]
async fn generated_tokens_are_of_many_kinds() {
    let tenant = generated(0, 400, Some(1));
    let tokens = tenant.look("tokens");
    let some = |what: &str, test: &dyn Fn(&Value) -> bool| {
        let count = tokens
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| test(one))
            .count();
        assert!((1..400).contains(&count), "{what}: {count}");
    };
    some("managed", &|token| token["managed"] == true);
    some("never used", &|token| token["lastUsed"].is_null());
    some("without expiry", &|token| token["expirationDate"].is_null());
    let now = jiff::Timestamp::now().to_string();
    some("expired", &|token| {
        token["expirationDate"]
            .as_str()
            .is_some_and(|date| date < now.as_str())
    });
    let size = tokens.to_string().len() / 400;
    assert!((300..500).contains(&size), "{size} bytes a token");
}

#[test]
fn the_same_random_seed_gives_the_same_tenant() {
    let ids = |random_seed: u64| -> Vec<Value> {
        let tenant = generated(0, 20, Some(random_seed));
        let tokens = tenant.look("tokens");
        let ids = tokens.as_array().unwrap().iter();
        let secret = tenant.emulator.client_secret().into();
        ids.map(|token| token["id"].clone())
            .chain([secret])
            .collect()
    };
    assert_eq!(ids(7), ids(7));
    assert_ne!(ids(7), ids(8));
}
