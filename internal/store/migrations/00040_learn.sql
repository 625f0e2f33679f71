-- +goose Up

-- 1 while the program's own handing out of a case stands.
ALTER TABLE cases ADD COLUMN auto BIGINT NOT NULL DEFAULT 0;

-- What the program thinks of each stored item, of its present text.
CREATE TABLE verdicts (
    item_id       TEXT             NOT NULL PRIMARY KEY REFERENCES items (id),
    item_version  BIGINT           NOT NULL,
    probability   DOUBLE PRECISION NOT NULL,
    -- due, unlikely (a rule fired, and yet), none, taken, dismissed: the last
    -- two are people's words about an unlikely one.
    state         TEXT             NOT NULL,
    reasons       TEXT             NOT NULL,
    topic_id      TEXT             NOT NULL,
    topic_p       DOUBLE PRECISION NOT NULL,
    department_id TEXT             NOT NULL,
    department_p  DOUBLE PRECISION NOT NULL,
    judged_us     BIGINT           NOT NULL
);
CREATE INDEX verdicts_unlikely ON verdicts (judged_us) WHERE state = 'unlikely';

-- What people decided, with the text they decided about. The key names what the
-- row was made of, so that nothing is counted twice.
CREATE TABLE decisions (
    key           TEXT   NOT NULL PRIMARY KEY,
    -- What was decided about: a case, an item, a row of a file.
    subject       TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    case_id       TEXT   NOT NULL,
    item_id       TEXT   NOT NULL,
    body          TEXT   NOT NULL,
    item_kind     TEXT   NOT NULL,
    own_page      BIGINT NOT NULL,
    depth         BIGINT NOT NULL,
    topic_id      TEXT   NOT NULL,
    department_id TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    person_id     TEXT   NOT NULL,
    person_name   TEXT   NOT NULL,
    at_us         BIGINT NOT NULL,
    stored_us     BIGINT NOT NULL
);
CREATE INDEX decisions_at ON decisions (at_us);
CREATE INDEX decisions_stored ON decisions (stored_us);

-- Decisions that were made before they were kept.
INSERT INTO decisions (key, subject, kind, case_id, item_id, body, item_kind, own_page, depth, topic_id, department_id, reason, person_id, person_name, at_us, stored_us)
SELECT 'case ' || e.case_id || ' ' || CAST(e.version AS TEXT), 'case ' || e.case_id, e.kind, e.case_id, c.item_id, i.body, i.kind, 1 - s.public,
    CASE WHEN i.kind = 'post' THEN 0 WHEN i.reply_id <> '' THEN 2 ELSE 1 END,
    c.topic_id, CASE WHEN e.kind = 'assigned' THEN c.department_id ELSE '' END, CASE WHEN e.kind = 'rejected' THEN e.note ELSE '' END,
    e.actor_id, e.actor_name, e.at_us, e.at_us
FROM case_events e JOIN cases c ON c.id = e.case_id JOIN items i ON i.id = c.item_id JOIN sources s ON s.id = c.source_id
WHERE e.actor_id <> '' AND e.kind IN ('accepted', 'rejected', 'classified', 'assigned');

-- What was learned of decisions; one version of a part is in use.
CREATE TABLE models (
    id      TEXT   NOT NULL PRIMARY KEY,
    part    TEXT   NOT NULL,
    number  BIGINT NOT NULL,
    data    BYTEA  NOT NULL,
    report  TEXT   NOT NULL,
    learned BIGINT NOT NULL,
    made_us BIGINT NOT NULL,
    active  BIGINT NOT NULL,
    UNIQUE (part, number)
);
CREATE UNIQUE INDEX models_active ON models (part) WHERE active = 1;

-- Each time that the program learned, or tried to.
CREATE TABLE trainings (
    id          TEXT   NOT NULL PRIMARY KEY,
    state       TEXT   NOT NULL,
    asked_us    BIGINT NOT NULL,
    asked_id    TEXT   NOT NULL,
    asked_name  TEXT   NOT NULL,
    begun_us    BIGINT NOT NULL,
    ended_us    BIGINT NOT NULL,
    decisions   BIGINT NOT NULL,
    step        TEXT   NOT NULL,
    -- What came of each part, as JSON.
    parts       TEXT   NOT NULL,
    trouble     TEXT   NOT NULL,
    -- 1 once a person wants it to stop.
    stop        BIGINT NOT NULL
);
CREATE UNIQUE INDEX trainings_open ON trainings (state) WHERE state = 'open';
CREATE INDEX trainings_asked ON trainings (asked_us);

-- What an agency has chosen, as JSON under a name, with who chose it last.
CREATE TABLE choices (
    name        TEXT   NOT NULL PRIMARY KEY,
    value       TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    person_name TEXT   NOT NULL,
    set_us      BIGINT NOT NULL
);

-- Grows with every change of a model or a choice that detection has to follow,
-- and with every training that pages show.
INSERT INTO counters (name, value) VALUES ('rev.learn', 0), ('rev.training', 0);

-- +goose Down
DELETE FROM counters WHERE name IN ('rev.learn', 'rev.training');
DROP TABLE choices;
DROP TABLE trainings;
DROP TABLE models;
DROP TABLE decisions;
DROP TABLE verdicts;
ALTER TABLE cases DROP COLUMN auto;
