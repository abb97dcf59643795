use instant_admin::{Db, User, access::Public};

fn run(db: Db<Public>) {
    let _ = db.as_user(User::email("ada@example.com"));
}

fn main() {}
