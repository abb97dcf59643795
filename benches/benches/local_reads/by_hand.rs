//! The same answers by hand: for each query the SQL and the code that fit it alone.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, params};
use uuid::Uuid;

/// A connection, and the keys of the attributes.
pub struct ByHand {
    conn: Connection,
    post: i64,
    author: i64,
    comment: i64,
    views: i64,
    at: i64,
    post_author: i64,
    comment_post: i64,
    /// `,"label":` by attribute.
    labels: HashMap<i64, String>,
}

impl ByHand {
    pub fn open(folder: &Path) -> rusqlite::Result<Self> {
        let conn = Connection::open(folder.join("instant.db"))?;
        conn.pragma_update(None, "cache_size", -32_000)?;
        // No query here compares texts; the file's indexes only need a collation of this name.
        conn.create_collation(c"instant", str::cmp)?;
        let attrs: HashMap<String, i64> = conn
            .prepare(
                "SELECT record ->> '$.forward-identity[1]' || '.' || (record ->> '$.forward-identity[2]'), key FROM attrs",
            )?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let labels =
            attrs.iter().filter_map(|(name, key)| Some((*key, format!(",\"{}\":", name.split_once('.')?.1))));
        let labels = labels.collect();
        Ok(Self {
            post: attrs["posts.id"],
            author: attrs["authors.id"],
            comment: attrs["comments.id"],
            views: attrs["posts.views"],
            at: attrs["posts.at"],
            post_author: attrs["posts.author"],
            comment_post: attrs["comments.post"],
            labels,
            conn,
        })
    }

    pub fn by_id(&self, id: Uuid) -> rusqlite::Result<String> {
        let mut exists =
            self.conn.prepare_cached("SELECT 1 FROM entities WHERE attr = ?1 AND entity = ?2")?;
        let found = exists.exists(params![self.post, id.as_bytes()])?;
        self.posts(if found { std::slice::from_ref(&id) } else { &[] })
    }

    pub fn flat(&self, before: usize) -> rusqlite::Result<String> {
        self.posts(&self.earlier(before)?)
    }

    pub fn most_viewed(&self, more_than: i64, limit: i64) -> rusqlite::Result<String> {
        let mut found = self.conn.prepare_cached(
            "SELECT k.entity FROM blobs k INDEXED BY blobs_by_key
             CROSS JOIN entities e ON e.attr = ?1 AND e.entity = k.entity
             WHERE k.attr = ?2 AND k.ranked = 1 AND k.sort_key > ?3
             ORDER BY k.sort_key DESC, k.entity DESC LIMIT ?4",
        )?;
        let ids = found.query_map(params![self.post, self.views, more_than, limit], |row| row.get(0))?;
        self.posts(&ids.map(|id| id.map(Uuid::from_bytes)).collect::<rusqlite::Result<Vec<_>>>()?)
    }

    pub fn newest(&self, limit: i64) -> rusqlite::Result<String> {
        let mut found = self.conn.prepare_cached(
            "SELECT entity FROM entities WHERE attr = ?1 ORDER BY created DESC, entity DESC LIMIT ?2",
        )?;
        let ids = found.query_map(params![self.post, limit], |row| row.get(0))?;
        self.posts(&ids.map(|id| id.map(Uuid::from_bytes)).collect::<rusqlite::Result<Vec<_>>>()?)
    }

