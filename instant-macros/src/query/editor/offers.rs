//! The `__query` module of a schema: a constant for each name that `query!` knows, with its type and what it is,
//! in a module for each kind of place.
//!
//! The constants have no value, as nothing but rust-analyzer ever looks at them.

use instant_schema::instaql::{Labels, Operand, Operator, OptionKey, SERVER_CREATED_AT, names};
use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::identifier;
use crate::literal::{AttributeView, Catalog, EntityView, LinkView};
use crate::value_type::{describe, rust_type};

/// Writes the module. Go-to on a name leads to `place`, which is where the schema is named.
pub(crate) fn offers(literal: &str, place: Span) -> TokenStream {
    let catalog = Catalog::new(literal);
    let entities: Vec<EntityView> =
        catalog.entities().iter().filter_map(|name| catalog.entity(name)).collect();
    let offers = Offers { catalog, place };
    let own = entities.iter().filter(|entity| !entity.name.starts_with('$'));
    let own = own.map(|entity| offers.root(entity, &entity.name));
    let system =
        entities.iter().filter_map(|entity| Some(offers.root(entity, entity.name.strip_prefix('$')?)));
    let on = entities.iter().map(|entity| offers.on(entity));
    let words = offers.words();
    quote! {
        pub mod roots { use super::super::*; #(#own)* }
        pub mod system { use super::super::*; #(#system)* }
        pub mod on { #(#on)* }
        #words
    }
}

/// The schema, and where go-to leads.
struct Offers {
    catalog: Catalog,
    place: Span,
}

impl Offers {
    /// `/// doc \n pub const name: Type;`; nothing for a name that is not an identifier.
    fn constant(&self, name: &str, holds: &TokenStream, doc: &str) -> TokenStream {
        let Some(mut name) = identifier(name) else { return TokenStream::new() };
        name.set_span(self.place);
        quote!(#[doc = #doc] pub const #name: #holds;)
    }

    fn root(&self, entity: &EntityView, name: &str) -> TokenStream {
        let row = &entity.type_name;
        self.constant(name, &quote!(Vec<#row>), &format!("The entity `{}` of the schema.", entity.name))
    }

    /// The names on one entity, by kind and then by the places where they can stand.
    fn on(&self, entity: &EntityView) -> TokenStream {
        let (module, row, name) = (&entity.module, &entity.type_name, &entity.name);
        let id = self.constant("id", &quote!(Id<#row>), &format!("The id of an entity of `{name}`."));
        let attributes = entity.attributes.iter().map(|attribute| self.attribute(entity, attribute));
        let links = entity.links.iter().filter_map(|link| {
            let target = self.catalog.entity(&link.target)?;
            Some(self.link(entity, link, &target))
        });
        let sortable =
            Labels::attributes(entity).into_iter().filter(|label| names::order(entity, label, true).is_ok());
        let sortable = sortable.filter_map(identifier);
        let types = quote! {
            use super::super::super::super::*;
            use ::instant_admin::Id;
        };
        quote! {
            pub mod #module {
                pub mod id { #types #id }
                pub mod attributes { #types #(#attributes)* }
                pub mod links { #types #(#links)* }
                pub mod form { pub use super::attributes::*; pub use super::links::*; }
                pub mod steps { pub use super::form::*; pub use super::id::*; }
                pub mod conditions { pub use super::steps::*; pub use super::super::super::joints::*; }
                pub mod fields { pub use super::attributes::*; pub use super::id::*; }
                pub mod order { #(pub use super::attributes::#sortable;)* pub use super::super::super::creation::*; }
                pub mod nested_order { pub use super::attributes::*; pub use super::super::super::creation::*; }
            }
        }
    }

    fn attribute(&self, entity: &EntityView, attribute: &AttributeView) -> TokenStream {
        let (module, field, label) = (&entity.module, &attribute.field, &attribute.label);
        let AttributeView { value_type, required, indexed, unique, .. } = *attribute;
        let value = if attribute.own_type { quote!(__types::#module::#field) } else { rust_type(value_type) };
        let holds = if required { value } else { quote!(Option<#value>) };
        let what = describe(value_type, required, indexed, unique);
        let doc = format!("The attribute `{label}` of `{}`: {what}.", entity.name);
        self.constant(label, &holds, &doc)
    }

    fn link(&self, entity: &EntityView, link: &LinkView, target: &EntityView) -> TokenStream {
        let row = &target.type_name;
        let (holds, count) =
            if link.many { (quote!(Vec<#row>), "many") } else { (quote!(Option<#row>), "one") };
        let required = if link.required { ", required" } else { "" };
        let doc = format!(
            "The link `{}` of `{}`: to {count} `{}`{required}.",
            link.label, entity.name, link.target
        );
        self.constant(&link.label, &holds, &doc)
    }

    /// The names that every schema has.
    fn words(&self) -> TokenStream {
        let word = |name: &str, doc: &str| self.constant(name, &quote!(()), doc);
        let options = |nested: bool| -> TokenStream {
            let options = OptionKey::ALL.iter().filter(|(_, option)| !(nested && option.root_only()));
            options.map(|(name, option)| word(name, option_doc(*option))).collect()
        };
        let operators = |fits: fn(Operator) -> bool| -> TokenStream {
            let spelled = Operator::SPELLINGS.iter().filter(|(_, operator)| fits(*operator));
            let spelled = spelled.filter_map(|(name, operator)| Some((name.strip_prefix('$')?, operator)));
            spelled.map(|(name, operator)| word(name, operator_doc(*operator))).collect()
        };
        let (root_options, nested_options) = (options(false), options(true));
        let plain = operators(|operator| !operator.needs_index());
        let comparing =
            operators(|operator| operator.needs_index() && operator.operand() != Operand::Pattern);
        let patterns = operators(|operator| operator.operand() == Operand::Pattern);
        let parameters = word("ruleParams", "Values for the permission rules, as JSON.");
        let joints = [
            word("and", "All of these: `and: [{ .. }, { .. }]`."),
            word("or", "One of these: `or: [{ .. }, { .. }]`."),
        ];
        let creation = word(SERVER_CREATED_AT, "When the server stored the entity.");
        let directions = [word("asc", "Smallest first."), word("desc", "Largest first.")];
        let aggregates = word("count", "How many there are.");
        quote! {
            pub mod parameters { #parameters }
            pub mod options { #root_options }
            pub mod nested_options { #nested_options }
            pub mod operators { #plain }
            pub mod comparing_operators { pub use super::operators::*; #comparing }
            pub mod pattern_operators { pub use super::comparing_operators::*; #patterns }
            pub mod joints { #(#joints)* }
            pub mod creation { #creation }
            pub mod directions { #(#directions)* }
            pub mod aggregates { #aggregates }
        }
    }
}

fn option_doc(option: OptionKey) -> &'static str {
    match option {
        OptionKey::Where => "Conditions that rows meet: `where: { title: \"Hi\", views: { $gt: 5 } }`.",
        OptionKey::Order => "What rows are sorted by: `order: { createdAt: desc }`.",
        OptionKey::Limit => "At most so many rows.",
        OptionKey::First => "At most so many rows, from the start.",
        OptionKey::Last => "At most so many rows, from the end.",
        OptionKey::Offset => "Leaves out so many rows.",
        OptionKey::After => "Rows after a cursor.",
        OptionKey::AfterInclusive => "Whether `after` keeps the cursor's own row.",
        OptionKey::Before => "Rows before a cursor.",
        OptionKey::BeforeInclusive => "Whether `before` keeps the cursor's own row.",
        OptionKey::Fields => "Only these attributes, and the id: `fields: [title]`.",
        OptionKey::Aggregate => "A number instead of rows: `aggregate: count`.",
    }
}

fn operator_doc(operator: Operator) -> &'static str {
    match operator {
        Operator::In => "One of a list: `{ $in: [1, 2] }`.",
        Operator::Not => "Another value, or none.",
        Operator::IsNull => "Whether there is no value: `{ $isNull: true }`.",
        Operator::Gt => "Greater.",
        Operator::Gte => "Greater or equal.",
        Operator::Lt => "Less.",
        Operator::Lte => "Less or equal.",
        Operator::Like => "Matches a pattern, where `%` is any text and `_` any character.",
        Operator::Ilike => "Matches a pattern, whatever the case.",
    }
}
