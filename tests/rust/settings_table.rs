//! Each setting is declared once, in `sailpat::client::settings::SETTINGS`. What else speaks of all settings says the
//! same: the schema, the table of settings for people, and the one of about_SailPat_Configuration.

use std::path::Path;

use serde_json::{Map, Value, json};

use sailpat::api::version::VERSIONS;
use sailpat::client::Client;
use sailpat::client::settings::{Empty, SETTINGS, Setting, Settings, Stand, ValueForm};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the schema says of a setting.
fn schema(setting: &Setting) -> Value {
    let or_null = |kind: &str| json!({"type": [kind, "null"]});
    let mut schema = match setting.form {
        ValueForm::Text => json!({"type": ["string", "null"], "pattern": "\\S"}),
        ValueForm::Instant => {
            json!({"anyOf": [{"$ref": "urn:sailpat:schema:common#/$defs/instant"}, {"type": "null"}]})
        }
        ValueForm::Version => json!({"$ref": "urn:sailpat:schema:common#/$defs/apiVersion"}),
        ValueForm::Flag => or_null("boolean"),
        ValueForm::Milliseconds => json!({"$ref": "urn:sailpat:schema:common#/$defs/timeoutMs"}),
        ValueForm::Whole { least, most } => {
            let mut schema = or_null("integer");
            schema["minimum"] = json!(least);
            if let Some(most) = most {
                schema["maximum"] = json!(most);
            }
            schema
        }
        ValueForm::Seconds { most } => {
            json!({"type": ["number", "null"], "minimum": 0, "maximum": most})
        }
        ValueForm::Texts => json!({
            "type": ["array", "null"],
            "minItems": 1,
            "items": {"type": "string", "pattern": "\\S"},
        }),
        ValueForm::Own(schema) => serde_json::from_str(schema).unwrap(),
    };
    if let Some(words) = setting.schema {
        schema["description"] = json!(words);
    }
    schema
}

#[test]
fn the_schema_has_every_setting_as_it_is_declared_and_no_other() {
    let file = "docs/schema/configure.request.json";
    let written: Value = serde_json::from_str(&read(file)).unwrap();
    let written = written["properties"].as_object().unwrap();
    for setting in SETTINGS {
        let declared = schema(setting);
        let name = setting.name;
        assert_eq!(
            written.get(name),
            Some(&declared),
            "{file}: {name} must be {declared:#}"
        );
    }
    let known = |name: &&String| SETTINGS.iter().all(|setting| setting.name != name.as_str());
    assert_eq!(written.keys().find(known), None, "{file}: no such setting");
}

/// The rows that a table for people must have.
fn rows() -> Vec<String> {
    let mut rows: Vec<(String, &Setting)> = Vec::new();
    for setting in SETTINGS {
        match rows.last_mut() {
            Some((names, _)) if setting.row.is_none() => {
                names.push_str(&format!(", `{}`", setting.name));
            }
            _ => rows.push((format!("`{}`", setting.name), setting)),
        }
    }
    let row = |(names, setting): (String, &Setting)| {
        let row = setting.row.as_ref().expect("a row of the first of them");
        let variables: Vec<String> = row
            .variables
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let cells = [&names, &variables.join(", "), row.default, row.help];
        let line = cells.map(|cell| match cell {
            "" => " ".to_owned(),
            cell => format!(" {cell} "),
        });
        format!("|{}|", line.join("|"))
    };
    rows.into_iter().map(row).collect()
}

#[test]
fn the_table_of_settings_has_every_setting_as_it_is_declared_and_no_other() {
    const HEAD: &str = "| setting | variable | default | what it is |";
    let pages = ["README.md", "docs/settings.md"];
    let (page, text) = pages
        .map(|page| (page, read(page)))
        .into_iter()
        .find(|(_, text)| text.contains(HEAD))
        .expect("a page with the table of settings");
    let (_, table) = text.split_once(HEAD).unwrap();
    let written: Vec<&str> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let declared = rows();
    let missing = declared.iter().find(|row| !written.contains(&row.as_str()));
    assert_eq!(
        missing, None,
        "{page} lacks this row of src/client/settings/table.rs"
    );
    let odd = written
        .iter()
        .find(|row| !declared.iter().any(|one| one == **row));
    assert_eq!(odd, None, "{page} has this row, which no setting has");
}

/// The rows of the table in about_SailPat_Configuration: names, what stands there unless set, the meaning.
fn about() -> Vec<[String; 3]> {
    let text = read("powershell/SailPat/en-US/about_SailPat_Configuration.help.txt");
    let head = text
        .lines()
        .position(|line| line.trim_start().starts_with("setting "));
    let lines = text.lines().skip(head.expect("the table's head") + 1);
    let mut rows: Vec<[String; 3]> = Vec::new();
    for line in lines.take_while(|line| !line.trim().is_empty()) {
        let cell = |from: usize, to: usize| {
            let to = to.min(line.len());
            line.get(from..to).unwrap_or_default().trim().to_owned()
        };
        let cells = [cell(8, 31), cell(31, 47), cell(47, line.len())];
        match (cells, rows.last_mut()) {
            ([names, unset, meaning], Some(row)) if names.is_empty() && unset.is_empty() => {
                row[2] = format!("{} {meaning}", row[2]);
            }
            (cells, _) => rows.push(cells),
        }
    }
    rows
}

