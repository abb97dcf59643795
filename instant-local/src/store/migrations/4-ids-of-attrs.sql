-- Ids of attributes and of their names are unique over all apps. Each app has its own rows for the system catalog, so
-- the indexes do not enforce it.
CREATE INDEX attrs_by_id ON attrs (id);
CREATE INDEX attrs_by_forward_name ON attrs (record ->> '$."forward-identity"[0]');
CREATE INDEX attrs_by_reverse_name ON attrs (record ->> '$."reverse-identity"[0]');
