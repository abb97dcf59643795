use instant_admin::{Db, User};

fn run(db: Db) {
    let _ = db.as_user(User::guest()).push_schema();
}

fn main() {}
