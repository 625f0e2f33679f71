-- +goose Up

-- The photos that stand in items. A row is written in the transaction that
-- stores the item; a worker fetches what is waiting.
CREATE TABLE photos (
    id        TEXT   NOT NULL PRIMARY KEY,
    item_id   TEXT   NOT NULL REFERENCES items (id),
    -- The network's lasting name of the photo.
    key       TEXT   NOT NULL,
    position  BIGINT NOT NULL,
    -- What was sent as one and stands as several items has this in common.
    album     TEXT   NOT NULL,
    -- Where its bytes are to be had: an address, or the name of a file.
    address   TEXT   NOT NULL,
    state     TEXT   NOT NULL,
    attempts  BIGINT NOT NULL DEFAULT 0,
    next_us   BIGINT NOT NULL,
    seen_us   BIGINT NOT NULL,
    done_us   BIGINT NOT NULL DEFAULT 0,
    trouble   TEXT   NOT NULL DEFAULT '',
    -- Hashes: of the bytes as they came, of the picture drawn anew, of the small one.
    original  TEXT   NOT NULL DEFAULT '',
    picture   TEXT   NOT NULL DEFAULT '',
    thumb     TEXT   NOT NULL DEFAULT '',
    width     BIGINT NOT NULL DEFAULT 0,
    height    BIGINT NOT NULL DEFAULT 0,
    UNIQUE (item_id, key)
);
CREATE INDEX photos_album ON photos (album) WHERE album <> '';
CREATE INDEX photos_due ON photos (next_us) WHERE state = 'waiting';

-- The pictures themselves under the SHA-256 of their bytes, each one once.
CREATE TABLE pictures (
    hash    TEXT   NOT NULL PRIMARY KEY,
    type    TEXT   NOT NULL,
    data    BYTEA  NOT NULL,
    kept_us BIGINT NOT NULL
);

-- Which version of the reader wrote a row: a newer one tries again what an
-- older one could not understand.
ALTER TABLE updates ADD COLUMN reader BIGINT NOT NULL DEFAULT 0;
ALTER TABLE updates ADD COLUMN mended_us BIGINT NOT NULL DEFAULT 0;
CREATE INDEX updates_unread ON updates (received_us) WHERE broken <> '';
CREATE INDEX updates_mended ON updates (stream) WHERE mended_us <> 0;

-- +goose Down
DROP INDEX updates_mended;
DROP INDEX updates_unread;
ALTER TABLE updates DROP COLUMN mended_us;
ALTER TABLE updates DROP COLUMN reader;
DROP TABLE pictures;
DROP TABLE photos;
