//! What a call comes to: the InstaQL template, the values that fill it, and the structs of the answer.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value as Json;

use super::Input;
use crate::depth;
use crate::diagnostics::Diagnostics;
use crate::fits::Fits;
use crate::literal::{AttributeView, Catalog, EntityView};
use crate::row::Field;
use crate::tokens;
use instant_schema::ValueType;
use instant_schema::instaql::{MARK, MAX_DEPTH};
use instant_schema::rule;

/// Everything one call produces, filled while its tokens are read.
pub(crate) struct Plan {
    pub(crate) catalog: Catalog,
    /// Whether an editor looks at the expansion.
    pub(crate) editor: bool,
    /// The schema's module.
    pub(crate) schema: TokenStream,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) values: Vec<Filled>,
    pub(crate) structs: Vec<Struct>,
    /// What the names of the structs start with: the query's own name in the item form.
    pub(crate) prefix: String,
    /// Where the structs are said to be: the name of the item that has them.
    pub(crate) place: Span,
    /// Whether values may be Rust expressions: not in a fragment, which is a constant.
    pub(crate) constant: bool,
    /// How many forms, or conditions in each other, are around what is being read.
    pub(crate) depth: usize,
}

/// A Rust expression of the user, and what turns it into a part of the query.
pub(crate) struct Filled {
    pub(crate) expression: TokenStream,
    pub(crate) span: Span,
    pub(crate) fit: Fit,
    /// Whether the expression is an `Option` whose `None` leaves the part out.
    pub(crate) optional: bool,
    pub(crate) path: String,
}

/// How an expression becomes JSON: through a trait that says which types fit, and a function of the runtime that checks
/// the value. The trait is called in the open so that an error shows it alone, at the expression.
pub(crate) struct Fit {
    pub(crate) method: TokenStream,
    pub(crate) function: &'static str,
}

impl Fit {
    pub(crate) fn new(method: TokenStream, function: &'static str) -> Self {
        Self { method, function }
    }

    /// The value of a condition.
    pub(crate) fn operand(fits: &Fits) -> Self {
        Self::new(fits.conversion(), "operand")
    }