#[test]
fn the_table_of_about_configuration_has_every_parameter_as_it_is_declared() {
    let mut declared: Vec<[String; 3]> = Vec::new();
    for setting in SETTINGS {
        match (setting.parameter, setting.about, declared.last_mut()) {
            (Some(name), None, Some(row)) => row[0] = format!("{}, {name}", row[0]),
            (Some(name), Some((unset, meaning)), _) => {
                declared.push([name, unset, meaning].map(str::to_owned));
            }
            _ => {}
        }
    }
    assert_eq!(about(), declared);
}

#[test]
fn the_setting_of_the_version_names_every_version() {
    let setting = SETTINGS.iter().find(|setting| setting.name == "apiVersion");
    let help = setting.unwrap().row.as_ref().unwrap().help;
    for version in VERSIONS {
        let name = format!("`{}`", version.name);
        assert!(help.contains(&name), "src/client/settings/table.rs: {name}");
    }
}

/// The default of a setting as a value, where it is one.
fn default(setting: &Setting) -> Option<Value> {
    let text = setting.row.as_ref()?.default.trim_matches('`');
    serde_json::from_str(text).ok()
}

#[test]
fn a_default_that_is_given_changes_nothing() {
    let untouched = format!("{:?}", Settings::default());
    let mut tried = 0;
    for setting in SETTINGS {
        let Some(default) = default(setting).filter(|_| setting.name != "changeLog") else {
            continue;
        };
        let settings = Settings::parse(&json!({setting.name: default}).to_string()).unwrap();
        assert_eq!(format!("{settings:?}"), untouched, "{}", setting.name);
        tried += 1;
    }
    assert!(tried >= 7, "{tried}");
}

#[test]
fn a_setting_that_is_empty_is_refused_with_the_remedy_that_is_declared() {
    for setting in SETTINGS {
        let refused = |value: &Value| {
            let mut settings = Map::new();
            settings.insert(setting.name.to_owned(), value.clone());
            let error = Settings::parse(&Value::Object(settings).to_string()).err();
            error.and_then(|error| error.detail().remedy.clone())
        };
        let (remedy, of_null) = match setting.empty {
            Empty::AsItsForm => continue,
            Empty::IsRefused(remedy) => (Some(remedy.to_owned()), None),
            Empty::AndNullAreRefused(remedy) => (Some(remedy.to_owned()), Some(remedy.to_owned())),
        };
        let empty = match setting.form {
            ValueForm::Texts => json!([]),
            ValueForm::Own(_) => json!({}),
            _ => json!(""),
        };
        assert_eq!(refused(&empty), remedy, "{}", setting.name);
        assert_eq!(refused(&Value::Null), of_null, "{}", setting.name);
    }
}

/// The settings of which one stands in such a place.
fn standing(is_there: impl Fn(&Stand) -> bool) -> Vec<&'static str> {
    let settings = SETTINGS.iter();
    let there = settings.filter(|setting| setting.stands.iter().any(&is_there));
    there.map(|setting| setting.name).collect()
}

#[test]
fn a_profile_takes_the_settings_that_may_stand_in_it_and_no_other() {
    let schema: Value =
        serde_json::from_str(&read("docs/schema/profile_set.request.json")).unwrap();
    let taken = schema["properties"].as_object().unwrap().keys();
    let own = ["name", "default", "timeoutMs"];
    let mut taken: Vec<&str> = taken
        .map(String::as_str)
        .filter(|name| !own.contains(name))
        .collect();
    let mut declared = standing(|stand| *stand == Stand::Profile);
    taken.sort_unstable();
    declared.sort_unstable();
    assert_eq!(taken, declared);
}

#[test]
fn what_may_stand_in_variables_and_config_json_is_found_there() {
    let essentials = standing(|stand| matches!(stand, Stand::ConfigJson(_)));
    assert_eq!(essentials, ["baseUrl", "clientId", "clientSecret"]);
    let folder = tempfile::tempdir().unwrap();
    let [mut variables, mut config] = [json!({}), json!({})];
    for setting in SETTINGS
        .iter()
        .filter(|setting| essentials.contains(&setting.name))
    {
        let value = match setting.name {
            "baseUrl" => "https://tenant.example".to_owned(),
            name => format!("{name} of a token"),
        };
        let row = setting.row.as_ref().unwrap();
        variables[row.variables[0]] = json!(value);
        let Some(Stand::ConfigJson(name)) = setting.stands.first() else {
            panic!("{}", setting.name);
        };
        config[*name] = json!(value);
    }
    let found = |environment: &Value, place: &str| {
        let settings = json!({"environment": environment, "workingDirectory": folder.path()});
        let client = Client::new(Settings::parse(&settings.to_string()).unwrap());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let in_force = runtime.block_on(client.in_force()).unwrap();
        let essentials = &in_force.walk.essentials;
        for found in [
            &essentials.base_url,
            &essentials.client_id,
            &essentials.client_secret,
        ] {
            let from = found.as_ref().unwrap().place.to_string();
            assert!(from.starts_with(place), "{from} is no {place}");
        }
    };
    found(&variables, "variable");
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    found(&json!({}), "file");
}
