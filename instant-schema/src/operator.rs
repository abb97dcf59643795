//! The operators of `where`, and what each needs.

/// An operator of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `$in`: one of a list.
    In,
    /// `$not` (also `$ne`): another value, or none.
    Not,
    /// `$isNull`: whether there is no value.
    IsNull,
    /// `$gt`
    Gt,
    /// `$gte`
    Gte,
    /// `$lt`
    Lt,
    /// `$lte`
    Lte,
    /// `$like`: an SQL pattern.
    Like,
    /// `$ilike`: an SQL pattern, ignoring case.
    Ilike,
}

/// What an operator takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A value of the attribute's type.
    Value,
    /// A list of values of the attribute's type.
    List,
    /// `true` or `false`, whatever the attribute's type.
    Boolean,
    /// A string: a pattern.
    Pattern,
}

impl Operator {
    /// Every spelling with its operator. The usual spelling of an operator comes before others.
    pub const SPELLINGS: [(&'static str, Self); 11] = [
        ("$in", Self::In),
        ("$not", Self::Not),
        ("$isNull", Self::IsNull),
        ("$gt", Self::Gt),
        ("$gte", Self::Gte),
        ("$lt", Self::Lt),
        ("$lte", Self::Lte),
        ("$like", Self::Like),
        ("$ilike", Self::Ilike),
        ("$ne", Self::Not),
        ("in", Self::In),
    ];

    /// Returns the operator with this spelling.
    pub fn parse(spelling: &str) -> Option<Self> {
        Self::SPELLINGS.iter().find(|(name, _)| *name == spelling).map(|(_, operator)| *operator)
    }

    /// Returns the spellings that messages propose.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::SPELLINGS.iter().map(|(name, _)| *name).filter(|name| *name != "in")
    }

    /// Returns the usual spelling.
    pub fn name(self) -> &'static str {
        Self::SPELLINGS.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| name)
    }

    /// Returns what the operator takes.
    pub fn operand(self) -> Operand {
        match self {
            Self::In => Operand::List,
            Self::IsNull => Operand::Boolean,
            Self::Like | Self::Ilike => Operand::Pattern,
            Self::Not | Self::Gt | Self::Gte | Self::Lt | Self::Lte => Operand::Value,
        }
    }

    /// Whether it only works on indexed attributes of a type that the server checks.
    pub fn needs_index(self) -> bool {
        !matches!(self, Self::In | Self::Not | Self::IsNull)
    }
}
