//! The whole schema at once: planned here, applied by the server, taken back where a part of it fails.

use std::fmt;
use std::time::Duration;

use instant_schema::plan::{self, Beyond, Change, Changes, Job, Plan, PlanOptions, PlanStep};
use instant_schema::{Attr, Problem, Rule, Schema};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::LOST_RACES;
use crate::error::{Error, ErrorKind};
use crate::http::Deadline;
use crate::session::Session;

const FIRST_POLL: Duration = Duration::from_millis(100);
const SLOWEST_POLL: Duration = Duration::from_secs(5);

/// Changes of existing attributes are jobs, which look at all values while the app goes on.
const OPTIONS: PlanOptions = PlanOptions { check_types: true, background_updates: true };

/// What a push would change; made by [`Db::plan_schema`](crate::Db::plan_schema). It prints as a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaPlan {
    /// The changes, in order; empty where the server has it all.
    pub changes: Vec<Change>,
    /// What the server has and the schema does not. A push leaves it alone.
    pub beyond: Vec<Beyond>,
}

/// What a push changed; made by [`Db::push_schema`](crate::Db::push_schema). It prints as a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushedSchema {
    /// The changes, in order; empty where the server had it all.
    pub changes: Vec<Change>,
    /// What the server has and the schema does not. It was left alone.
    pub beyond: Vec<Beyond>,
}

#[derive(Deserialize)]
struct Applied {
    #[serde(rename = "indexing-jobs")]
    jobs: Option<JobGroup>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct JobGroup {
    group_id: String,
    jobs: Vec<JobRecord>,
}

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<JobRecord>,
}

#[derive(Deserialize)]
struct JobRecord {
    attr_id: Option<Uuid>,
    #[serde(rename = "job_type")]
    change: String,
    #[serde(rename = "job_status")]
    status: String,
    error: Option<String>,
}

/// Plans against what the server has now.
pub(crate) async fn plan_for(
    session: &Session,
    schema: &Schema,
    changes: &Changes,
    deadline: Deadline,
) -> Result<SchemaPlan, Error> {
    let current = session.attributes(deadline).await?;
    let Plan { changes, beyond, .. } = plan_against(schema, &current, changes)?;
    Ok(SchemaPlan { changes, beyond })
}

/// Applies the whole schema, or nothing of it as far as the server allows.
pub(crate) async fn push(
    session: &Session,
    schema: &Schema,
    changes: &Changes,
    deadline: Deadline,
) -> Result<PushedSchema, Error> {
    let mut lost_races = 0;
    let (plan, current, failed) = loop {
        let current = session.attributes(deadline).await?;
        let plan = plan_against(schema, &current, changes)?;
        refuse_missing_values(session, &plan.steps, &current, deadline).await?;
        match session.apply(&plan.steps, deadline).await {
            Ok(failed) => break (plan, current, failed),
            // Another client created one of the names meanwhile.
            Err(error) if is_taken_name(&error) && lost_races < LOST_RACES => lost_races += 1,
            Err(error) => return Err(error),
        }
    };
    if !failed.is_empty() {
        return Err(taken_back(session, &plan.steps, &current, &failed, deadline).await);
    }
    if !plan.deletions.is_empty() {
        session.apply(&plan.deletions, deadline).await.map_err(|error| {
            error.advising("the rest of the push was applied, the deletions perhaps not; push again")
        })?;
    }
    for extra in plan.beyond.iter().filter(|extra| extra.blocks_creation) {
        tracing::warn!(
            entity = extra.entity,
            attribute = extra.attribute,
            "the server requires what the schema does not have, so that the entity cannot be created"
        );
    }
    Ok(PushedSchema { changes: plan.changes, beyond: plan.beyond })
}

fn plan_against(schema: &Schema, current: &[Attr], changes: &Changes) -> Result<Plan, Error> {
    plan::plan_with(schema, current, OPTIONS, changes).map_err(|problems| {
        let is_taken = |problem: &Problem| matches!(problem.rule, Rule::TakenLabel | Rule::SwappedLink);
        let is_taken = problems.iter().any(is_taken);
        let error = Error::config(problems.to_string()).with_source(problems);
        if !is_taken {
            return error;
        }
        error.advising(
            "`.rename([(\"entity.old\", \"entity.new\")])` renames what the server has, \
             `.delete([\"entity.old\"])` deletes one",
        )
    })
}

fn is_taken_name(error: &Error) -> bool {
    error.is_not_unique() && error.hint().is_some_and(|hint| hint["record-type"] == "ident")
}

/// Refuses, before anything is sent, to require what existing entities lack.
async fn refuse_missing_values(
    session: &Session,
    steps: &[PlanStep],
    current: &[Attr],
    deadline: Deadline,
) -> Result<(), Error> {
    for step in steps {
        let PlanStep::Job { job: Job::Required, attr_id, .. } = step else { continue };
        let Some(attr) = current.iter().find(|attr| attr.id == *attr_id) else { continue };
        let (entity, label) = (attr.forward_identity.entity(), attr.forward_identity.label());
        // A dot would be a path. The job finds what is missing there.
        if label.contains('.') {
            continue;
        }
        let options = json!({ "where": { label: { "$isNull": true } }, "fields": ["id"], "limit": 1 });
        let body = json!({ "query": { entity: { "$": options } } });
        let rows: Value =
            session.as_app().post("query", "admin/query").json(&body).by(deadline).answer().await?;
        if let Some(id) = rows[entity][0]["id"].as_str() {
            let message = format!(
                "`{entity}.{label}` cannot become required: existing entities lack it, such as the one with the id \
                 {id}; give them a value first. Nothing was changed"
            );
            return Err(Error::new(ErrorKind::Validation, message).at(format!("{entity}.{label}")));
        }
    }
    Ok(())
}

