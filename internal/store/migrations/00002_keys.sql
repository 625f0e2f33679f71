-- +goose Up

-- What a source is, by a stable code: the words for people are the pages'.
UPDATE sources SET kind = CASE network WHEN 'vk' THEN 'vk.community' ELSE 'telegram.channel' END;
-- What people have decided about a source, as JSON.
ALTER TABLE sources ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
-- Who put the source here: the file of settings or a person.
ALTER TABLE sources ADD COLUMN origin TEXT NOT NULL DEFAULT 'file';
-- 1 while nothing is read from the source and nothing is sent in its name.
ALTER TABLE sources ADD COLUMN paused BIGINT NOT NULL DEFAULT 0;

-- The keys of the sources, each sealed under a master key that is not here.
CREATE TABLE source_keys (
    source_id   TEXT   NOT NULL REFERENCES sources (id),
    kind        TEXT   NOT NULL,
    sealed      TEXT   NOT NULL,
    master_id   TEXT   NOT NULL,
    -- The same for the same key wherever it stands, and of no use without the salt.
    fingerprint TEXT   NOT NULL,
    set_by      TEXT   NOT NULL,
    set_name    TEXT   NOT NULL,
    set_us      BIGINT NOT NULL,
    expires_us  BIGINT NOT NULL,
    checked_us  BIGINT NOT NULL,
    abilities   TEXT   NOT NULL,
    trouble     TEXT   NOT NULL,
    PRIMARY KEY (source_id, kind)
);
CREATE INDEX source_keys_fingerprint ON source_keys (fingerprint);

-- What one database keeps for itself once and for all.
CREATE TABLE constants (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Grows with every change of a source or a key that the program has to follow.
INSERT INTO counters (name, value) VALUES ('rev.pages', 0);

-- +goose Down
DELETE FROM counters WHERE name = 'rev.pages';
DROP TABLE constants;
DROP TABLE source_keys;
ALTER TABLE sources DROP COLUMN paused;
ALTER TABLE sources DROP COLUMN origin;
ALTER TABLE sources DROP COLUMN settings;
UPDATE sources SET kind = CASE network WHEN 'vk' THEN 'сообщество' ELSE 'канал и обсуждение' END;
