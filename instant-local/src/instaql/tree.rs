//! The text of the tree: the objects of a form with all that is below them.

use std::ops::Range;

use super::object::{Objects, Replaced};

/// The objects of one form as text, each with all that is below it.
pub(super) struct Written {
    /// The members of all objects, with a comma before each.
    text: String,
    /// Where each object has its members.
    objects: Vec<Range<usize>>,
}

/// The objects of a nested form below those of the form around it.
pub(super) struct Nested {
    /// Its key, as a member begins: `,"key":`
    pub head: String,
    pub written: Written,
    /// The children of each parent, in order, by their index.
    pub lists: Lists,
    /// Whether a parent has one object or null, not a list.
    pub singular: bool,
    /// Which parents have the key, where not all do. Where it would replace a member of one that has not, that stays.
    pub shown: Option<Vec<bool>>,
}

/// For each of a number of owners a list, all in one vector.
pub(super) struct Lists {
    items: Vec<usize>,
    ends: Vec<usize>,
}

impl Written {
    /// Writes the objects with what is nested in them. The text of a child is copied to each of its parents.
    pub fn of(objects: Objects, nested: &[Nested]) -> Self {
        if nested.is_empty() {
            let (text, objects) = objects.into_members();
            return Self { text, objects };
        }
        let mut text = String::new();
        let mut ranges = Vec::with_capacity(objects.list.len());
        for (index, object) in objects.list.iter().enumerate() {
            let start = text.len();
            let members = objects.members(object);
            let replaced = objects.replaced(object);
            let mut done = 0;
            let shown = |replaced: &&Replaced| nested[replaced.nested].is_shown(index);
            for replaced in replaced.iter().filter(shown) {
                text.push_str(&members[done..replaced.member.start]);
                nested[replaced.nested].write(index, &mut text);
                done = replaced.member.end;
            }
            text.push_str(&members[done..]);
            for (form, nested) in nested.iter().enumerate() {
                if nested.is_shown(index) && replaced.iter().all(|replaced| replaced.nested != form) {
                    nested.write(index, &mut text);
                }
            }
            ranges.push(start..text.len());
        }
        Self { text, objects: ranges }
    }

    /// Appends some of the objects, by their index, as a JSON list.
    pub fn write_list(&self, objects: &[usize], out: &mut String) {
        out.push('[');
        for (nth, object) in objects.iter().enumerate() {
            if nth > 0 {
                out.push(',');
            }
            self.write_object(*object, out);
        }
        out.push(']');
    }

    fn write_object(&self, object: usize, out: &mut String) {
        let members = &self.text[self.objects[object].clone()];
        out.push('{');
        out.push_str(members.strip_prefix(',').unwrap_or(members));
        out.push('}');
    }
}

impl Nested {
    fn is_shown(&self, parent: usize) -> bool {
        self.shown.as_ref().is_none_or(|shown| shown[parent])
    }

    fn write(&self, parent: usize, out: &mut String) {
        let children = self.lists.of(parent);
        out.push_str(&self.head);
        match children {
            [] if self.singular => out.push_str("null"),
            [first, ..] if self.singular => self.written.write_object(*first, out),
            children => self.written.write_list(children, out),
        }
    }
}

impl Lists {
    /// The lists of `owners` owners, from pairs of owner and item that are sorted by owner.
    pub fn of_pairs(owners: usize, pairs: impl ExactSizeIterator<Item = (usize, usize)>) -> Self {
        let mut items = Vec::with_capacity(pairs.len());
        let mut ends = Vec::with_capacity(owners);
        for (owner, item) in pairs {
            ends.resize(owner, items.len());
            items.push(item);
        }
        ends.resize(owners, items.len());
        Self { items, ends }
    }

    /// The list of one owner.
    pub fn of(&self, owner: usize) -> &[usize] {
        let start = owner.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.items[start..self.ends[owner]]
    }
}
