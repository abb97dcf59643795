use instant_admin::{Db, Error, Id};
use instant_compile_fail::blog::tx;

async fn publish(db: &Db) -> Result<(), Error> {
    db.transact(tx::posts(Id::new()).update().published(true))?;
    Ok(())
}

fn main() {}
