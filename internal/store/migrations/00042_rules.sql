-- +goose Up

INSERT INTO counters (name, value) VALUES ('rev.scans', 0);

-- The condition as a person wrote it stands in spelled, with the names of
-- lists; expr is the same with the lists' words in their place.
ALTER TABLE rules ADD COLUMN spelled TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN department_id TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN importance BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rules ADD COLUMN auto BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rules ADD COLUMN from_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rules ADD COLUMN to_us BIGINT NOT NULL DEFAULT 0;
UPDATE rules SET spelled = expr;

CREATE TABLE rule_versions (
    rule_id       TEXT   NOT NULL REFERENCES rules (id),
    version       BIGINT NOT NULL,
    topic_id      TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    expr          TEXT   NOT NULL,
    spelled       TEXT   NOT NULL,
    active        BIGINT NOT NULL,
    department_id TEXT   NOT NULL,
    importance    BIGINT NOT NULL,
    auto          BIGINT NOT NULL,
    from_us       BIGINT NOT NULL,
    to_us         BIGINT NOT NULL,
    by_id         TEXT   NOT NULL,
    by_name       TEXT   NOT NULL,
    at_us         BIGINT NOT NULL,
    why           TEXT   NOT NULL,
    -- 1 where the version came of a change of a list.
    list_only     BIGINT NOT NULL,
    PRIMARY KEY (rule_id, version)
);
INSERT INTO rule_versions (rule_id, version, topic_id, name, expr, spelled, active, department_id, importance, auto, from_us, to_us, by_id, by_name, at_us, why, list_only)
SELECT id, version, topic_id, name, expr, spelled, active, '', 0, 0, 0, 0, '', '', 0, '', 0 FROM rules;

CREATE TABLE rule_lists (
    name    TEXT   NOT NULL PRIMARY KEY,
    expr    TEXT   NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE rule_list_versions (
    name    TEXT   NOT NULL REFERENCES rule_lists (name),
    version BIGINT NOT NULL,
    expr    TEXT   NOT NULL,
    by_id   TEXT   NOT NULL,
    by_name TEXT   NOT NULL,
    at_us   BIGINT NOT NULL,
    why     TEXT   NOT NULL,
    PRIMARY KEY (name, version)
);

-- One version of a rule on its way through what was stored before it.
CREATE TABLE rule_scans (
    id           TEXT   NOT NULL PRIMARY KEY,
    rule_id      TEXT   NOT NULL REFERENCES rules (id),
    rule_version BIGINT NOT NULL,
    state        TEXT   NOT NULL,
    since_us     BIGINT NOT NULL,
    -- What was written before these was not looked at yet.
    before_us    BIGINT NOT NULL,
    before_id    TEXT   NOT NULL,
    seen         BIGINT NOT NULL,
    total        BIGINT NOT NULL,
    found        BIGINT NOT NULL,
    lost         BIGINT NOT NULL,
    by_name      TEXT   NOT NULL,
    asked_us     BIGINT NOT NULL,
    ended_us     BIGINT NOT NULL
);
CREATE INDEX rule_scans_rule ON rule_scans (rule_id, asked_us);
CREATE INDEX rule_scans_open ON rule_scans (asked_us) WHERE ended_us = 0;

-- A later version of the rule does not fire on the message any more.
ALTER TABLE matches ADD COLUMN gone_us BIGINT NOT NULL DEFAULT 0;
-- 1 where a scan of history found it and no person has looked at it.
ALTER TABLE matches ADD COLUMN offered BIGINT NOT NULL DEFAULT 0;
CREATE INDEX matches_rule ON matches (rule_id, found_us);
CREATE INDEX matches_offered ON matches (rule_id) WHERE offered = 1;
CREATE INDEX items_written ON items (published_us, id);

ALTER TABLE cases ADD COLUMN importance BIGINT NOT NULL DEFAULT 0;

-- +goose Down
DELETE FROM counters WHERE name = 'rev.scans';
ALTER TABLE cases DROP COLUMN importance;
DROP INDEX items_written;
DROP INDEX matches_offered;
DROP INDEX matches_rule;
ALTER TABLE matches DROP COLUMN offered;
ALTER TABLE matches DROP COLUMN gone_us;
DROP TABLE rule_scans;
DROP TABLE rule_list_versions;
DROP TABLE rule_lists;
DROP TABLE rule_versions;
ALTER TABLE rules DROP COLUMN to_us;
ALTER TABLE rules DROP COLUMN from_us;
ALTER TABLE rules DROP COLUMN auto;
ALTER TABLE rules DROP COLUMN importance;
ALTER TABLE rules DROP COLUMN department_id;
ALTER TABLE rules DROP COLUMN spelled;
