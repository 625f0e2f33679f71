-- +goose Up

-- What people have said about the clock of a case: the fast track, raised
-- importance, for whom it waits.
ALTER TABLE cases ADD COLUMN timing TEXT NOT NULL DEFAULT '{}';

-- Deadlines as data. A change is a new version; an empty body says that from
-- then on the scope has none of its own. own = 0 are those made of the hours of
-- a topic for which nobody has set any.
CREATE TABLE deadline_policies (
    id      TEXT   NOT NULL PRIMARY KEY,
    org_id  TEXT   NOT NULL,
    scope   TEXT   NOT NULL,
    own     BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    by_id   TEXT   NOT NULL,
    by_name TEXT   NOT NULL,
    at_us   BIGINT NOT NULL,
    UNIQUE (org_id, scope, own, version)
);

-- Working hours of an organisation; '' stands for the agency as a whole.
CREATE TABLE work_hours (
    org_id  TEXT   NOT NULL,
    version BIGINT NOT NULL,
    zone    TEXT   NOT NULL,
    hours   TEXT   NOT NULL,
    by_id   TEXT   NOT NULL,
    by_name TEXT   NOT NULL,
    at_us   BIGINT NOT NULL,
    PRIMARY KEY (org_id, version)
);

-- Days that differ from the production calendar.
CREATE TABLE work_days (
    org_id  TEXT   NOT NULL,
    day     TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    by_id   TEXT   NOT NULL,
    by_name TEXT   NOT NULL,
    at_us   BIGINT NOT NULL,
    PRIMARY KEY (org_id, day)
);

-- By which deadlines a case goes, and for which revision of hours and days they
-- were counted. Cases from before have no policy and keep the moment they had.
CREATE TABLE case_clocks (
    case_id   TEXT   NOT NULL PRIMARY KEY REFERENCES cases (id),
    policy_id TEXT   NOT NULL,
    scope     TEXT   NOT NULL,
    hours_rev BIGINT NOT NULL
);
CREATE INDEX case_clocks_rev ON case_clocks (hours_rev);

CREATE TABLE case_deadlines (
    case_id   TEXT   NOT NULL REFERENCES cases (id),
    step      TEXT   NOT NULL,
    from_us   BIGINT NOT NULL,
    at_us     BIGINT NOT NULL,
    term      TEXT   NOT NULL,
    promised  BIGINT NOT NULL,
    paused    BIGINT NOT NULL,
    done_us   BIGINT NOT NULL,
    -- Grows when the moment changes, which begins the ladder of notices anew.
    version   BIGINT NOT NULL,
    -- When somebody has to be told next, 0 for never.
    remind_us BIGINT NOT NULL,
    PRIMARY KEY (case_id, step)
);
CREATE INDEX case_deadlines_remind ON case_deadlines (remind_us) WHERE done_us = 0 AND remind_us > 0;
CREATE INDEX case_deadlines_at ON case_deadlines (at_us) WHERE done_us = 0;

-- Rungs that were reached, each once for a version of a deadline.
CREATE TABLE deadline_rungs (
    case_id TEXT   NOT NULL REFERENCES cases (id),
    step    TEXT   NOT NULL,
    version BIGINT NOT NULL,
    percent BIGINT NOT NULL,
    whom    TEXT   NOT NULL,
    at_us   BIGINT NOT NULL,
    told    BIGINT NOT NULL,
    PRIMARY KEY (case_id, step, version, percent, whom)
);

-- What people are told of in the page. The key makes each of them one.
CREATE TABLE notices (
    id        TEXT   NOT NULL PRIMARY KEY,
    person_id TEXT   NOT NULL REFERENCES people (id),
    kind      TEXT   NOT NULL,
    key       TEXT   NOT NULL,
    case_id   TEXT   NOT NULL,
    number    BIGINT NOT NULL,
    data      TEXT   NOT NULL,
    at_us     BIGINT NOT NULL,
    read_us   BIGINT NOT NULL,
    UNIQUE (person_id, key)
);
CREATE INDEX notices_person ON notices (person_id, at_us);
CREATE INDEX notices_unread ON notices (person_id) WHERE read_us = 0;

INSERT INTO counters (name, value) VALUES ('rev.deadlines', 1), ('rev.notices', 0);

INSERT INTO case_clocks (case_id, policy_id, scope, hours_rev) SELECT id, '', '', 1 FROM cases;
INSERT INTO case_deadlines (case_id, step, from_us, at_us, term, promised, paused, done_us, version, remind_us)
    SELECT id, 'final', opened_us, due_us, '{"n":0,"unit":"hour"}', 0, 0, closed_us, 1, CASE WHEN stage = 'done' THEN 0 ELSE due_us END FROM cases;

-- +goose Down
DELETE FROM counters WHERE name IN ('rev.deadlines', 'rev.notices');
DROP TABLE notices;
DROP TABLE deadline_rungs;
DROP TABLE case_deadlines;
DROP TABLE case_clocks;
DROP TABLE work_days;
DROP TABLE work_hours;
DROP TABLE deadline_policies;
ALTER TABLE cases DROP COLUMN timing;
