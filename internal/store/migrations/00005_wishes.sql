-- +goose Up

-- 1 for a stream that lists what was written before and follows wishes.
ALTER TABLE streams ADD COLUMN history BIGINT NOT NULL DEFAULT 0;

-- 1 for a gap that the network or the bound of a pass lets nobody fill.
ALTER TABLE gaps ADD COLUMN beyond BIGINT NOT NULL DEFAULT 0;

INSERT INTO counters (name, value) VALUES ('wish', 0);

-- What people asked of a source's history: to stop reading it, or to read it
-- some days back. The greatest number is the one that counts.
CREATE TABLE wishes (
    source_id TEXT   NOT NULL REFERENCES sources (id),
    number    BIGINT NOT NULL,
    kind      TEXT   NOT NULL,
    days      BIGINT NOT NULL,
    state     TEXT   NOT NULL,
    asked_us  BIGINT NOT NULL,
    asked_by  TEXT   NOT NULL,
    -- When the stream last said something of it, and since when all is known then.
    said_us   BIGINT NOT NULL DEFAULT 0,
    known_us  BIGINT NOT NULL DEFAULT 0,
    -- 1 where that is later than what was asked for.
    short     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (source_id, number)
);

-- +goose Down

DROP TABLE wishes;
DELETE FROM counters WHERE name = 'wish';
ALTER TABLE gaps DROP COLUMN beyond;
ALTER TABLE streams DROP COLUMN history;
