use instant_admin::{Db, User};

fn run(db: Db) {
    let _ = db.as_user(User::guest()).as_user(User::email("ada@example.com"));
}

fn main() {}
