//! Plan steps as they travel: `["add-attr", {..}]`, `["index", {"attr-id", "forward-identity"}]`.

use serde_json::{Map, Value, json};

use crate::attr::{Attr, AttrUpdate, Identity};
use crate::id::parse_id_value;
use crate::plan::{Job, PlanStep};
use crate::rule::{self, Problem};
use crate::value_type::CheckedType;

/// The jobs that need nothing but an attribute.
const PLAIN_JOBS: [Job; 7] = [
    Job::Index,
    Job::RemoveIndex,
    Job::Unique,
    Job::RemoveUnique,
    Job::Required,
    Job::RemoveRequired,
    Job::RemoveDataType,
];

impl PlanStep {
    /// The step's name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AddAttr(_) => "add-attr",
            Self::UpdateAttr(_) => "update-attr",
            Self::DeleteAttr(_) => "delete-attr",
            Self::Job { job, .. } => job.name(),
        }
    }

    /// `[name, payload]`, with exactly the members the server gives each kind of payload.
    pub fn to_json(&self) -> Value {
        match self {
            Self::AddAttr(attr) => json!([self.name(), add_payload(attr)]),
            Self::UpdateAttr(update) => json!([self.name(), update_payload(update)]),
            Self::DeleteAttr(id) => json!([self.name(), id]),
            Self::Job { job, attr_id, forward_identity } => {
                let mut payload = json!({ "attr-id": attr_id, "forward-identity": forward_identity });
                if let Job::CheckDataType(checked) = job {
                    payload["checked-data-type"] = json!(checked);
                }
                json!([self.name(), payload])
            }
        }
    }

    /// Reads a step of `steps/apply`; the error says what is wrong with it.
    ///
    /// ```
    /// use instant_schema::plan::{Job, PlanStep};
    /// use serde_json::json;
    ///
    /// let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
    /// let step = PlanStep::from_json(&json!(["index", { "attr-id": id }])).unwrap();
    /// assert!(matches!(step, PlanStep::Job { job: Job::Index, .. }));
    /// let error = PlanStep::from_json(&json!(["indx", { "attr-id": id }])).unwrap_err();
    /// assert!(error.message.starts_with("unknown step `indx`: did you mean `index`?"));
    /// ```
    pub fn from_json(step: &Value) -> Result<Self, Problem> {
        let [Value::String(name), payload, ..] = step.as_array().map_or(&[][..], Vec::as_slice) else {
            return Err(rule::not_a_plan_step());
        };
        let wrong = |error: serde_json::Error| rule::wrong_payload(name, &error);
        match name.as_str() {
            "add-attr" => Attr::deserialize_from(payload).map(Self::AddAttr).map_err(wrong),
            "update-attr" => {
                serde_json::from_value::<AttrUpdate>(payload.clone()).map(Self::UpdateAttr).map_err(wrong)
            }
            "delete-attr" => crate::id::deserialize(payload).map(Self::DeleteAttr).map_err(wrong),
            _ => Self::job_from_json(name, payload),
        }
    }

    fn job_from_json(name: &str, payload: &Value) -> Result<Self, Problem> {
        let job = Job::from_name(name, payload["checked-data-type"].as_str())?;
        let attr_id = parse_id_value(&payload["attr-id"]).ok_or_else(|| rule::job_without_attribute(name))?;
        let forward_identity = serde_json::from_value::<Identity>(payload["forward-identity"].clone()).ok();
        Ok(Self::Job { job, attr_id, forward_identity })
    }
}

impl Job {
    /// The job's name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::RemoveIndex => "remove-index",
            Self::Unique => "unique",
            Self::RemoveUnique => "remove-unique",
            Self::Required => "required",
            Self::RemoveRequired => "remove-required",
            Self::CheckDataType(_) => "check-data-type",
            Self::RemoveDataType => "remove-data-type",
        }
    }

    /// Reads a job's name on the wire; `check-data-type` also needs the type.
    pub fn from_name(name: &str, checked_data_type: Option<&str>) -> Result<Self, Problem> {
        if let Some(job) = PLAIN_JOBS.into_iter().find(|job| job.name() == name) {
            return Ok(job);
        }
        if name == "check-data-type" {
            let checked = checked_data_type.and_then(CheckedType::from_name);
            return checked.map(Self::CheckDataType).ok_or_else(rule::job_without_type);
        }
        let jobs = PLAIN_JOBS.iter().map(Self::name);
        let steps = ["add-attr", "update-attr", "delete-attr", "check-data-type"].into_iter().chain(jobs);
        Err(rule::unknown_plan_step(name, steps))
    }
}

impl Attr {
    /// Reads a record as clients send it: with nulls for members without a value, and with unknown members.
    fn deserialize_from(payload: &Value) -> Result<Self, serde_json::Error> {
        let mut payload = payload.clone();
        if let Some(members) = payload.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        serde_json::from_value(payload)
    }
}

fn add_payload(attr: &Attr) -> Map<String, Value> {
    let mut payload = Map::new();
    let mut put = |name: &str, value: Value| payload.insert(name.to_owned(), value);
    put("value-type", json!(attr.stored_as));
    put("cardinality", json!(attr.cardinality));
    put("id", json!(attr.id));
    put("forward-identity", json!(attr.forward_identity));
    if attr.is_ref() {
        put("reverse-identity", json!(attr.reverse_identity));
    }
    put("unique?", json!(attr.unique));
    put("index?", json!(attr.indexed));
    if attr.forward_identity.label() != "id" {
        put("required?", json!(attr.required));
    }
    if attr.is_ref() {
        put("on-delete", json!(attr.on_delete));
        put("on-delete-reverse", json!(attr.on_delete_reverse));
    } else if let Some(checked) = &attr.checked_data_type {
        put("checked-data-type", json!(checked));
    }
    payload
}

fn update_payload(update: &AttrUpdate) -> Value {
    let mut payload = json!(update);
    if update.reverse_identity.is_none()
        && let Some(members) = payload.as_object_mut()
    {
        // Only a link has cascades to set or clear.
        members.retain(|name, value| !name.starts_with("on-delete") || !value.is_null());
    }
    payload
}
