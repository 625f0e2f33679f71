-- +goose Up

-- How much is written on a source, counted as it comes in: the page of sources
-- and the auditor ask for it again and again, and must not count a million items.
ALTER TABLE sources ADD COLUMN items BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN newest_us BIGINT NOT NULL DEFAULT 0;
UPDATE sources SET
    items = (SELECT COUNT(*) FROM items i WHERE i.source_id = sources.id),
    newest_us = (SELECT COALESCE(MAX(i.published_us), 0) FROM items i WHERE i.source_id = sources.id);

-- Items by the hour in which they were written; hour is counted from 1970 in UTC.
CREATE TABLE source_hours (
    source_id TEXT   NOT NULL REFERENCES sources (id),
    hour      BIGINT NOT NULL,
    items     BIGINT NOT NULL,
    PRIMARY KEY (source_id, hour)
);
INSERT INTO source_hours (source_id, hour, items)
    SELECT source_id, published_us / 3600000000, COUNT(*) FROM items WHERE published_us > 0 GROUP BY 1, 2;

-- How much of a long reading is done, in thousandths.
ALTER TABLE streams ADD COLUMN share BIGINT NOT NULL DEFAULT 0;

-- Since when an item waits for detection; an edit makes it wait anew.
ALTER TABLE items ADD COLUMN waits_us BIGINT NOT NULL DEFAULT 0;
UPDATE items SET waits_us = seen_us WHERE pending = 1;

-- What was written and seen lately is counted from the index alone.
DROP INDEX items_source_seen;
CREATE INDEX items_source_seen ON items (source_id, seen_us, published_us);

-- What somebody has to know of. At most one alarm of a kind is open for a subject.
CREATE TABLE alarms (
    id         TEXT   NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    -- The source it is about, '' for the whole program.
    source_id  TEXT   NOT NULL,
    grade      BIGINT NOT NULL,
    -- Grows with every occurrence that a person has to be told of again.
    mark       BIGINT NOT NULL,
    detail     TEXT   NOT NULL,
    raised_us  BIGINT NOT NULL,
    seen_us    BIGINT NOT NULL,
    calm_us    BIGINT NOT NULL,
    cleared_us BIGINT NOT NULL,
    taken_us   BIGINT NOT NULL,
    taken_by   TEXT   NOT NULL,
    taken_name TEXT   NOT NULL
);
CREATE UNIQUE INDEX alarms_open ON alarms (kind, subject) WHERE cleared_us = 0;
CREATE INDEX alarms_raised ON alarms (raised_us);
CREATE INDEX alarms_source ON alarms (source_id, raised_us);

-- When a key was last known to be able to do a thing.
CREATE TABLE abilities_seen (
    source_id TEXT   NOT NULL REFERENCES sources (id),
    kind      TEXT   NOT NULL,
    able_us   BIGINT NOT NULL,
    PRIMARY KEY (source_id, kind)
);

-- What every process says of its machine.
CREATE TABLE nodes (
    name       TEXT   NOT NULL PRIMARY KEY,
    disk_free  BIGINT NOT NULL,
    disk_total BIGINT NOT NULL,
    seen_us    BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('rev.alarms', 0), ('audited', 0);

-- +goose Down
DELETE FROM counters WHERE name IN ('rev.alarms', 'audited');
DROP TABLE nodes;
DROP TABLE abilities_seen;
DROP TABLE alarms;
DROP INDEX items_source_seen;
CREATE INDEX items_source_seen ON items (source_id, seen_us);
ALTER TABLE items DROP COLUMN waits_us;
ALTER TABLE streams DROP COLUMN share;
DROP TABLE source_hours;
ALTER TABLE sources DROP COLUMN newest_us;
ALTER TABLE sources DROP COLUMN items;
