-- +goose Up

-- What the ledger does not know of a post that a person has published: its link
-- and since when it stands.
ALTER TABLE post_refs ADD COLUMN link TEXT NOT NULL DEFAULT '';
ALTER TABLE post_refs ADD COLUMN out_us BIGINT NOT NULL DEFAULT 0;

-- Whether a picture that no post names is some citizen's photo as well.
CREATE INDEX photos_picture ON photos (picture) WHERE picture <> '';
CREATE INDEX photos_thumb ON photos (thumb) WHERE thumb <> '';

-- +goose Down
DROP INDEX photos_thumb;
DROP INDEX photos_picture;
ALTER TABLE post_refs DROP COLUMN out_us;
ALTER TABLE post_refs DROP COLUMN link;
