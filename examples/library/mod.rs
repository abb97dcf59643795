//! The library data set: reads `library.json` and writes it through typed transactions.

use instant_admin::tx::IntoSteps;
use instant_admin::{Date, Db, Error, Id, Lookup};
use serde::Deserialize;

use crate::schema::{self, authors, books, copies, genres, members, tx};
use crate::schema::{NewAuthor, NewBiography, NewBook, NewCopy, NewGenre, NewLoan, NewMember};

/// The number of entities in one transaction.
const BATCH: usize = 100;

/// The file as it is written.
#[derive(Deserialize)]
pub struct Library {
    genres: Vec<Genre>,
    authors: Vec<Author>,
    books: Vec<Book>,
    copies: Vec<Copy>,
    members: Vec<Member>,
    loans: Vec<Loan>,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Genre(String);

#[derive(Deserialize)]
struct Author {
    slug: String,
    name: String,
    born: String,
    country: String,
    biography: String,
}

#[derive(Deserialize)]
struct Book {
    slug: String,
    title: String,
    year: f64,
    language: String,
    author: String,
    genres: Vec<String>,
}

#[derive(Deserialize)]
struct Copy {
    barcode: String,
    book: String,
    shelf: String,
    acquired: Date,
}

#[derive(Deserialize)]
struct Member {
    handle: String,
    name: String,
}

#[derive(Deserialize)]
struct Loan {
    copy: String,
    member: String,
    due: Date,
    returned: bool,
}

impl Library {
    /// The records of `examples/library/library.json`.
    pub fn read() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("library.json"))
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        let people = self.authors.len() + self.members.len();
        self.genres.len() + people + self.books.len() + self.copies.len() + self.loans.len()
    }

    /// Writes all of it, a hundred entities a transaction. Links are made by the unique attributes of what they
    /// lead to, so nothing here has to remember an id.
    pub async fn write(&self, db: &Db) -> Result<(), Error> {
        write(db, &self.genres, Genre::steps).await?;
        write(db, &self.authors, Author::steps).await?;
        write(db, &self.books, Book::steps).await?;
        write(db, &self.copies, Copy::steps).await?;
        write(db, &self.members, Member::steps).await?;
        write(db, &self.loans, Loan::steps).await
    }
}

async fn write<T, S: IntoSteps>(db: &Db, records: &[T], steps: impl Fn(&T) -> S) -> Result<(), Error> {
    for batch in records.chunks(BATCH) {
        db.transact(batch.iter().map(&steps).collect::<Vec<_>>()).await?;
    }
    Ok(())
}

impl Genre {
    fn steps(&self) -> impl IntoSteps + use<> {
        tx::genres(Id::new()).create(NewGenre { name: self.0.clone() })
    }
}

impl Author {
    fn steps(&self) -> impl IntoSteps + use<> {
        let biography = Id::new();
        let author = NewAuthor { slug: self.slug.clone(), name: self.name.clone() };
        (
            tx::biographies(biography).create(NewBiography { text: self.biography.clone() }),
            tx::authors(Id::new())
                .create(author)
                .born(self.born.as_str())
                .country(&self.country)
                .link_biography(biography),
        )
    }
}

impl Book {
    fn steps(&self) -> impl IntoSteps + use<> {
        let book = NewBook {
            slug: self.slug.clone(),
            title: self.title.clone(),
            year: self.year,
            author: authors::by_slug(&self.author).into(),
        };
        let genres: Vec<Lookup<schema::Genre>> = self.genres.iter().map(genres::by_name).collect();
        tx::books(Id::new()).create(book).language(&self.language).link_genres(genres)
    }
}

impl Copy {
    fn steps(&self) -> impl IntoSteps + use<> {
        let copy = NewCopy {
            barcode: self.barcode.clone(),
            acquired_at: self.acquired,
            book: books::by_slug(&self.book).into(),
        };
        tx::copies(Id::new()).create(copy).shelf(&self.shelf)
    }
}

impl Member {
    fn steps(&self) -> impl IntoSteps + use<> {
        tx::members(Id::new()).create(NewMember { handle: self.handle.clone(), name: self.name.clone() })
    }
}

impl Loan {
    fn steps(&self) -> impl IntoSteps + use<> {
        tx::loans(Id::new()).create(NewLoan {
            due: self.due,
            returned: self.returned,
            copy: copies::by_barcode(&self.copy).into(),
            member: members::by_handle(&self.member).into(),
        })
    }
}
