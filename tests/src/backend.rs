//! An embedded backend for a test, and clients of it.

use instant_admin::{Db, DbBuilder, access::Admin, schema::StaticSchema};
use instant_local::Server;

/// A new backend with `schema`, and a client that knows it. Dropping the server stops it.
pub async fn start(schema: StaticSchema) -> (Server, Db) {
    let server = Server::builder().in_memory().schema(schema.as_json()).start().await;
    let server = server.expect("an empty backend starts");
    let db = client(&server).schema(schema).build();
    (server, db.expect("the server's own URL and app are well formed"))
}

/// A client of the app of `server`, without a schema.
pub fn untyped(server: &Server) -> Db {
    client(server).build().expect("the server's own URL and app are well formed")
}

fn client(server: &Server) -> DbBuilder<Admin> {
    Db::builder().url(server.url()).app_id(server.app_id()).admin_token(server.admin_token())
}
