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

    /// Returns the option with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, key)| *key)
    }

    /// Returns the name of the option.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }

    /// Whether the option works on root entities only. (The server accepts a nested `limit` and ignores it.)
    pub fn root_only(self) -> bool {
        !matches!(self, Self::Where | Self::Order | Self::Fields)
    }

    /// Whether the option sets the size of a page: `limit`, `first` or `last`. A form can have one of them.
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
    /// Returns the spelling in a query.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
        }
    }

    /// Returns the aggregate with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        (name == Self::Count.name()).then_some(Self::Count)
    }
}
