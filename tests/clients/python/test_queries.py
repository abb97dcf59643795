"""What queries of the administrator answer."""

import asyncio
import unittest

from instantdb import AsyncInstant, id
from library import URL, LibraryTest, titles


class Queries(LibraryTest):
    def books(self, **options):
        return titles(self.db.query({"books": {"$": options}})["books"])

    def test_an_entity_comes_with_its_attributes_as_they_were_written(self):
        books = self.db.query({"books": {"$": {"where": {"isbn": "1"}}}})["books"]
        wanted = {
            "id": self.ids["notes"],
            "title": "Notes",
            "isbn": "1",
            "pages": 66,
            "published": "1843-08-01",
            "inPrint": True,
            "facts": {"letters": ["A", "G"]},
            "author": self.ids["lovelace"],
            "owner": self.ids["ada"],
        }
        self.assertEqual(books, [wanted])
        self.assertIs(type(books[0]["pages"]), int)

    def test_links_are_followed_in_both_directions(self):
        book = self.book(isbn="1")
        self.assertEqual([author["name"] for author in book["author"]], ["Lovelace"])
        self.assertEqual({review["stars"] for review in book["reviews"]}, {1, 5})
        query = {"authors": {"$": {"where": {"name": "Lovelace"}}, "books": {"owner": {}}}}
        (author,) = self.db.query(query)["authors"]
        self.assertEqual(sorted(titles(author["books"])), ["Notes", "The Engine"])
        self.assertEqual(author["books"][0]["owner"][0]["email"], "ada@example.com")

    def test_where_compares_numbers_texts_booleans_and_dates(self):
        order = {"pages": "asc"}
        self.assertEqual(self.books(where={"pages": {"$gt": 66}}, order=order), ["The Engine", "Poems"])
        self.assertEqual(self.books(where={"pages": {"$gte": 66}}, order=order), ["Notes", "The Engine", "Poems"])
        self.assertEqual(self.books(where={"pages": {"$in": [66, 200]}}, order=order), ["Notes", "Poems"])
        self.assertEqual(self.books(where={"pages": {"$ne": 66}}, order=order), ["The Engine", "Poems"])
        self.assertEqual(self.books(where={"title": {"$like": "%oe%"}}), ["Poems"])
        self.assertEqual(self.books(where={"title": {"$ilike": "n%"}}), ["Notes"])
        self.assertEqual(self.books(where={"inPrint": False}, order=order), ["The Engine", "Poems"])
        self.assertEqual(self.books(where={"published": {"$gte": "1843-08-01"}}, order=order), ["Notes", "The Engine"])
        self.assertEqual(self.books(where={"facts": {"$isNull": False}}), ["Notes"])

    def test_conditions_are_joined_and_go_over_links(self):
        both = {"and": [{"author.name": "Lovelace"}, {"pages": {"$gt": 100}}]}
        self.assertEqual(self.books(where=both), ["The Engine"])
        either = {"or": [{"isbn": "3"}, {"reviews.stars": {"$lt": 3}}]}
        self.assertEqual(self.books(where=either, order={"title": "asc"}), ["Notes", "Poems"])
        self.assertEqual(self.books(where={"owner.email": "bea@example.com"}), ["Poems"])
        self.assertEqual(self.books(where={"reviews": self.ids["good"]}), ["Notes"])

    def test_order_limit_and_offset_cut_a_page(self):
        self.assertEqual(self.books(order={"published": "desc"}), ["The Engine", "Notes", "Poems"])
        self.assertEqual(self.books(order={"pages": "asc"}, limit=1), ["Notes"])
        self.assertEqual(self.books(order={"pages": "asc"}, limit=5, offset=1), ["The Engine", "Poems"])

    def test_fields_keeps_what_it_names_and_the_id(self):
        query = {"books": {"$": {"where": {"isbn": "3"}, "fields": ["pages"]}, "author": {"$": {"fields": ["name"]}}}}
        author = {"id": self.ids["byron"], "name": "Byron"}
        self.assertEqual(
            self.db.query(query)["books"], [{"id": self.ids["poems"], "pages": 200, "author": [author]}]
        )

    def test_what_is_not_there_is_an_empty_list(self):
        self.assertEqual(self.db.query({"books": {"$": {"where": {"id": id()}}}}), {"books": []})
        self.assertEqual(self.db.query({"unknown": {}}), {"unknown": []})
        self.assertEqual(self.db.query({}), {})

    def test_a_query_that_means_nothing_is_refused(self):
        wrong = self.refused(self.db.query, {"books": {"$": {"where": {"pages": {"$gt": "many"}}}}})
        self.assertEqual((wrong["status"], wrong["type"]), (400, "validation-failed"))
        self.assertIn("The data type of `books.pages` is `number`", wrong["message"])
        limit = self.refused(self.db.query, {"books": {"$": {"limit": -1}}})
        self.assertEqual((limit["status"], limit["type"]), (400, "validation-failed"))
        self.assertEqual(limit["hint"]["data-type"], "query")

    def test_a_wrong_token_is_refused(self):
        wrong = self.refused(self.client(admin_token=id()).query, {"books": {}})
        self.assertEqual(wrong["status"], 400)
        self.assertEqual(wrong["message"], "Record not found: app-admin-token")

    def test_the_asynchronous_client_sees_the_same(self):
        async def both():
            async with AsyncInstant(app_id=self.app, admin_token=self.token, api_uri=URL) as db:
                made = id()
                await db.transact(db.tx.books[made].create({"title": "Async", "isbn": "5"}))
                query = lambda isbn: db.query({"books": {"$": {"where": {"isbn": isbn}, "fields": ["title"]}}})
                queries = [query("5"), query("3")]
                return made, await asyncio.gather(*queries)

        made, (new, old) = asyncio.run(both())
        self.assertEqual(new, {"books": [{"id": made, "title": "Async"}]})
        self.assertEqual(titles(old["books"]), ["Poems"])


if __name__ == "__main__":
    unittest.main()
