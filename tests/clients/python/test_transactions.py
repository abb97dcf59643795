"""What transactions of the administrator do."""

import datetime
import unittest

from instantdb import id, lookup
from library import LibraryTest, titles


class Transactions(LibraryTest):
    def count(self, etype):
        return len(self.db.query({etype: {}})[etype])

    def test_each_transaction_has_a_later_id(self):
        one = self.db.transact(self.db.tx.books[self.ids["notes"]].update({"pages": 67}))
        two = self.db.transact(self.db.tx.books[self.ids["notes"]].update({"pages": 68}))
        self.assertEqual(list(one), ["tx-id"])
        self.assertGreater(two["tx-id"], one["tx-id"])
        self.assertEqual(self.book(isbn="1")["pages"], 68)

    def test_update_keeps_what_it_does_not_name(self):
        self.db.transact(self.db.tx.books[self.ids["notes"]].update({"pages": None}))
        book = self.book(isbn="1")
        self.assertEqual((book["pages"], book["title"], book["inPrint"]), (None, "Notes", True))

    def test_update_makes_what_is_not_there_unless_it_is_strict(self):
        made, missing = id(), id()
        self.db.transact(self.db.tx.books[made].update({"title": "Letters"}))
        self.assertEqual(self.book(title="Letters")["id"], made)
        step = self.db.tx.books[missing].update({"title": "x"}, {"upsert": False})
        wrong = self.refused(self.db.transact, step)
        self.assertEqual(wrong["type"], "validation-failed")
        self.assertIn(f"Updating entities that don't exist: {missing}", wrong["message"])
        self.assertIsNone(self.book(title="x"))

    def test_create_of_what_is_there_is_refused(self):
        wrong = self.refused(self.db.transact, self.db.tx.books[self.ids["notes"]].create({"title": "x"}))
        self.assertIn(f"Creating entities that exist: {self.ids['notes']}", wrong["message"])
        self.assertEqual(self.book(isbn="1")["title"], "Notes")

    def test_merge_goes_into_objects_and_update_replaces_them(self):
        notes = self.db.tx.books[self.ids["notes"]]
        self.db.transact([notes.merge({"facts": {"size": {"w": 1}}}), notes.merge({"facts": {"size": {"h": 2}}})])
        self.assertEqual(self.book(isbn="1")["facts"], {"letters": ["A", "G"], "size": {"w": 1, "h": 2}})
        self.db.transact(notes.merge({"facts": {"letters": None}}))
        self.assertEqual(self.book(isbn="1")["facts"], {"size": {"w": 1, "h": 2}})
        self.db.transact(notes.update({"facts": [1, 2.5]}))
        self.assertEqual(self.book(isbn="1")["facts"], [1, 2.5])

    def test_lookups_stand_for_ids(self):
        books = self.db.tx.books
        self.db.transact(books[lookup("isbn", "1")].update({"title": "Notes, revised"}))
        self.assertEqual(self.book(isbn="1")["title"], "Notes, revised")
        self.db.transact(books.lookup("isbn", "2").link({"author": lookup("email", "byron@example.com")}))
        self.assertEqual(self.book(isbn="2")["author"][0]["id"], self.ids["byron"])
        self.db.transact(books[lookup("isbn", "4")].update({"title": "New"}))
        self.assertEqual(self.book(isbn="4")["title"], "New")
        self.db.transact(books[lookup("isbn", "4")].delete())
        self.assertIsNone(self.book(isbn="4"))
        wrong = self.refused(self.db.transact, books[lookup("title", "Poems")].update({"pages": 1}))
        self.assertEqual(
            wrong["message"], "Validation failed for lookup: title is not a unique attribute on books"
        )

    def test_link_and_unlink_work_from_both_sides(self):
        byron = self.db.tx.authors[self.ids["byron"]]
        self.db.transact(byron.link({"books": [self.ids["notes"], self.ids["engine"]]}))
        (author,) = self.db.query({"authors": {"$": {"where": {"id": self.ids["byron"]}}, "books": {}}})["authors"]
        self.assertEqual(sorted(titles(author["books"])), ["Notes", "Poems", "The Engine"])
        self.db.transact(byron.unlink({"books": self.ids["notes"]}))
        self.assertEqual(self.book(isbn="1")["author"], [])
        self.assertEqual(self.book(isbn="2")["author"][0]["name"], "Byron")

    def test_delete_takes_what_depends_on_it_along(self):
        self.db.transact(self.db.tx.books[self.ids["notes"]].delete())
        self.assertEqual([self.count(etype) for etype in ("books", "reviews", "authors")], [2, 0, 2])

    def test_a_transaction_is_done_as_a_whole_or_not_at_all(self):
        tx = self.db.tx.books
        steps = [tx[self.ids["notes"]].update({"title": "Half"}), tx[self.ids["engine"]].update({"isbn": "1"})]
        wrong = self.refused(self.db.transact, steps)
        self.assertEqual((wrong["status"], wrong["type"]), (400, "record-not-unique"))
        self.assertEqual((wrong["hint"]["etype"], wrong["hint"]["label"]), ("books", "isbn"))
        self.assertEqual(self.book(isbn="1")["title"], "Notes")

    def test_values_have_the_type_of_their_attribute(self):
        for values, message in (
            ({"pages": "many"}, "Invalid value type for books.pages. Value must be a number but the provided value type is string."),
            ({"title": 5}, "Invalid value type for books.title. Value must be a string but the provided value type is number."),
            ({"inPrint": "yes"}, "Invalid value type for books.inPrint. Value must be a boolean but the provided value type is string."),
        ):
            wrong = self.refused(self.db.transact, self.db.tx.books[self.ids["notes"]].update(values))
            self.assertEqual(wrong["message"], message)
        made = id()
        wrong = self.refused(self.db.transact, self.db.tx.books[made].create({"pages": 1}))
        self.assertEqual(wrong["message"], f"Missing required attribute `books/title`: {made}")

    def test_dates_of_python_are_dates(self):
        day, moment = datetime.date(1852, 11, 27), datetime.datetime(1815, 12, 10, 6, 30, tzinfo=datetime.UTC)
        tx = self.db.tx.books
        self.db.transact(
            [tx[self.ids["notes"]].update({"published": day}), tx[self.ids["poems"]].update({"published": moment})]
        )
        self.assertEqual(self.book(published={"$gt": datetime.date(1850, 1, 1)})["title"], "Notes")
        self.assertEqual(self.book(isbn="1")["published"], "1852-11-27")
        self.assertEqual(self.book(isbn="3")["published"], "1815-12-10T06:30:00+00:00")

    def test_numbers_and_texts_come_back_as_they_were_sent(self):
        facts = {"big": 18446744073709551616, "half": 0.5, "negative": -3, "text": "é😀", "list": [[], {}, None, True]}
        self.db.transact(self.db.tx.books[self.ids["poems"]].update({"facts": facts}))
        self.assertEqual(self.book(isbn="3")["facts"], facts)

    def test_attributes_that_no_schema_names_are_made_by_the_first_write(self):
        made = id()
        self.db.transact(self.db.tx.shelves[made].update({"label": "A", "width": 80}))
        self.assertEqual(self.db.query({"shelves": {}}), {"shelves": [{"id": made, "label": "A", "width": 80}]})


if __name__ == "__main__":
    unittest.main()
