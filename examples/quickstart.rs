//! The main job, end to end: a schema file, typed writes and reads, on the embedded backend.
//!
//! `cargo run --example quickstart` needs no account, no network and no other program.

mod library;
mod schema {
    instant_admin::include_schema!("library/instant.schema.json");
}

use std::error::Error;

use instant_admin::{Db, Id};
use instant_local::Server;
use library::Library;
use schema::{NewGenre, authors, books, genres, query, tx};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    // The server starts with an older schema: `books.rating` came later.
    let server = Server::builder().path(folder.path()).schema(older_schema()?).start().await?;
    let db = Db::builder()
        .url(server.url())
        .app_id(server.app_id())
        .admin_token(server.admin_token())
        .schema(schema::SCHEMA)
        .build()?;
    println!("embedded backend on {}, data in {}", server.url(), folder.path().display());

    let library = Library::read()?;
    library.write(&db).await?;
    println!("wrote {} records of examples/library/library.json\n", library.len());

    read(&db).await?;
    write(&db).await?;
    evolve(&db).await?;
    delete(&db).await?;
    server.stop().await;
    Ok(())
}

/// The schema without `books.rating`.
fn older_schema() -> Result<String, serde_json::Error> {
    let mut schema: Value = serde_json::from_str(schema::SCHEMA.as_json())?;
    schema["entities"]["books"]["attrs"].as_object_mut().and_then(|attributes| attributes.remove("rating"));
    Ok(schema.to_string())
}

/// Nested, filtered, ordered, page by page.
async fn read(db: &Db) -> Result<(), Box<dyn Error>> {
    let (genre, since) = ("dystopia", 1900);
    for page in 0..2 {
        let answer = db
            .query(query! {
                books: {
                    $: {
                        where: { genres.name: genre, year: { $gte: since } },
                        order: { year: desc },
                        limit: 4,
                        offset: page * 4,
                        fields: [title, year],
                    },
                    author!: { biography: {} },
                    genres: { $: { order: { name: asc } } },
                },
            })
            .await?;
        println!("{genre} since {since}, newest first, page {}:", page + 1);
        for book in &answer.books {
            let names: Vec<_> = book.genres.iter().map(|genre| genre.name.as_str()).collect();
            println!("  {} {} by {} [{}]", book.year, book.title, book.author.name, names.join(", "));
            if let Some(biography) = &book.author.biography {
                println!("       {}", biography.text);
            }
        }
    }
    let answer = db
        .query(query! {
            authors: {
                $: { where: { or: [{ country: "Japan" }, { name: { $ilike: "%woolf%" } }], born: { $lt: "1900-01-01" } } },
                books: { $: { order: { year: asc }, fields: [title, year] } },
            },
            members: { $: { limit: 1 }, loans: { copy!: { book!: { $: { fields: [title] } } } } },
        })
        .await?;
    println!("\nauthors from Japan, and Woolf:");
    for author in &answer.authors {
        let titles: Vec<_> = author.books.iter().map(|book| book.title.as_str()).collect();
        let born = author.born.as_ref().map_or("?".into(), ToString::to_string);
        println!("  {} (born {born}): {}", author.name, titles.join(", "));
    }
    for member in &answer.members {
        println!("{} has {} loans in the book", member.name, member.loans.len());
    }
    Ok(())
}

/// One transaction: an update through a unique attribute, a new entity, links, a deep merge.
async fn write(db: &Db) -> Result<(), Box<dyn Error>> {
    let classic = Id::<schema::Genre>::new();
    db.transact((
        tx::genres(classic).create(NewGenre { name: "classic".into() }),
        tx::books(books::by_slug("we"))
            .update()
            .title("We (Мы)")
            .merge_details(json!({ "firstPublished": { "language": "English", "city": "New York" } }))
            .link_genres(genres::by_name("satire"))
            .link_genres(classic),
        tx::books(books::by_slug("we"))
            .merge_details(json!({ "firstPublished": { "city": "New York, E. P. Dutton" } })),
        tx::authors(authors::by_slug("yevgeny-zamyatin")).update().country("Russia"),
    ))
    .await?;
    let answer = db.query(query! { books: { $: { where: { slug: "we" } }, genres: {} } }).await?;
    for book in &answer.books {
        let names: Vec<_> = book.genres.iter().map(|genre| genre.name.as_str()).collect();
        println!(
            "\nafter the update: {} [{}], details {}",
            book.title,
            names.join(", "),
            json!(book.details)
        );
    }
    Ok(())
}

/// A write with an attribute that the server lacks: it is generated from the schema, and the write goes through.
async fn evolve(db: &Db) -> Result<(), Box<dyn Error>> {
    db.transact(tx::books(books::by_slug("solaris")).update().rating(4.6)).await?;
    let answer = db.query(query! { books: { $: { where: { rating: { $gt: 4.5 } } } } }).await?;
    for book in &answer.books {
        println!("\nthe server learnt `books.rating` on the way: {} has {}", book.title, json!(book.rating));
    }
    Ok(())
}

/// A delete that cascades, and a mistake that the server refuses.
async fn delete(db: &Db) -> Result<(), Box<dyn Error>> {
    let count = async || -> Result<_, instant_admin::Error> {
        let answer = db
            .query(query! { copies: { $: { where: { book.slug: "anthills-of-the-savannah" } } }, loans: {} })
            .await?;
        Ok((answer.copies.len(), answer.loans.len()))
    };
    let before = count().await?;
    db.transact(tx::books(books::by_slug("anthills-of-the-savannah")).delete()).await?;
    println!(
        "\ndeleting Anthills of the Savannah took its copies and their loans along: {before:?} -> {:?}",
        count().await?
    );

    let refused = db.transact(tx::genres(Id::new()).create(NewGenre { name: "satire".into() })).await;
    println!("a second genre `satire` is refused: {}", refused.expect_err("genre names are unique"));
    Ok(())
}
