//! What permission rules add to a query: `cargo bench -p instant-benches --bench ruled_reads`.
//!
//! The same query over HTTP as the administrator, to whom no rule applies, and as a user whose view rule follows links
//! from each row. The two take turns within one run; the medians and their ratio are printed.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use instant_benches::report;
use instant_local::Server;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

/// How many rows the query finds.
const ROWS: usize = 10_000;
/// How many rows belong to each project.
const PER_PROJECT: usize = 100;
const ROUNDS: usize = 40;
const EMAIL: &str = "ada@example.com";

type Failed = Box<dyn Error>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let server = Server::builder().in_memory().schema(schema().to_string()).start().await?;
    let app = App { http: Client::new(), server };
    let (ada, bea) = (Uuid::new_v4(), Uuid::new_v4());
    app.write(ada, bea).await?;
    println!("{ROWS} tasks of 4 attributes and 2 links, {} projects, {ROUNDS} rounds\n", ROWS / PER_PROJECT);

    let cases = [
        ("a value", "data.ownerId == auth.id", ROWS),
        ("one link", "auth.id in data.ref('owner.id')", ROWS),
        ("two links", "auth.id in data.ref('project.owner.id')", ROWS),
        ("one link, 1 in 100", "'bea@example.com' in data.ref('owner.email')", ROWS / 100),
        ("a value of one field", "true", ROWS),
    ];
    for (what, rule, visible) in cases {
        let mut tasks = json!({ "allow": { "view": rule } });
        if what == "a value of one field" {
            tasks["fields"] = json!({ "note": "auth.id in data.ref('owner.id')" });
        }
        let path = format!("/dash/apps/{}/rules", app.server.app_id());
        app.ok(app.post(&path, &json!({ "code": { "tasks": tasks } }))).await?;
        let query = json!({ "query": { "tasks": {} } });
        let admin = || app.post("/admin/query", &query);
        let user = || app.post("/admin/query", &query).header("as-email", EMAIL);
        assert_eq!(rows(&app.ok(admin()).await?)?, ROWS, "{what}");
        assert_eq!(rows(&app.ok(user()).await?)?, visible, "{what}");
        let (mut ruled, mut free) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let start = Instant::now();
            black_box(app.ok(user()).await?);
            ruled.push(start.elapsed());

            let start = Instant::now();
            black_box(app.ok(admin()).await?);
            free.push(start.elapsed());
        }
        report(what, "user", ruled, "admin", free);
    }
    app.server.stop().await;
    Ok(())
}

struct App {
    http: Client,
    server: Server,
}

impl App {
    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.server.url())).body(body.to_string());
        let request = request.header("content-type", "application/json");
        request.bearer_auth(self.server.admin_token()).header("app-id", self.server.app_id().to_string())
    }

    async fn ok(&self, request: RequestBuilder) -> Result<String, Failed> {
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if status.is_success() { Ok(text) } else { Err(format!("{status}: {text}").into()) }
    }

    /// All tasks belong to projects of Ada, who also owns most of the tasks.
    async fn write(&self, ada: Uuid, bea: Uuid) -> Result<(), Failed> {
        let mut steps = vec![
            json!(["create", "$users", ada, { "email": EMAIL }]),
            json!(["create", "$users", bea, { "email": "bea@example.com" }]),
        ];
        for project in 0..ROWS / PER_PROJECT {
            let id = Uuid::new_v4();
            steps.push(json!(["create", "projects", id, { "name": format!("Project {project}") }]));
            steps.push(json!(["link", "projects", id, { "owner": ada }]));
            for task in 0..PER_PROJECT {
                let task_id = Uuid::new_v4();
                let number = project * PER_PROJECT + task;
                let values = json!({
                    "title": format!("Task {number}"), "number": number, "ownerId": ada,
                    "note": "A text that is long enough to be the description of a task in some project.",
                });
                let owner = if task == 0 { bea } else { ada };
                steps.push(json!(["create", "tasks", task_id, values]));
                steps.push(json!(["link", "tasks", task_id, { "project": id, "owner": [ada, owner] }]));
            }
        }
        for steps in steps.chunks(1_000) {
            self.ok(self.post("/admin/transact", &json!({ "steps": steps }))).await?;
        }
        Ok(())
    }
}

fn rows(answer: &str) -> Result<usize, Failed> {
    let answer: Value = serde_json::from_str(answer)?;
    Ok(answer["tasks"].as_array().map_or(0, Vec::len))
}

fn schema() -> Value {
    let attr = |kind: &str| json!({ "valueType": kind, "required": false });
    let link = |on: &str, label: &str, has: &str, to: &str, back: &str| {
        json!({
            "forward": { "on": on, "has": has, "label": label },
            "reverse": { "on": to, "has": "many", "label": back },
        })
    };
    json!({
        "entities": {
            "tasks": { "attrs": {
                "title": attr("string"), "number": attr("number"), "note": attr("string"), "ownerId": attr("string"),
            } },
            "projects": { "attrs": { "name": attr("string") } },
            "$users": { "attrs": {} },
        },
        "links": {
            "tasksOwner": link("tasks", "owner", "many", "$users", "tasks"),
            "tasksProject": link("tasks", "project", "one", "projects", "tasks"),
            "projectsOwner": link("projects", "owner", "one", "$users", "projects"),
        },
    })
}
