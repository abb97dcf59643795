//! Plans: forms resolved against the attributes of an app, ready to run.

use std::sync::Arc;

use instant_schema::Direction;
use instant_schema::instaql::SERVER_CREATED_AT;

use super::Access;
use super::cursor::CursorReader;
use super::filter::Filter;
use super::parse::{Form, Order, Size};
use super::problem::{Query, below};
use super::resolve::{Resolver, Unresolved, link_target};
use super::stretch::{Edge, Position};
use crate::ApiError;
use crate::store::{AttrCatalog, Place, StoredAttr};

/// A form that is ready to run.
pub(super) struct Plan {
    /// The key under which its entities appear.
    pub key: String,
    /// The entity type; empty where the key is not a link of the parent.
    pub entity: String,
    /// The link from the parent, and the parent's side of it; `None` at the root.
    pub link: Option<(Arc<StoredAttr>, Direction)>,
    /// The filters; `None` where the form names something unknown, so that nothing matches.
    pub filters: Option<Vec<Filter>>,
    /// The `id` attribute of the entity type, which lists its entities.
    pub id_attr: Option<Arc<StoredAttr>>,
    /// How a page is cut, where the query asks for a page or an order.
    pub page: Option<Page>,
    pub order: Option<Order>,
    pub fields: Option<Vec<String>>,
    pub count: bool,
    pub children: Vec<Plan>,
}

pub(super) struct Page {
    /// The `id` attribute of the entity type.
    pub id_attr: Arc<StoredAttr>,
    /// The attribute to order by; `None` for the time of creation.
    pub order: Option<Arc<StoredAttr>>,
    pub descending: bool,
    pub size: Option<Size>,
    pub offset: u64,
    pub after: Option<Edge<Position>>,
    pub before: Option<Edge<Position>>,
}

pub(super) struct Planner<'a> {
    pub catalog: &'a AttrCatalog,
    pub query: Query<'a>,
    pub access: &'a Access<'a>,
}

impl Planner<'_> {
    pub fn roots(&self, forms: Vec<Form>) -> Result<Vec<Plan>, ApiError> {
        forms
            .into_iter()
            .map(|form| {
                let entity = form.key.clone();
                self.plan(form, entity, None)
            })
            .collect()
    }

    fn plan(
        &self,
        form: Form,
        entity: String,
        link: Option<(Arc<StoredAttr>, Direction)>,
    ) -> Result<Plan, ApiError> {
        let Form { key, at, options, children } = form;
        let resolver = Resolver { catalog: self.catalog, query: self.query, at: &at, entity: &entity };
        let id_attr = self.catalog.id_attr(&entity).cloned();
        let root = link.is_none();
        let filters = match resolver.resolve(&options.filter) {
            // What a filter or a link finds needs no list of all entities.
            Ok(filters) if id_attr.is_some() || !filters.is_empty() || !root => Some(filters),
            Ok(_) | Err(Unresolved::Unknown) => None,
            Err(Unresolved::Wrong(error)) => return Err(error),
        };
        let paged = options.size.is_some()
            || options.offset.is_some()
            || options.after.is_some()
            || options.before.is_some()
            || options.order.is_some();
        let page = if root && paged && filters.is_some() {
            let order = self.order_attr(&at, &entity, options.order.as_ref())?;
            let Some(id_attr) = id_attr.clone() else {
                return Err(self.no_order(&at, "id", &entity));
            };
            let cursors = CursorReader {
                catalog: self.catalog,
                query: self.query,
                at: &at,
                id_attr: &id_attr,
                order: order.as_deref(),
            };
            let before = cursors.read("before", options.before)?;
            let after = cursors.read("after", options.after)?;
            let descending = options.order.as_ref().is_some_and(|order| order.descending);
            let offset = options.offset.unwrap_or(0);
            Some(Page { id_attr, order, descending, size: options.size, offset, after, before })
        } else {
            None
        };
        let children: Vec<Plan> =
            children.into_iter().map(|child| self.child(child, &entity)).collect::<Result<_, _>>()?;
        if options.count {
            self.check_count(&at, root, children.is_empty(), paged)?;
        }
        Ok(Plan {
            key,
            link,
            filters,
            id_attr,
            page,
            order: options.order,
            fields: options.fields,
            count: options.count,
            children,
            entity,
        })
    }

    fn child(&self, form: Form, parent: &str) -> Result<Plan, ApiError> {
        match self.catalog.resolve(parent, &form.key) {
            Some((stored, side)) => {
                let entity = link_target(parent, &form.key, stored, side)?.to_owned();
                self.plan(form, entity, Some((Arc::clone(stored), side)))
            }
            // An unknown link is an empty one, whatever is asked below it.
            None => Ok(Plan {
                key: form.key,
                entity: String::new(),
                link: None,
                filters: None,
                id_attr: None,
                page: None,
                order: None,
                fields: None,
                count: false,
                children: Vec::new(),
            }),
        }
    }

    fn order_attr(
        &self,
        at: &[serde_json::Value],
        entity: &str,
        order: Option<&Order>,
    ) -> Result<Option<Arc<StoredAttr>>, ApiError> {
        let Some(Order { label, .. }) = order.filter(|order| order.label != SERVER_CREATED_AT) else {
            return Ok(None);
        };
        let Some(stored) = self.catalog.forward(entity, label) else {
            return Err(self.no_order(at, label, entity));
        };
        let at = below(at, &["$", "order"]);
        let name = stored.name();
        let mut wrong = Vec::new();
        if !stored.attr.indexed {
            wrong.push(format!("The `{name}` attribute is not indexed. Only indexed and typed attributes can be used to order by."));
        }
        if stored.checked_type().is_none() {
            wrong.push(format!("The `{name}` attribute is not typed. Only typed and indexed attributes can be used to order by."));
        }
        if !stored.is_one() {
            wrong.push(format!("The `{name}` attribute has cardinality `many`. Only attributes with cardinality `one` can be used to order by."));
        }
        if wrong.is_empty() && stored.place == Place::Blobs {
            return Ok(Some(Arc::clone(stored)));
        }
        let errors = wrong.into_iter().map(
            |message| serde_json::json!({ "expected": "supported-order?", "in": at, "message": message }),
        );
        Err(ApiError::validation("query", self.query.0.clone(), errors.collect()))
    }

    fn no_order(&self, at: &[serde_json::Value], label: &str, entity: &str) -> ApiError {
        let message = format!("There is no `{label}` attribute for {entity}.");
        self.query.refuse("supported-order?", &below(at, &["$", "order"]), message)
    }

    fn check_count(
        &self,
        at: &[serde_json::Value],
        root: bool,
        alone: bool,
        paged: bool,
    ) -> Result<(), ApiError> {
        let (expected, message) = if !matches!(self.access, Access::Admin) {
            ("admin?", "Aggregates are currently only available for admin queries.")
        } else if !alone {
            ("valid-query?", "You can not combine aggregates with child queries at this time.")
        } else if !root {
            ("valid-query?", "You can only use aggregates on the top-level field.")
        } else if paged {
            ("valid-query?", "You can not combine aggregates with `order`, `limit`, `offset` or cursors.")
        } else {
            return Ok(());
        };
        Err(self.query.refuse(expected, &below(at, &["$", "aggregate"]), message))
    }
}
