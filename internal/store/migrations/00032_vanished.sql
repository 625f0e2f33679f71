-- +goose Up

-- When the network said that a post was deleted on the page although the
-- program had not deleted it; 0 while it stands.
ALTER TABLE post_pages ADD COLUMN vanished_us BIGINT NOT NULL DEFAULT 0;
CREATE INDEX post_pages_vanished ON post_pages (vanished_us) WHERE vanished_us <> 0;

-- +goose Down
DROP INDEX post_pages_vanished;
ALTER TABLE post_pages DROP COLUMN vanished_us;
