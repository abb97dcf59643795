"""What users and guests may see and do, and what the check endpoints say about it."""

import unittest

from instantdb import id, lookup
from library import LibraryTest, titles


class Permissions(LibraryTest):
    with_rules = True

    def setUp(self):
        super().setUp()
        self.ada = self.db.as_user(email="ada@example.com")
        self.bea = self.db.as_user(email="bea@example.com")
        self.guest = self.db.as_user(guest=True)

    def seen(self, user):
        return sorted(titles(user.query({"books": {}})["books"]))

    def assert_denied(self, etype, user, step):
        body = self.refused(user.transact, step)
        self.assertEqual((body["status"], body["type"]), (400, "permission-denied"))
        self.assertEqual(body["message"], "Permission denied: not perms-pass?")
        self.assertEqual(body["hint"], {"input": [etype, "object"], "expected": "perms-pass?"})

    def test_everybody_sees_what_the_rules_show_them(self):
        self.assertEqual(self.seen(self.db), ["Notes", "Poems", "The Engine"])
        self.assertEqual(self.seen(self.ada), ["Notes", "The Engine"])
        self.assertEqual(self.seen(self.bea), ["Notes", "Poems"])
        self.assertEqual(self.seen(self.guest), ["Notes"])

    def test_a_token_is_as_good_as_an_email_and_needs_no_admin_token(self):
        token = self.db.auth.create_token(email="bea@example.com")
        self.assertEqual(self.seen(self.client().as_user(token=token)), ["Notes", "Poems"])
        self.assertEqual(self.seen(self.client().as_user(guest=True)), ["Notes"])
        wrong = self.refused(self.client().as_user(token=id()).query, {"books": {}})
        self.assertEqual((wrong["status"], wrong["type"]), (400, "record-not-found"))
        unknown = self.refused(self.db.as_user(email="eve@example.com").query, {"books": {}})
        self.assertEqual(unknown["message"], "Record not found: app-user")

    def test_a_hidden_field_is_left_out(self):
        query = {"authors": {"$": {"where": {"name": "Byron"}}}}
        byron = {"id": self.ids["byron"], "name": "Byron"}
        self.assertEqual(self.ada.query(query)["authors"], [byron | {"email": "byron@example.com"}])
        self.assertEqual(self.guest.query(query)["authors"], [byron])
        self.assertEqual(self.bea.query(query)["authors"], [byron])

    def test_hidden_entities_are_hidden_inside_others_and_to_conditions(self):
        query = {"authors": {"$": {"order": {"name": "asc"}}, "books": {}}}
        byron, lovelace = self.guest.query(query)["authors"]
        self.assertEqual(titles(lovelace["books"]), ["Notes"])
        # The link to a hidden book is on that book, and so hidden with it.
        self.assertEqual(byron, {"id": self.ids["byron"], "name": "Byron"})
        poems = {"authors": {"$": {"where": {"books.title": "Poems"}}}}
        self.assertEqual(self.guest.query(poems)["authors"], [])
        self.assertEqual([author["name"] for author in self.bea.query(poems)["authors"]], ["Byron"])

    def test_rule_params_reach_the_rules(self):
        stars = lambda **options: sorted(r["stars"] for r in self.guest.query({"reviews": {}}, **options)["reviews"])
        self.assertEqual(stars(), [5])
        self.assertEqual(stars(rule_params={"all": True}), [1, 5])
        self.assertEqual(stars(rule_params={"all": False}), [5])

    def test_users_see_themselves_only(self):
        emails = lambda user: [found["email"] for found in user.query({"$users": {}})["$users"]]
        self.assertEqual(emails(self.bea), ["bea@example.com"])
        self.assertEqual(emails(self.guest), [])
        self.assertEqual(sorted(emails(self.db)), ["ada@example.com", "bea@example.com"])

    def test_a_user_creates_what_is_their_own(self):
        book = self.bea.tx.books[id()].create({"title": "Mine", "pages": 1})
        self.assert_denied("books", self.bea, book)
        self.assert_denied("books", self.guest, book)
        self.bea.transact(book.link({"owner": self.ids["bea"]}))
        self.assertEqual(self.seen(self.bea), ["Mine", "Notes", "Poems"])
        self.assert_denied("authors", self.bea, self.bea.tx.authors[id()].create({"name": "x"}))

    def test_an_update_is_judged_by_what_was_and_by_what_will_be(self):
        poems = self.db.tx.books[self.ids["poems"]]
        self.bea.transact(poems.update({"pages": 201}))
        self.assert_denied("books", self.bea, poems.update({"pages": 0}))
        self.assert_denied("books", self.ada, poems.update({"pages": 1}))
        self.assert_denied("books", self.guest, self.db.tx.books[lookup("isbn", "3")].update({"pages": 1}))
        self.assertEqual(self.book(isbn="3")["pages"], 201)

    def test_delete_needs_its_rule(self):
        engine = self.db.tx.books[self.ids["engine"]].delete()
        self.assert_denied("books", self.bea, engine)
        self.ada.transact(engine)
        self.assertEqual(self.seen(self.db), ["Notes", "Poems"])

    def test_a_link_needs_to_see_the_other_side(self):
        review = lambda book: self.ada.tx.reviews[id()].create({"text": "x", "stars": 4}).link({"book": book})
        self.ada.transact(review(self.ids["notes"]))
        self.assertEqual(len(self.book(isbn="1")["reviews"]), 3)
        self.assert_denied("books", self.ada, review(self.ids["poems"]))

    def test_debug_query_shows_each_check_with_its_rule(self):
        answer = self.bea.debug_query({"books": {}})
        self.assertEqual(sorted(titles(answer["result"]["books"])), ["Notes", "Poems"])
        checks = {check["record"]["title"]: check for check in answer["check_results"]}
        passed = {title: check["check"] for title, check in checks.items()}
        self.assertEqual(passed, {"Notes": True, "The Engine": False, "Poems": True})
        check = checks["The Engine"]
        self.assertEqual((check["id"], check["entity"], check["label"]), (self.ids["engine"], "books", None))
        self.assertEqual(check["program"]["display-code"], "data.inPrint == true || isOwner")
        self.assertEqual((check["program"]["etype"], check["program"]["action"]), ("books", "view"))

    def test_debug_query_takes_other_rules(self):
        rules = {"books": {"allow": {"view": "data.pages > 100"}}}
        result = self.guest.debug_query({"books": {}}, rules=rules)["result"]
        self.assertEqual(sorted(titles(result["books"])), ["Poems", "The Engine"])
        wrong = self.refused(self.guest.debug_query, {"books": {}}, rules={"books": {"allow": {"view": "data."}}})
        self.assertTrue(wrong["message"].startswith("Validation failed for rule: "), wrong["message"])
        self.assertEqual(wrong["hint"]["data-type"], "rule")

    def test_debug_transact_shows_each_check_and_writes_nothing(self):
        tx = self.ada.tx.books
        steps = [tx[self.ids["notes"]].update({"pages": 70}), tx[self.ids["poems"]].delete()]
        answer = self.ada.debug_transact(steps)
        self.assertEqual((answer["all-checks-ok?"], answer["committed?"]), (False, False))
        checks = {check["action"]: check for check in answer["check-results"]}
        self.assertEqual(checks["update"]["check-pass?"], True)
        self.assertEqual(checks["delete"]["check-pass?"], False)
        self.assertEqual(checks["update"]["bindings"]["data"]["pages"], 66)
        self.assertEqual(checks["update"]["bindings"]["new-data"]["pages"], 70)
        self.assertEqual(checks["update"]["bindings"]["modified-fields"], ["pages"])
        self.assertEqual(checks["delete"]["bindings"]["data"]["title"], "Poems")
        self.assertEqual(checks["delete"]["eid"], self.ids["poems"])
        self.assertEqual((self.book(isbn="1")["pages"], self.book(isbn="3")["title"]), (66, "Poems"))

    def test_debug_transact_takes_other_rules(self):
        rules = {"books": {"allow": {"update": "newData.pages == 70"}}}
        answer = self.guest.debug_transact(self.guest.tx.books[self.ids["notes"]].update({"pages": 70}), rules=rules)
        self.assertEqual((answer["all-checks-ok?"], answer["committed?"]), (True, False))
        self.assertEqual(answer["check-results"][0]["program"]["code"], "newData.pages == 70")


if __name__ == "__main__":
    unittest.main()
