//! Reads the sources: which modules there are, what each names of the others, and what it gives a name to.
//! Tests within them are left out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, File, Ident, Item, Meta, UseTree, Visibility};

/// One file of src.
pub struct Module {
    /// Where it is among the modules; empty for lib.rs.
    pub path: Vec<String>,
    pub file: String,
    pub mentions: Vec<Mention>,
    pub names: Vec<Name>,
}

/// A module, or something in one, that is named, from the crate on.
pub struct Mention {
    pub path: Vec<String>,
    pub line: usize,
}

/// A type or a constant.
pub struct Name {
    pub name: String,
    pub line: usize,
    pub is_type: bool,
    /// Whether other modules see it.
    pub is_public: bool,
}

/// The modules of these files, but for those that are tests.
pub fn modules(files: &[(PathBuf, String)]) -> Vec<Module> {
    let mut tests = BTreeSet::new();
    let modules = files.iter().map(|(path, text)| {
        let parsed = syn::parse_file(text);
        let parsed = parsed.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        read(path, &parsed, &mut tests)
    });
    let mut modules: Vec<Module> = modules.collect();
    modules.retain(|module| !tests.contains(&module.path));
    modules
}

fn read(path: &Path, parsed: &File, tests: &mut BTreeSet<Vec<String>>) -> Module {
    let mut reader = Reader {
        within: place(path),
        mentions: Vec::new(),
        names: Vec::new(),
        tests,
    };
    reader.visit_file(parsed);
    Module {
        path: place(path),
        file: format!("src/{}", path.display()),
        mentions: reader.mentions,
        names: reader.names,
    }
}

/// The module that a file is.
fn place(path: &Path) -> Vec<String> {
    let path = path.with_extension("");
    let mut parts: Vec<String> = (path.iter())
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    parts.pop_if(|last| last == "mod" || last == "lib");
    parts
}

struct Reader<'t> {
    within: Vec<String>,
    mentions: Vec<Mention>,
    names: Vec<Name>,
    tests: &'t mut BTreeSet<Vec<String>>,
}

impl Reader<'_> {
    /// Notes a path that begins with `crate`, `super` or `self`; any other is of another crate, or leads from here on.
    fn mention(&mut self, idents: &[&Ident]) {
        let mut from = self.within.clone();
        let mut rest = idents;
        let mut leads = false;
        while let Some((first, others)) = rest.split_first() {
            if *first == "crate" {
                from.clear();
            } else if *first == "super" {
                from.pop();
            } else if *first != "self" {
                break;
            }
            leads = true;
            rest = others;
        }
        if leads {
            let named = rest.iter().map(|ident| ident.to_string());
            self.mentions.push(Mention {
                path: from.into_iter().chain(named).collect(),
                line: idents[0].span().start().line,
            });
        }
    }

    fn trees<'a>(&mut self, tree: &'a UseTree, before: &mut Vec<&'a Ident>) {
        match tree {
            UseTree::Path(path) => {
                before.push(&path.ident);
                self.trees(&path.tree, before);
                before.pop();
            }
            UseTree::Group(group) => {
                let trees = group.items.iter();
                trees.for_each(|tree| self.trees(tree, before));
            }
            UseTree::Name(name) => self.leaf(&name.ident, before),
            UseTree::Rename(rename) => self.leaf(&rename.ident, before),
            _ => self.mention(before),
        }
    }

    fn leaf<'a>(&mut self, ident: &'a Ident, before: &mut Vec<&'a Ident>) {
        before.push(ident);
        self.mention(before);
        before.pop();
    }

    /// What a macro is called with is no syntax yet: paths in it are words with two colons between them.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<Ident> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) if !path.is_empty() && colons == 2 => {
                    path.push(ident);
                    colons = 0;
                }
                other => {
                    self.mention_all(std::mem::take(&mut path));
                    colons = 0;
                    match other {
                        TokenTree::Ident(ident) => path.push(ident),
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        _ => {}
                    }
                }
            }
        }
        self.mention_all(path);
    }

    fn mention_all(&mut self, path: Vec<Ident>) {
        self.mention(&path.iter().collect::<Vec<_>>());
    }

    fn name(&mut self, ident: &Ident, visibility: &Visibility, is_type: bool) {
        self.names.push(Name {
            name: ident.to_string(),
            line: ident.span().start().line,
            is_type,
            is_public: !matches!(visibility, Visibility::Inherited),
        });
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        let is_test = attributes(item).iter().any(is_test);
        if let Item::Mod(module) = item {
            self.within.push(module.ident.to_string());
            if is_test {
                self.tests.insert(self.within.clone());
            } else {
                visit::visit_item(self, item);
            }
            self.within.pop();
        } else if !is_test {
            match item {
                Item::Const(item) => self.name(&item.ident, &item.vis, false),
                Item::Static(item) => self.name(&item.ident, &item.vis, false),
                Item::Enum(item) => self.name(&item.ident, &item.vis, true),
                Item::Struct(item) => self.name(&item.ident, &item.vis, true),
                Item::Trait(item) => self.name(&item.ident, &item.vis, true),
                Item::Type(item) => self.name(&item.ident, &item.vis, true),
                _ => {}
            }
            visit::visit_item(self, item);
        }
    }

    fn visit_block(&mut self, block: &'a syn::Block) {
        // What has a name within a function is nobody else's.
        let before = self.names.len();
        visit::visit_block(self, block);
        self.names.truncate(before);
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        self.trees(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let idents: Vec<&Ident> = path.segments.iter().map(|segment| &segment.ident).collect();
        self.mention(&idents);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'a syn::Macro) {
        visit::visit_macro(self, called);
        self.tokens(called.tokens.clone());
    }

    fn visit_attribute(&mut self, _: &'a Attribute) {}

    fn visit_visibility(&mut self, _: &'a Visibility) {}
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether this is a `cfg` that holds in tests only: `test` itself, or `all` with it.
fn is_test(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else {
        return false;
    };
    list.path.is_ident("cfg") && needs_test(list.tokens.clone())
}

fn needs_test(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(ident)), None) => ident == "test",
        (Some(TokenTree::Ident(ident)), Some(TokenTree::Group(group))) if ident == "all" => {
            let parts = group.stream().into_iter().collect::<Vec<_>>();
            let mut parts = parts
                .split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
            parts.any(|part| needs_test(part.iter().cloned().collect()))
        }
        _ => false,
    }
}
