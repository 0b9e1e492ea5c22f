//! The modules of a folder form no circle: of any two, one can be read without the other. What a folder's own file
//! holds is for all that are in the folder.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::source::Module;

/// Which module of a folder names which other one, and where.
type Needs<'m> = BTreeMap<&'m str, BTreeMap<&'m str, String>>;

/// The circles of every folder.
pub fn within_folders(modules: &[Module]) -> Vec<Finding> {
    let folders: BTreeSet<&[String]> = modules
        .iter()
        .filter_map(|module| Some(module.path.split_last()?.1))
        .filter(|folder| !folder.is_empty())
        .collect();
    folders
        .into_iter()
        .flat_map(|folder| {
            let needs = needs(folder, modules);
            let circles = circles(&needs);
            circles
                .into_iter()
                .map(move |circle| told(folder, &circle, &needs))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn needs<'m>(folder: &[String], modules: &'m [Module]) -> Needs<'m> {
    let member = |path: &'m [String]| path.strip_prefix(folder)?.first().map(String::as_str);
    let members: BTreeSet<&str> = modules
        .iter()
        .filter_map(|module| member(&module.path))
        .collect();
    let mut needs = Needs::new();
    for module in modules {
        let Some(own) = member(&module.path) else {
            continue;
        };
        for mention in &module.mentions {
            if let Some(other) = member(&mention.path)
                && other != own
                && members.contains(other)
            {
                let place = || format!("{}:{} names {other}", module.file, mention.line);
                needs
                    .entry(own)
                    .or_default()
                    .entry(other)
                    .or_insert_with(place);
            }
        }
    }
    needs
}

/// Everything that is reached from a module.
fn reached<'m>(from: &str, needs: &Needs<'m>) -> BTreeSet<&'m str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(one) = open.pop() {
        for other in needs.get(one).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(*other) {
                open.push(other);
            }
        }
    }
    reached
}

/// The groups of modules that reach each other.
fn circles<'m>(needs: &Needs<'m>) -> BTreeSet<BTreeSet<&'m str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = needs
        .keys()
        .map(|one| (*one, reached(one, needs)))
        .collect();
    reached
        .iter()
        .filter(|(one, others)| others.contains(*one))
        .map(|(one, others)| {
            let back = |other: &&&str| reached.get(**other).is_some_and(|back| back.contains(one));
            others.iter().filter(back).copied().collect()
        })
        .collect()
}

fn told(folder: &[String], circle: &BTreeSet<&str>, needs: &Needs<'_>) -> Finding {
    let members: Vec<&str> = circle.iter().copied().collect();
    let places: Vec<&str> = members
        .iter()
        .flat_map(|one| &needs[one])
        .filter(|(other, _)| circle.contains(*other))
        .map(|(_, place)| place.as_str())
        .collect();
    format!(
        "{}: {} need each other, as no modules of a folder may: {}",
        folder.join("::"),
        members.join(", "),
        places.join(", ")
    )
}
