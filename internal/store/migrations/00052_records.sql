-- +goose Up
-- Who has read, changed, sent and decided what. Every row holds the hash of the
-- one before; triggers, which the store makes for each engine, refuse changes.
CREATE TABLE audit (
    seq        BIGINT NOT NULL PRIMARY KEY,
    at_us      BIGINT NOT NULL,
    actor_id   TEXT   NOT NULL,
    actor_name TEXT   NOT NULL,
    action     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    data       TEXT   NOT NULL,
    prev       TEXT   NOT NULL,
    hash       TEXT   NOT NULL
);
CREATE INDEX audit_at ON audit (at_us);
CREATE INDEX audit_actor ON audit (actor_id, seq);
CREATE INDEX audit_subject ON audit (subject, seq);

-- Words that may name a citizen stand beside the chain, which holds only their
-- hash, so that they can be erased.
CREATE TABLE audit_words (
    seq   BIGINT NOT NULL PRIMARY KEY,
    salt  TEXT   NOT NULL,
    words TEXT   NOT NULL
);

-- Up to which row the journal's time has run out. Only such rows may be removed.
CREATE TABLE audit_cuts (
    seq    BIGINT NOT NULL PRIMARY KEY,
    hash   TEXT   NOT NULL,
    cut_us BIGINT NOT NULL
);

-- What each walk along the chain found, with the head that it saw.
CREATE TABLE audit_checks (
    id       TEXT   NOT NULL PRIMARY KEY,
    at_us    BIGINT NOT NULL,
    first    BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    hash     TEXT   NOT NULL,
    broken   BIGINT NOT NULL,
    trouble  TEXT   NOT NULL
);
CREATE INDEX audit_checks_at ON audit_checks (at_us);

-- Items that are gone from the base and have to leave the search archives.
CREATE TABLE removed_items (
    item_id    TEXT   NOT NULL PRIMARY KEY,
    revision   BIGINT NOT NULL UNIQUE,
    removed_us BIGINT NOT NULL
);

-- Since when what the item held is erased: the networks may tell of it again.
ALTER TABLE items ADD COLUMN erased_us BIGINT NOT NULL DEFAULT 0;
CREATE INDEX items_author ON items (network, author_id);
CREATE INDEX cases_thread ON cases (network, thread_owner, thread_id);
CREATE INDEX cases_author ON cases (network, author_id);

-- Requests to erase or to anonymise a person.
CREATE TABLE erasures (
    id         TEXT   NOT NULL PRIMARY KEY,
    number     BIGINT NOT NULL UNIQUE,
    mode       TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    network    TEXT   NOT NULL,
    author_id  TEXT   NOT NULL,
    alias      TEXT   NOT NULL,
    basis      TEXT   NOT NULL,
    -- 1 while what the person writes later is taken in without the name.
    lasting    BIGINT NOT NULL,
    done       TEXT   NOT NULL,
    by_id      TEXT   NOT NULL,
    by_name    TEXT   NOT NULL,
    asked_us   BIGINT NOT NULL,
    ended_us   BIGINT NOT NULL
);
CREATE UNIQUE INDEX erasures_open ON erasures (network, author_id) WHERE state = 'open';
CREATE INDEX erasures_lasting ON erasures (network, author_id) WHERE lasting = 1;

INSERT INTO counters (name, value) VALUES ('audit', 0), ('applicant', 0), ('erasure', 0), ('retention.ran', 0), ('audit.checked', 0);

-- +goose Down
DELETE FROM counters WHERE name IN ('audit', 'applicant', 'erasure', 'retention.ran', 'audit.checked');
DROP TABLE erasures;
DROP INDEX cases_author;
DROP INDEX cases_thread;
DROP INDEX items_author;
ALTER TABLE items DROP COLUMN erased_us;
DROP TABLE removed_items;
DROP TABLE audit_checks;
DROP TABLE audit_cuts;
DROP TABLE audit_words;
DROP TABLE audit;
