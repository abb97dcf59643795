#!/usr/bin/env python3
"""Writes a database with every kind of content through a running program, for the tests that open old files.

usage: make.py PROGRAM FILE

Starts PROGRAM (an `instant-local` of the format that is wanted), fills it through its HTTP API, stops it, and leaves
the database in FILE: checkpointed, so that this one file is all of it. One app in it has expired.
"""
import json, pathlib, shutil, sqlite3, subprocess, sys, tempfile, urllib.request

APP, TOKEN = "5f60a7e1-0000-4000-8000-0000000000a1", "5f60a7e1-0000-4000-8000-0000000000b1"

def ident(n):
    return f"5f60a7e1-0000-4000-8000-{n:012}"

def attr(kind, indexed=False, unique=False, required=False):
    return {"valueType": kind, "required": required, "isIndexed": indexed, "metadata": {},
            "config": {"indexed": indexed, "unique": unique}}

def link(from_, label, has, to, reverse, reverse_has, cascade=None):
    forward = {"on": from_, "label": label, "has": has, **({"onDelete": cascade} if cascade else {})}
    return {"forward": forward, "reverse": {"on": to, "label": reverse, "has": reverse_has}}

SCHEMA = {
    "entities": {
        "authors": {"attrs": {"handle": attr("string", True, True, True), "born": attr("date", True),
                              "score": attr("number", True), "active": attr("boolean", True)}},
        "posts": {"attrs": {"title": attr("string", True), "body": attr("string"), "meta": attr("json")}},
        "comments": {"attrs": {"text": attr("string", required=True)}},
    },
    "links": {
        "postsAuthor": link("posts", "author", "one", "authors", "posts", "many", "cascade"),
        "commentsPost": link("comments", "post", "one", "posts", "comments", "many", "cascade"),
        "authorsFriends": link("authors", "friends", "many", "authors", "friendOf", "many"),
    },
    "rooms": {},
}

STEPS = [
    ["create", "authors", ident(1), {"handle": "ada", "born": "1815-12-10", "score": 9.5, "active": True}],
    ["create", "authors", ident(2), {"handle": "Émile", "born": -2335219200000, "score": 3, "active": False}],
    ["create", "posts", ident(11), {"title": "Notes", "body": "On the engine", "meta": {"k": [1, None, {"a": "b"}]}, "extra": 1}],
    ["create", "posts", ident(12), {"title": "notes, again", "body": None, "extra": "text"}],
    ["create", "comments", ident(21), {"text": "First"}],
    ["link", "posts", ident(11), {"author": ident(1)}],
    ["link", "posts", ident(12), {"author": ident(2)}],
    ["link", "comments", ident(21), {"post": ident(11)}],
    ["link", "authors", ident(1), {"friends": ident(2)}],
    ["create", "posts", ident(13), {"title": "Deleted"}],
    ["delete", "posts", ident(13)],
]

def post(url, path, body, app=None, token=None):
    headers = {"content-type": "application/json"}
    if app:
        headers |= {"app-id": app, "authorization": f"Bearer {token}"}
    request = urllib.request.Request(url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)

def main(program, file):
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    arguments = [program, "--port", "0", "--data", folder / "data", "--app", APP, "--admin-token", TOKEN,
                 "--schema", folder / "schema.json"]
    server = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    url = server.stdout.readline().split()[-1]
    post(url, "/admin/transact", {"steps": STEPS}, APP, TOKEN)
    post(url, "/admin/refresh_tokens", {"email": "ada@example.com"}, APP, TOKEN)
    rules = {"posts": {"allow": {"view": "true", "create": "auth.id != null"}}}
    post(url, f"/dash/apps/{APP}/rules", {"code": rules}, APP, TOKEN)
    for title in ["Lives", "Expired"]:
        made = post(url, "/dash/apps/ephemeral", {"title": title, "schema": SCHEMA, "rules": {"code": rules}})
        steps = [["create", "authors", ident(3), {"handle": title}]]
        post(url, "/admin/transact", {"steps": steps}, made["app"]["id"], made["app"]["admin-token"])
    server.terminate()
    server.wait()
    database = sqlite3.connect(folder / "data" / "instant.db")
    # Far enough ahead that the tests can use it, whenever they run.
    database.execute("UPDATE apps SET expires = 9999999999999 WHERE title = 'Lives'")
    database.execute("UPDATE apps SET expires = 1 WHERE title = 'Expired'")
    database.commit()
    print(database.execute("PRAGMA user_version").fetchone(), database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
    database.close()
    shutil.copy(folder / "data" / "instant.db", file)

main(*sys.argv[1:])