/// Takes back what was done of a push of which jobs failed, and says what came of it.
async fn taken_back(
    session: &Session,
    steps: &[PlanStep],
    before: &[Attr],
    failed: &[FailedJob],
    deadline: Deadline,
) -> Error {
    let has_failed = |step: &&PlanStep| failed.iter().any(|failed| failed.is_of(step));
    let (refused, done): (Vec<&PlanStep>, Vec<&PlanStep>) = steps.iter().partition(has_failed);
    let reason = |step: &PlanStep| {
        let failed = failed.iter().find(|failed| failed.is_of(step));
        failed.map_or("unexpected-error", FailedJob::reason)
    };
    let path = refused.first().map(|step| step.attribute()).unwrap_or_default();
    let why: Vec<String> = refused.iter().map(|step| format!("`{step}` failed: {}", reason(step))).collect();
    let why = if why.is_empty() { "a job of the push failed".to_owned() } else { why.join("; ") };
    let done: Vec<PlanStep> = done.into_iter().cloned().collect();
    let back = plan::undo(&done, before);
    let outcome = match session.apply(&back, deadline).await {
        Ok(left) if left.is_empty() => "Nothing was changed: the rest of the push was taken back".to_owned(),
        Ok(left) => {
            let left: Vec<&str> = left.iter().map(|failed| failed.change.as_str()).collect();
            format!("The rest of the push could not be taken back as a whole: {} failed", left.join(", "))
        }
        Err(error) => format!("The rest of the push could not be taken back: {error}"),
    };
    Error::new(ErrorKind::Validation, format!("{why}. {outcome}")).at(path)
}

/// A job that ended in an error.
pub(super) struct FailedJob {
    attr_id: Option<Uuid>,
    change: String,
    error: Option<String>,
}

impl FailedJob {
    fn is_of(&self, step: &PlanStep) -> bool {
        matches!(step, PlanStep::Job { job, attr_id, .. }
            if self.attr_id == Some(*attr_id) && self.change == job.name())
    }

    fn reason(&self) -> &str {
        match self.error.as_deref().unwrap_or("unexpected-error") {
            "invalid-triple-error" => "existing values have another type",
            "triple-not-unique-error" => "existing values are not unique",
            "triple-too-large-error" => "existing values are too large to index (1024 bytes at most)",
            "missing-required-error" => "existing entities lack it",
            other => other,
        }
    }
}

impl Session {
    /// Applies steps: attributes in one transaction, then the jobs. Returns the jobs that failed.
    pub(super) async fn apply(
        &self,
        steps: &[PlanStep],
        deadline: Deadline,
    ) -> Result<Vec<FailedJob>, Error> {
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let base = format!("dash/apps/{}", self.shared.http.app_id());
        let body = json!({ "steps": steps.iter().map(PlanStep::to_json).collect::<Vec<_>>() });
        let app = self.as_app();
        // Sending them twice is safe: the records carry their ids.
        let request = app.post("schema apply", format!("{base}/schema/steps/apply")).by(deadline).json(&body);
        let Applied { jobs } = request.answer().await?;
        let Some(JobGroup { group_id, mut jobs }) = jobs else { return Ok(Vec::new()) };
        let mut pause = FIRST_POLL;
        while jobs.iter().any(JobRecord::is_running) {
            tokio::time::sleep(pause.min(deadline.remaining())).await;
            pause = (pause * 2).min(SLOWEST_POLL);
            let path = format!("{base}/indexing-jobs/group/{group_id}");
            let polled = app.get("schema jobs", path).by(deadline).answer::<Jobs>().await;
            jobs = polled
                .map_err(|error| error.advising("the jobs of the push may still run; push again to see"))?
                .jobs;
        }
        let failed = jobs.into_iter().filter(|job| job.status == "errored");
        Ok(failed
            .map(|JobRecord { attr_id, change, error, .. }| FailedJob { attr_id, change, error })
            .collect())
    }
}

impl JobRecord {
    fn is_running(&self) -> bool {
        matches!(self.status.as_str(), "waiting" | "processing")
    }
}

impl fmt::Display for SchemaPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_list(f, &self.changes, &self.beyond)
    }
}

impl fmt::Display for PushedSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_list(f, &self.changes, &self.beyond)
    }
}

/// One change a line, then what the schema does not have.
fn fmt_list(f: &mut fmt::Formatter<'_>, changes: &[Change], beyond: &[Beyond]) -> fmt::Result {
    if changes.is_empty() {
        f.write_str("no changes")?;
    }
    for (index, change) in changes.iter().enumerate() {
        if index > 0 {
            f.write_str("\n")?;
        }
        write!(f, "{change}")?;
    }
    for extra in beyond {
        write!(f, "\nnot in the schema: {extra}")?;
    }
    Ok(())
}
