//! The whole schema at once: plan and apply on the server, then wait for the jobs it started.

use std::time::Duration;

use instant_schema::Schema;
use instant_schema::plan::PlanStep;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};
use crate::http::Deadline;
use crate::session::Session;

const FIRST_POLL: Duration = Duration::from_millis(100);
const SLOWEST_POLL: Duration = Duration::from_secs(5);

/// What a push changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushedSchema {
    /// One line for each change, such as `add-attr posts.title`; empty where the server had it all.
    pub changes: Vec<String>,
}

#[derive(Deserialize)]
struct Applied {
    #[serde(default)]
    steps: Vec<Value>,
    #[serde(rename = "indexing-jobs")]
    jobs: Option<JobGroup>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct JobGroup {
    group_id: String,
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Job {
    #[serde(rename = "attr_name")]
    attribute: Option<String>,
    #[serde(rename = "job_type")]
    change: String,
    #[serde(rename = "job_status")]
    status: String,
    error: Option<String>,
}

/// Plans and applies on the server, then waits for the jobs that it started.
pub(crate) async fn push(
    session: &Session,
    schema: &Schema,
    deadline: Deadline,
) -> Result<PushedSchema, Error> {
    let base = format!("dash/apps/{}", session.shared.http.app_id());
    let body =
        json!({ "schema": schema.to_value(), "check_types": true, "supports_background_updates": true });
    let path = format!("{base}/schema/push/apply");
    let session = &session.as_app();
    let Applied { steps, jobs } = session.post("schema push", path).by(deadline).json(&body).answer().await?;
    if let Some(JobGroup { group_id, jobs }) = jobs {
        wait(session, &format!("{base}/indexing-jobs/group/{group_id}"), jobs, deadline).await?;
    }
    let shown =
        |step: &Value| PlanStep::from_json(step).map_or_else(|_| step.to_string(), |step| step.to_string());
    Ok(PushedSchema { changes: steps.iter().map(shown).collect() })
}

/// Asks, ever more slowly, until every job has ended.
async fn wait(session: &Session, path: &str, mut jobs: Vec<Job>, deadline: Deadline) -> Result<(), Error> {
    let mut pause = FIRST_POLL;
    while jobs.iter().any(Job::is_running) {
        tokio::time::sleep(pause.min(deadline.remaining())).await;
        pause = (pause * 2).min(SLOWEST_POLL);
        jobs = session.get("schema jobs", path).by(deadline).answer::<Jobs>().await?.jobs;
    }
    let failed: Vec<String> = jobs.iter().filter_map(Job::failure).collect();
    if failed.is_empty() { Ok(()) } else { Err(Error::new(ErrorKind::Validation, failed.join("; "))) }
}

impl Job {
    fn is_running(&self) -> bool {
        matches!(self.status.as_str(), "waiting" | "processing")
    }

    fn failure(&self) -> Option<String> {
        let attribute = self.attribute.as_deref().unwrap_or("an attribute");
        let reason = match self.error.as_deref().unwrap_or("unexpected-error") {
            "invalid-triple-error" => "existing values have another type",
            "triple-not-unique-error" => "existing values are not unique",
            "triple-too-large-error" => "existing values are too large to index (1024 bytes at most)",
            "missing-required-error" => "existing entities lack it",
            other => other,
        };
        (self.status == "errored").then(|| format!("`{}` failed for {attribute}: {reason}", self.change))
    }
}
