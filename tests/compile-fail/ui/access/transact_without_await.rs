use instant_admin::{Db, Error, Id};
use instant_compile_fail::blog::tx;

async fn publish(db: &Db) -> Result<i64, Error> {
    let done = db.transact(tx::posts(Id::new()).update().published(true));
    Ok(done.tx_id)
}

fn main() {}
