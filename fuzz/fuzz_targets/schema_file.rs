//! The reader of `instant.schema.json`: a schema that it takes is written back as an equal one.

#![no_main]

use instant_schema::Schema;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(schema) = Schema::from_json(text) {
        let written = schema.to_json();
        let again = Schema::from_json(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
        assert_eq!(written, again.to_json());
    }
});
