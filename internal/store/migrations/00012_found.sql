-- +goose Up

-- What the ledger does not know of a post that a person has published: its link
-- and since when it stands.
ALTER TABLE post_refs ADD COLUMN link TEXT NOT NULL DEFAULT '';
ALTER TABLE post_refs ADD COLUMN out_us BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE post_refs DROP COLUMN out_us;
ALTER TABLE post_refs DROP COLUMN link;
