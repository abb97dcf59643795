//! The options of a form: the keys of `$`.

/// One key of `$`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the option of that name")]
pub enum OptionKey {
    Where,
    Order,
    Limit,
    First,
    Last,
    Offset,
    After,
    AfterInclusive,
    Before,
    BeforeInclusive,
    Fields,
    Aggregate,
}

impl OptionKey {
    /// Every option with its name.
    pub const ALL: [(&'static str, Self); 12] = [
        ("where", Self::Where),
        ("order", Self::Order),
        ("limit", Self::Limit),
        ("first", Self::First),
        ("last", Self::Last),
        ("offset", Self::Offset),
        ("after", Self::After),
        ("afterInclusive", Self::AfterInclusive),
        ("before", Self::Before),
        ("beforeInclusive", Self::BeforeInclusive),
        ("fields", Self::Fields),
        ("aggregate", Self::Aggregate),
    ];

    /// The option of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, key)| *key)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }

    /// Whether it only has a meaning on root entities. (A nested `limit` is accepted by the server and ignored.)
    pub fn root_only(self) -> bool {
        !matches!(self, Self::Where | Self::Order | Self::Fields)
    }

    /// Whether at most one of its kind may be given: `limit`, `first` and `last`.
    pub fn sizes_page(self) -> bool {
        matches!(self, Self::Limit | Self::First | Self::Last)
    }
}

/// What to compute instead of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Aggregate {
    /// How many entities there are.
    Count,
}

impl Aggregate {
    /// The spelling in a query.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
        }
    }

    /// The aggregate with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        (name == Self::Count.name()).then_some(Self::Count)
    }
}
