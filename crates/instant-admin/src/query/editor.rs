//! Names that rust-analyzer offers inside `query!`; nothing here is ever run.

/// A place that only an editor looks at.
pub fn shown<T>() -> T {
    unreachable!("only editors look at this")
}

macro_rules! names {
    ($(#[$meta:meta])* $name:ident: $($(#[$field_meta:meta])* $field:ident),*) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub struct $name { $($(#[$field_meta])* pub $field: ()),* }
    };
}

names!(
    /// The operators of conditions, each written with `$`.
    Operators:
    /// One of a list.
    r#in,
    /// Another value, or none.
    not,
    /// The same as `$not`.
    ne,
    /// Whether there is no value.
    isNull,
    /// Greater.
    gt,
    /// Greater or equal.
    gte,
    /// Less.
    lt,
    /// Less or equal.
    lte,
    /// Matches a pattern with `%` and `_`.
    like,
    /// Matches a pattern, whatever the case.
    ilike
);

names!(
    /// The options of a form.
    Options:
    /// Conditions that rows must meet.
    r#where,
    /// One attribute and a direction: `{ createdAt: desc }`.
    order,
    /// At most so many rows.
    limit,
    /// The same as `limit`.
    first,
    /// At most so many rows, from the end.
    last,
    /// Skips so many rows.
    offset,
    /// Rows after a cursor.
    after,
    /// Whether `after` keeps the cursor's own row.
    afterInclusive,
    /// Rows before a cursor.
    before,
    /// Whether `before` keeps the cursor's own row.
    beforeInclusive,
    /// Only these attributes, and `id`.
    fields,
    /// A number instead of rows: `count`.
    aggregate
);