    /// The values of `$in`: of an attribute or link and what it holds.
    pub(crate) fn list(of: &TokenStream, kind: &TokenStream) -> Self {
        Self::new(quote!(::instant_admin::value::IntoValues::<#of, #kind>::into_values), "list")
    }

    /// `true` or `false`, for that option or operator.
    pub(crate) fn flag() -> Self {
        Self::new(quote!(::instant_admin::query::operand::Flag::into_bool), "flag")
    }
}

/// A struct of the answer.
pub(crate) struct Struct {
    pub(crate) name: Ident,
    /// The entity's name; empty for the answer itself.
    pub(crate) entity: String,
    pub(crate) fields: Vec<Field>,
}

impl Plan {
    pub(crate) fn new(input: &Input) -> Self {
        Self {
            catalog: Catalog::new(&input.literal),
            schema: input.schema.clone(),
            editor: input.editor,
            diagnostics: Diagnostics::default(),
            values: Vec::new(),
            structs: Vec::new(),
            prefix: String::new(),
            place: Span::call_site(),
            constant: false,
            depth: 0,
        }
    }

    /// Says that the structs are those of the item whose name is there. Editors would take them for the name.
    pub(crate) fn stand_at(&mut self, name: Span) {
        if !self.editor {
            self.place = Span::call_site().located_at(name);
        }
    }

    /// The entity of that name, which is reported where the schema has none.
    pub(crate) fn entity(&mut self, name: &str, span: Span) -> Option<EntityView> {
        let found = self.catalog.entity(name).ok_or_else(|| {
            let entities = self.catalog.entities();
            rule::unknown_entity(name, entities.iter().map(String::as_str).collect())
        });
        self.diagnostics.judge(span, found)
    }

    /// Goes one level deeper, or reports that it is too deep. [`leave`](Self::leave) comes back.
    pub(crate) fn enter(&mut self, span: Span) -> bool {
        if self.depth == MAX_DEPTH {
            self.diagnostics.breach(span, rule::too_deep(MAX_DEPTH));
            return false;
        }
        self.depth += 1;
        true
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// A place in the template that `expression` fills, as `fit` says.
    pub(crate) fn fill(
        &mut self,
        expression: TokenStream,
        span: Span,
        fit: Fit,
        optional: bool,
        path: String,
    ) -> Json {
        if self.constant {
            let message =
                "a fragment is a constant: write a literal here, or put this condition into the query";
            self.diagnostics.report(span, message);
        }
        if expression.is_empty() {
            self.diagnostics.report(span, "expected a value");
            return Json::Null;
        }
        // What is no Rust would hide all other mistakes. Editors read on by themselves.
        if !self.editor
            && let Err(error) = depth::expression(expression.clone())
        {
            self.diagnostics.report(error.span(), format!("expected a Rust expression: {error}"));
            return Json::Null;
        }
        // Errors in the call point at the user's value, but editors would show the call in its place.
        let span = if self.editor { Span::call_site() } else { span };
        let expression = tokens::with_operands_in_parentheses(expression);
        self.values.push(Filled { expression, span, fit, optional, path });
        Json::String(format!("{MARK}{}", self.values.len() - 1))
    }

    /// A string of the user's own.
    pub(crate) fn text(&mut self, text: String, span: Span, path: &str) -> Json {
        if !text.starts_with(MARK) {
            return Json::String(text);
        }
        let fit = Fit::operand(&Fits::of(ValueType::String, None, &quote!(())));
        self.fill(quote!(#text), span, fit, false, path.to_owned())
    }

    /// A name for a struct that no other struct of the call has.
    pub(crate) fn claim_name(&mut self, wanted: &str) -> Ident {
        let wanted = wanted.strip_prefix("r#").unwrap_or(wanted);
        let wanted = format!("{}{wanted}", self.prefix);
        let mut name = wanted.clone();
        let mut number = 2;
        while self.structs.iter().any(|taken| taken.name == name)
            || name == format!("{}Response", self.prefix)
        {
            name = format!("{wanted}{number}");
            number += 1;
        }
        format_ident!("{name}", span = self.place)
    }

    /// The struct of a whole entity in the schema's module.
    pub(crate) fn entity_type(&self, entity: &EntityView) -> TokenStream {
        let (schema, name) = (&self.schema, &entity.type_name);
        quote!(#schema::#name)
    }

    /// The type of an entity's id.
    pub(crate) fn id_type(&self, entity: &EntityView) -> TokenStream {
        let entity = self.entity_type(entity);
        quote!(::instant_admin::Id<#entity>)
    }

    /// The Rust type of an attribute's values.
    pub(crate) fn value_type(&self, entity: &EntityView, attribute: &AttributeView) -> TokenStream {
        if attribute.own_type {
            let (schema, module, field) = (&self.schema, &entity.module, &attribute.field);
            return quote!(#schema::__types::#module::#field);
        }
        match attribute.value_type {
            ValueType::String => quote!(::std::string::String),
            ValueType::Number => quote!(::core::primitive::f64),
            ValueType::Boolean => quote!(::core::primitive::bool),
            ValueType::Date => quote!(::instant_admin::Date),
            ValueType::Json => quote!(::instant_admin::__private::Value),
        }
    }

    /// The type in the schema's module that stands for an attribute or link, or for the id.
    pub(crate) fn marker(&self, entity: &EntityView, field: &Ident) -> TokenStream {
        let (schema, module) = (&self.schema, &entity.module);
        quote!(#schema::#module::#field)
    }

    /// What an attribute is compared with.
    pub(crate) fn fits(&self, entity: &EntityView, attribute: &AttributeView) -> Fits {
        let own = attribute.own_type.then(|| self.value_type(entity, attribute));
        Fits::of(attribute.value_type, own.as_ref(), &self.marker(entity, &attribute.field))
    }

    /// What an attribute holds, as the type argument of `IntoValues`.
    pub(crate) fn kind(&self, entity: &EntityView, attribute: &AttributeView) -> TokenStream {
        let own = self.value_type(entity, attribute);
        match attribute.value_type {
            _ if attribute.own_type => quote!(::instant_admin::value::Custom<#own>),
            ValueType::Json => quote!(::instant_admin::value::Json),
            _ => own,
        }
    }
}
