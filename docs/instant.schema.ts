import { i } from "@instantdb/admin";

const _schema = i.schema({
  entities: {
    $users: i.entity({
      email: i.string().unique().indexed().optional(),
      handle: i.string().unique().indexed().optional(),
      bio: i.string().optional(),
    }),
    posts: i.entity({
      title: i.string().indexed(),
      slug: i.string().unique().indexed(),
      body: i.string().optional(),
      views: i.number().indexed().optional(),
      published: i.boolean().indexed(),
      createdAt: i.date().indexed().optional(),
      meta: i.json().optional(),
    }),
    comments: i.entity({
      text: i.string(),
      createdAt: i.date().indexed().optional(),
    }),
    tags: i.entity({ label: i.string().unique().indexed() }),
  },
  links: {
    postsAuthor: {
      forward: { on: "posts", has: "one", label: "author", required: true },
      reverse: { on: "$users", has: "many", label: "posts" },
    },
    postsEditor: {
      forward: { on: "posts", has: "one", label: "editor" },
      reverse: { on: "$users", has: "many", label: "edited" },
    },
    postsTags: {
      forward: { on: "posts", has: "many", label: "tags" },
      reverse: { on: "tags", has: "many", label: "posts" },
    },
    commentsPost: {
      forward: { on: "comments", has: "one", label: "post", required: true, onDelete: "cascade" },
      reverse: { on: "posts", has: "many", label: "comments" },
    },
    commentsAuthor: {
      forward: { on: "comments", has: "one", label: "author" },
      reverse: { on: "$users", has: "many", label: "comments" },
    },
  },
  rooms: {
    chat: {
      presence: i.entity({ name: i.string() }),
      topics: { emoji: i.entity({ name: i.string() }) },
    },
  },
});
type _AppSchema = typeof _schema;
interface AppSchema extends _AppSchema {}
const schema: AppSchema = _schema;
export type { AppSchema };
export default schema;
