"""A new app for a test, on the server that INSTANT_TEST_URL names, and clients of it."""

import json
import os
import pathlib
import unittest

import httpx
from instantdb import Instant, InstantAPIError, id

URL = os.environ.get("INSTANT_TEST_URL") or exit("INSTANT_TEST_URL must name a running server; ../run starts one")
APP = json.loads((pathlib.Path(__file__).parent.parent / "app.json").read_text())
NAMES = ("ada", "bea", "lovelace", "byron", "notes", "engine", "poems", "good", "bad")


def make_app(with_rules=False):
    """The id and the admin token of an app with the schema, and with the rules if they are wanted."""
    body = {"title": "clients", "schema": APP["schema"]}
    if with_rules:
        body["rules"] = {"code": APP["rules"]}
    answer = httpx.post(f"{URL}/dash/apps/ephemeral", json=body)
    answer.raise_for_status()
    app = answer.json()["app"]
    return app["id"], app["admin-token"]


class LibraryTest(unittest.TestCase):
    """Each test has an app of its own: two authors, three books, two reviews of one."""

    with_rules = False
    maxDiff = None

    def setUp(self):
        self.app, self.token = make_app(self.with_rules)
        self.db = self.client(admin_token=self.token)
        self.ids = {name: id() for name in NAMES}
        self.db.transact(steps(self.db.tx, self.ids))

    def client(self, **options):
        db = Instant(app_id=self.app, api_uri=URL, **options)
        self.addCleanup(db.close)
        return db

    def book(self, **where):
        """The only book that meets the conditions, with its author and reviews; None if there is none."""
        books = self.db.query({"books": {"$": {"where": where}, "author": {}, "reviews": {}}})["books"]
        self.assertLessEqual(len(books), 1)
        return books[0] if books else None

    def refused(self, call, *arguments, **options):
        """The body of the answer that refused a call, and its status."""
        with self.assertRaises(InstantAPIError) as caught:
            call(*arguments, **options)
        self.assertEqual(str(caught.exception), caught.exception.body["message"])
        return caught.exception.body | {"status": caught.exception.status}


def titles(books):
    return [book["title"] for book in books]


def steps(tx, ids):
    return [
        tx["$users"][ids["ada"]].create({"email": "ada@example.com"}),
        tx["$users"][ids["bea"]].create({"email": "bea@example.com"}),
        tx.authors[ids["lovelace"]].create({"name": "Lovelace", "email": "lovelace@example.com"}),
        tx.authors[ids["byron"]].create({"name": "Byron", "email": "byron@example.com"}),
        tx.books[ids["notes"]]
        .create(
            {
                "title": "Notes",
                "isbn": "1",
                "pages": 66,
                "published": "1843-08-01",
                "inPrint": True,
                "facts": {"letters": ["A", "G"]},
            }
        )
        .link({"author": ids["lovelace"], "owner": ids["ada"]}),
        tx.books[ids["engine"]]
        .create({"title": "The Engine", "isbn": "2", "pages": 120, "published": "1844-01-15", "inPrint": False})
        .link({"author": ids["lovelace"], "owner": ids["ada"]}),
        tx.books[ids["poems"]]
        .create({"title": "Poems", "isbn": "3", "pages": 200, "published": "1812-03-10", "inPrint": False})
        .link({"author": ids["byron"], "owner": ids["bea"]}),
        tx.reviews[ids["good"]].create({"text": "Ahead of its time", "stars": 5}).link({"book": ids["notes"]}),
        tx.reviews[ids["bad"]].create({"text": "Dry", "stars": 1}).link({"book": ids["notes"]}),
    ]
