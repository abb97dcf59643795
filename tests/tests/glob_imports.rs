//! `use instant_admin::*` beside `use schema::*`: the names that both have are chosen by an import of their own.

#![allow(clippy::wildcard_imports, clippy::unwrap_used, reason = "that is the case under test")]

mod schema {
    instant_admin::schema! { in = crate::schema, {
        "entities": {
            "users": { "attrs": { "handle": { "valueType": "string" } } },
            "orders": { "attrs": { "total": { "valueType": "number" } } }
        },
        "links": {}
    } }
}

mod entities_are_meant {
    use crate::schema::*;
    use crate::schema::{Order, User, tx};
    use instant_admin::*;

    #[test]
    fn names_of_the_schema_are_imported_by_name() {
        let user = Id::<User>::new();
        let steps = instant_admin::tx::Steps::to_json(tx::users(user).update().handle("ada"));
        let _: Option<Order> = None;
        let query = query! { users: {} }.instaql().unwrap();
        assert_eq!(
            (steps.unwrap()[0][1].as_str(), query.to_string().as_str()),
            (Some("users"), r#"{"users":{}}"#)
        );
    }
}

mod the_sdk_is_meant {
    use crate::schema::*;
    use instant_admin::*;
    use instant_admin::{User, tx};

    #[test]
    fn names_of_the_sdk_are_imported_by_name() {
        let step = tx::raw("users", Id::<crate::schema::User>::new()).delete();
        assert_eq!(tx::Steps::collect(step).unwrap().len(), 1);
        assert_eq!(format!("{:?}", User::guest()), "User::guest()");
        let _: NewUser = NewUser {};
    }
}
