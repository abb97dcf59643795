-- How often an app's rules were set to something else.
ALTER TABLE apps ADD COLUMN rules_version INTEGER NOT NULL DEFAULT 0;
UPDATE apps SET rules_version = 1 WHERE rules IS NOT NULL;
