-- Texts are in another order, dates count from 2000, numbers are written in full. The index is made anew, because it
-- is in the order of before.
DROP INDEX blobs_by_key;
UPDATE blobs SET value = instant_value(value);
UPDATE blobs SET sort_key = instant_sort_key(attrs.place, attrs.record, blobs.value)
    FROM attrs WHERE attrs.key = blobs.attr;
CREATE INDEX blobs_by_key ON blobs (attr, sort_key, entity) WHERE ranked = 1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('blobs', 'blobs_by_key', '1000000 50000 10 1');
