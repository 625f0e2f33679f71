-- +goose Up

INSERT INTO counters (name, value) VALUES ('incident', 0), ('rev.incidents', 0);

-- How a further message came to a case: '' in its thread, 'copy' or 'repost'.
ALTER TABLE case_items ADD COLUMN kin TEXT NOT NULL DEFAULT '';

-- What is kept of the messages of cases to know their copies by. first_id is the
-- original, the item itself where it is one.
CREATE TABLE kin (
    item_id  TEXT   NOT NULL PRIMARY KEY REFERENCES items (id),
    first_id TEXT   NOT NULL,
    author   TEXT   NOT NULL,
    print    TEXT   NOT NULL,
    at_us    BIGINT NOT NULL
);
CREATE INDEX kin_at ON kin (at_us);
CREATE INDEX kin_first ON kin (first_id);

-- By what a case is gathered: its topic in its place and in each place around it.
CREATE TABLE case_spots (
    case_id  TEXT   NOT NULL REFERENCES cases (id),
    place_id TEXT   NOT NULL,
    topic_id TEXT   NOT NULL,
    author   TEXT   NOT NULL,
    at_us    BIGINT NOT NULL,
    PRIMARY KEY (case_id, place_id)
);
CREATE INDEX case_spots_at ON case_spots (topic_id, place_id, at_us);

-- Cases by topic, place and hour; hour is counted from 1970 in UTC. The place ''
-- stands for all places together.
CREATE TABLE topic_hours (
    topic_id TEXT   NOT NULL,
    place_id TEXT   NOT NULL,
    hour     BIGINT NOT NULL,
    cases    BIGINT NOT NULL,
    PRIMARY KEY (topic_id, place_id, hour)
);
CREATE INDEX topic_hours_hour ON topic_hours (hour);

CREATE TABLE mass_incidents (
    id        TEXT   NOT NULL PRIMARY KEY,
    number    BIGINT NOT NULL UNIQUE,
    version   BIGINT NOT NULL,
    state     TEXT   NOT NULL,
    title     TEXT   NOT NULL,
    topic_id  TEXT   NOT NULL,
    place_id  TEXT   NOT NULL,
    place     TEXT   NOT NULL,
    path      TEXT   NOT NULL,
    draft     TEXT   NOT NULL,
    by_id     TEXT   NOT NULL,
    by_name   TEXT   NOT NULL,
    why       TEXT   NOT NULL,
    opened_us BIGINT NOT NULL,
    grew_us   BIGINT NOT NULL,
    closed_us BIGINT NOT NULL,
    into_no   BIGINT NOT NULL
);
CREATE INDEX mass_incidents_open ON mass_incidents (topic_id, place_id, number) WHERE state = 'open';

-- A case is a member of one incident only.
CREATE TABLE mass_cases (
    case_id     TEXT   NOT NULL PRIMARY KEY REFERENCES cases (id),
    incident_id TEXT   NOT NULL REFERENCES mass_incidents (id),
    author      TEXT   NOT NULL,
    by_name     TEXT   NOT NULL,
    added_us    BIGINT NOT NULL
);
CREATE INDEX mass_cases_incident ON mass_cases (incident_id, added_us);

-- What people have taken out does not come back by itself.
CREATE TABLE mass_left (
    incident_id TEXT NOT NULL REFERENCES mass_incidents (id),
    case_id     TEXT NOT NULL REFERENCES cases (id),
    PRIMARY KEY (incident_id, case_id)
);

CREATE TABLE mass_events (
    incident_id TEXT   NOT NULL REFERENCES mass_incidents (id),
    seq         BIGINT NOT NULL,
    at_us       BIGINT NOT NULL,
    actor_id    TEXT   NOT NULL,
    actor_name  TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    note        TEXT   NOT NULL,
    cases       TEXT   NOT NULL,
    PRIMARY KEY (incident_id, seq)
);

-- From when complaints of a topic are a mass incident; '' stands for all others.
CREATE TABLE mass_limits (
    topic_id  TEXT   NOT NULL PRIMARY KEY,
    authors   BIGINT NOT NULL,
    window_us BIGINT NOT NULL,
    off       BIGINT NOT NULL
);

CREATE TABLE silences (
    id       TEXT   NOT NULL PRIMARY KEY,
    topic_id TEXT   NOT NULL,
    place_id TEXT   NOT NULL,
    place    TEXT   NOT NULL,
    incident BIGINT NOT NULL,
    by_id    TEXT   NOT NULL,
    by_name  TEXT   NOT NULL,
    why      TEXT   NOT NULL,
    from_us  BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    ended_us BIGINT NOT NULL,
    ended_by TEXT   NOT NULL
);
CREATE INDEX silences_until ON silences (until_us);

-- +goose Down
DROP TABLE silences;
DROP TABLE mass_limits;
DROP TABLE mass_events;
DROP TABLE mass_left;
DROP TABLE mass_cases;
DROP TABLE mass_incidents;
DROP TABLE topic_hours;
DROP TABLE case_spots;
DROP TABLE kin;
ALTER TABLE case_items DROP COLUMN kin;
DELETE FROM counters WHERE name IN ('incident', 'rev.incidents');
