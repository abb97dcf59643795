fn main() {
    instant_admin::schema!({ "entities": { "tags": { "attrs": {} }, "posts": { "attrs": {} } } });
}
