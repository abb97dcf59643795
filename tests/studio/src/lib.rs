//! A studio's projects and tasks: a schema at the root of its own crate, for use in other crates. The examples of the
//! official documentation are ported to it.
#![deny(warnings, missing_docs)]

instant::include_schema!("instant.schema.json", in = crate, crate = instant);

/// A fragment for queries of other crates.
pub mod cards {
    crate::fragment! {
        /// What to call somebody.
        pub PersonCard on people { $: { fields: [name] } }
    }

    impl PersonCard {
        /// The first line of a letter.
        pub fn greeting(&self) -> String {
            format!("Dear {}", self.name.as_deref().unwrap_or("reader"))
        }
    }
}