    pub fn nested(&self, before: usize) -> rusqlite::Result<String> {
        let mut values = self.values()?;
        let mut author_of =
            self.conn.prepare_cached("SELECT target FROM refs WHERE attr = ?1 AND source = ?2")?;
        let mut comments_of = self.conn.prepare_cached(
            "SELECT e.entity, b.attr, b.value FROM refs r INDEXED BY refs_by_target
             CROSS JOIN entities e ON e.attr = ?2 AND e.entity = r.source
             CROSS JOIN blobs b ON b.entity = r.source
             WHERE r.attr = ?1 AND r.target = ?3 ORDER BY e.created, e.entity, b.attr",
        )?;
        let mut authors: HashMap<[u8; 16], String> = HashMap::new();
        let mut out = String::from(r#"{"posts":["#);
        for (nth, id) in self.earlier(before)?.into_iter().enumerate() {
            if nth > 0 {
                out.push(',');
            }
            self.begin(id, &mut values, &mut out)?;
            out.push_str(r#","author":["#);
            let mut rows = author_of.query(params![self.post_author, id.as_bytes()])?;
            if let Some(row) = rows.next()? {
                let target: [u8; 16] = row.get(0)?;
                let author = match authors.get(&target) {
                    Some(author) => author,
                    None => authors.entry(target).or_insert(self.author(Uuid::from_bytes(target))?),
                };
                out.push_str(author);
            }
            out.push_str(r#"],"comments":["#);
            let mut rows = comments_of.query(params![self.comment_post, self.comment, id.as_bytes()])?;
            let mut current: Option<[u8; 16]> = None;
            let end = format!(r#","post":"{id}"}}"#);
            while let Some(row) = rows.next()? {
                let comment: [u8; 16] = row.get(0)?;
                if current != Some(comment) {
                    if current.is_some() {
                        out.push_str(&end);
                        out.push(',');
                    }
                    current = Some(comment);
                    out.push_str(r#"{"id":""#);
                    push_id(Uuid::from_bytes(comment), &mut out);
                    out.push('"');
                }
                self.member(row.get(1)?, row.get_ref(2)?, &mut out)?;
            }
            if current.is_some() {
                out.push_str(&end);
            }
            out.push_str("]}");
        }
        out.push_str("]}");
        Ok(out)
    }

    /// The posts before a time, in the order of their creation.
    fn earlier(&self, before: usize) -> rusqlite::Result<Vec<Uuid>> {
        let mut found = self.conn.prepare_cached(
            "SELECT e.entity FROM blobs k INDEXED BY blobs_by_key
             CROSS JOIN entities e ON e.attr = ?1 AND e.entity = k.entity
             WHERE k.attr = ?2 AND k.ranked = 1 AND k.sort_key < ?3 ORDER BY e.created, e.entity",
        )?;
        let micros = i64::try_from(before).unwrap_or(i64::MAX).saturating_mul(1_000);
        let ids = found.query_map(params![self.post, self.at, micros], |row| row.get(0))?;
        ids.map(|id| id.map(Uuid::from_bytes)).collect()
    }

    /// The answer of a query of posts alone. Reads them in the order of the table, which the cache rewards.
    fn posts(&self, ids: &[Uuid]) -> rusqlite::Result<String> {
        let mut values = self.values()?;
        let mut author_of =
            self.conn.prepare_cached("SELECT target FROM refs WHERE attr = ?1 AND source = ?2")?;
        let mut by_id: Vec<usize> = (0..ids.len()).collect();
        by_id.sort_unstable_by_key(|nth| ids[*nth]);
        let (mut text, mut objects) = (String::new(), vec![0..0; ids.len()]);
        for nth in by_id {
            let (start, id) = (text.len(), ids[nth]);
            self.begin(id, &mut values, &mut text)?;
            let mut rows = author_of.query(params![self.post_author, id.as_bytes()])?;
            if let Some(row) = rows.next()? {
                text.push_str(r#","author":""#);
                push_id(Uuid::from_bytes(row.get(0)?), &mut text);
                text.push('"');
            }
            text.push('}');
            objects[nth] = start..text.len();
        }
        let mut out = String::from(r#"{"posts":["#);
        for (nth, object) in objects.into_iter().enumerate() {
            if nth > 0 {
                out.push(',');
            }
            out.push_str(&text[object]);
        }
        out.push_str("]}");
        Ok(out)
    }

    fn author(&self, id: Uuid) -> rusqlite::Result<String> {
        let mut exists =
            self.conn.prepare_cached("SELECT 1 FROM entities WHERE attr = ?1 AND entity = ?2")?;
        if !exists.exists(params![self.author, id.as_bytes()])? {
            return Ok("{}".to_owned());
        }
        let mut author = String::new();
        self.begin(id, &mut self.values()?, &mut author)?;
        author.push('}');
        Ok(author)
    }

    fn values(&self) -> rusqlite::Result<CachedStatement<'_>> {
        self.conn.prepare_cached("SELECT attr, value FROM blobs WHERE entity = ?1")
    }

    /// Begins an object with its id and its values.
    fn begin(&self, id: Uuid, values: &mut CachedStatement<'_>, out: &mut String) -> rusqlite::Result<()> {
        out.push_str(r#"{"id":""#);
        push_id(id, out);
        out.push('"');
        let mut rows = values.query([id.as_bytes()])?;
        while let Some(row) = rows.next()? {
            self.member(row.get(0)?, row.get_ref(1)?, out)?;
        }
        Ok(())
    }

    fn member(&self, attr: i64, value: ValueRef<'_>, out: &mut String) -> rusqlite::Result<()> {
        out.push_str(&self.labels[&attr]);
        out.push_str(value.as_str()?);
        Ok(())
    }
}

fn push_id(id: Uuid, out: &mut String) {
    out.push_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
}
