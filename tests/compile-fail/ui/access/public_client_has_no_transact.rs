use instant_admin::{Db, access::Public};

fn run(db: Db<Public>) {
    let _ = db.transact(());
}

fn main() {}
