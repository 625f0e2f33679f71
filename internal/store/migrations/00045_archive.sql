-- +goose Up

-- rev.hits grows when a saved search has found something.
INSERT INTO counters (name, value) VALUES ('rev.hits', 0);

-- Only what is stored after a search was saved is new in it.
ALTER TABLE saved_searches ADD COLUMN after_seq BIGINT NOT NULL DEFAULT 0;
UPDATE saved_searches SET after_seq = (SELECT value FROM counters WHERE name = 'item');
UPDATE counters SET value = (SELECT c.value FROM counters c WHERE c.name = 'item.revision') WHERE name = 'archive.watched';

-- Why a comparison of the archive with the base was not finished, '' when it was.
ALTER TABLE archive_checks ADD COLUMN trouble TEXT NOT NULL DEFAULT '';

-- Documents of the archive say where a message happens by more than its own
-- text, so all archives are built anew.
UPDATE counters SET value = value + 1 WHERE name = 'archive.wish' AND EXISTS (SELECT 1 FROM items);

-- +goose Down
ALTER TABLE archive_checks DROP COLUMN trouble;
ALTER TABLE saved_searches DROP COLUMN after_seq;
DELETE FROM counters WHERE name = 'rev.hits';
