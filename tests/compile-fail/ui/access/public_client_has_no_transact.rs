use instant_admin::{Db, Public};

fn run(db: Db<Public>) {
    let _ = db.transact(());
}

fn main() {}
