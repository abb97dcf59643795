//! Random schemas.

use serde_json::{Map, Value, json};

use super::dice::Dice;

#[derive(Debug, Clone)]
pub struct Schema {
    pub entities: Vec<Entity>,
    pub links: Vec<Link>,
}

#[derive(Debug, Clone)]
pub struct Entity {
    pub name: String,
    pub attrs: Vec<Attr>,
}

#[derive(Debug, Clone)]
pub struct Attr {
    pub label: String,
    pub kind: Kind,
    pub indexed: bool,
    pub unique: bool,
    pub required: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Truth,
    Json,
}

/// A link, from its owner to its target.
#[allow(clippy::struct_excessive_bools, reason = "each is a property of a link of its own")]
#[derive(Debug, Clone)]
pub struct Link {
    pub owner: String,
    pub label: String,
    pub one: bool,
    pub target: String,
    pub back: String,
    pub back_one: bool,
    /// Deleting a target deletes the owners.
    pub cascade: bool,
    /// Deleting an owner deletes the targets.
    pub cascade_back: bool,
}

/// Where a label of an entity type leads.
#[derive(Clone, Copy)]
pub struct Way<'s> {
    pub link: usize,
    pub forward: bool,
    pub to: &'s str,
}

impl Schema {
    pub fn random(dice: &mut Dice) -> Self {
        let names: Vec<String> = (0..dice.from(2, 3)).map(|nth| format!("e{nth}")).collect();
        let entities = names.iter().map(|name| Entity { name: name.clone(), attrs: attrs(dice) }).collect();
        let mut links: Vec<Link> = (0..dice.from(2, 4))
            .map(|nth| {
                let (one, back_one) = (dice.chance(50), dice.chance(30));
                Link {
                    owner: dice.pick(&names).clone(),
                    label: format!("l{nth}"),
                    one,
                    target: dice.pick(&names).clone(),
                    back: format!("b{nth}"),
                    back_one,
                    cascade: one && dice.chance(30),
                    cascade_back: back_one && dice.chance(30),
                }
            })
            .collect();
        links.push(Link {
            owner: "e0".to_owned(),
            label: "owner".to_owned(),
            one: true,
            target: "$users".to_owned(),
            back: "owned".to_owned(),
            back_one: false,
            cascade: false,
            cascade_back: false,
        });
        Self { entities, links }
    }

    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.name == name)
    }

    pub fn attr(&self, entity: &str, label: &str) -> Option<&Attr> {
        self.entity(entity)?.attrs.iter().find(|attr| attr.label == label)
    }

    pub fn way(&self, entity: &str, label: &str) -> Option<Way<'_>> {
        let links = || self.links.iter().enumerate();
        let forward = links().find(|(_, link)| link.owner == entity && link.label == label);
        let back = links().find(|(_, link)| link.target == entity && link.back == label);
        match (forward, back) {
            (Some((nth, link)), _) => Some(Way { link: nth, forward: true, to: &link.target }),
            (None, Some((nth, link))) => Some(Way { link: nth, forward: false, to: &link.owner }),
            (None, None) => None,
        }
    }

    /// The labels of the links of an entity type, without those to users.
    pub fn labels(&self, entity: &str) -> Vec<String> {
        let links = self.links.iter().filter(|link| link.target != "$users");
        let labels = links.flat_map(|link| {
            let forward = (link.owner == entity).then(|| link.label.clone());
            let back = (link.target == entity).then(|| link.back.clone());
            forward.into_iter().chain(back)
        });
        labels.collect()
    }

    pub fn json(&self) -> Value {
        let mut entities = Map::from_iter([("$users".to_owned(), json!({ "attrs": {} }))]);
        for entity in &self.entities {
            let attrs: Map<String, Value> =
                entity.attrs.iter().map(|attr| (attr.label.clone(), attr.json())).collect();
            entities.insert(entity.name.clone(), json!({ "attrs": attrs }));
        }
        let has = |one: bool| if one { "one" } else { "many" };
        let links: Map<String, Value> = self
            .links
            .iter()
            .map(|link| {
                let mut forward = json!({ "on": link.owner, "has": has(link.one), "label": link.label });
                let mut reverse = json!({ "on": link.target, "has": has(link.back_one), "label": link.back });
                if link.cascade {
                    forward["onDelete"] = json!("cascade");
                }
                if link.cascade_back {
                    reverse["onDelete"] = json!("cascade");
                }
                (link.label.clone(), json!({ "forward": forward, "reverse": reverse }))
            })
            .collect();
        json!({ "entities": entities, "links": links, "rooms": {} })
    }
}

fn attrs(dice: &mut Dice) -> Vec<Attr> {
    let count = dice.from(2, 5);
    let attr = |nth| {
        let kind = *dice.pick(&[Kind::Text, Kind::Text, Kind::Number, Kind::Truth, Kind::Json, Kind::Json]);
        Attr {
            label: format!("a{nth}"),
            kind,
            indexed: dice.chance(60),
            unique: kind != Kind::Truth && dice.chance(25),
            required: dice.chance(10),
        }
    };
    (0..count).map(attr).collect()
}

impl Attr {
    /// Whether the server checks the type.
    pub fn typed(&self) -> bool {
        self.kind != Kind::Json
    }

    /// Whether roots can be ordered by it, and values compared.
    pub fn sorts(&self) -> bool {
        self.indexed && self.typed()
    }

    fn json(&self) -> Value {
        let value_type = match self.kind {
            Kind::Text => "string",
            Kind::Number => "number",
            Kind::Truth => "boolean",
            Kind::Json => "json",
        };
        json!({
            "valueType": value_type, "required": self.required, "isIndexed": self.indexed,
            "config": { "indexed": self.indexed, "unique": self.unique }, "metadata": {},
        })
    }
}

impl Kind {
    /// The values that are stored and compared. Few, so that they meet.
    pub fn values(self) -> Vec<Value> {
        match self {
            Self::Text => ["a", "ab", "b", "ba", "c", ""].map(Value::from).to_vec(),
            Self::Number => vec![json!(0), json!(1), json!(-3), json!(2.5), json!(40)],
            Self::Truth => vec![json!(true), json!(false)],
            Self::Json => {
                vec![json!(1), json!("a"), json!(true), json!([1, "a"]), json!({ "k": 1 }), json!({})]
            }
        }
    }

    /// Those of the values that a condition takes.
    pub fn scalars(self) -> Vec<Value> {
        self.values().into_iter().filter(|value| !value.is_array() && !value.is_object()).collect()
    }
}
