-- +goose Up

-- Counters hand out numbers without gaps in the order of commit: whoever takes
-- one holds the row until its transaction ends. They also carry the revisions
-- by which other processes notice that something has changed.
CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES
    ('item', 0), ('item.revision', 0), ('case', 0), ('rev.cases', 0), ('rev.sources', 0), ('rev.deliveries', 0), ('rev.rules', 0);

-- A lease makes one worker the only one of its name; the fence grows with every
-- change of hands, and a write under an older fence is refused.
CREATE TABLE leases (
    name       TEXT   NOT NULL PRIMARY KEY,
    owner      TEXT   NOT NULL,
    fence      BIGINT NOT NULL,
    until_us   BIGINT NOT NULL
);

CREATE TABLE sources (
    id          TEXT   NOT NULL PRIMARY KEY,
    network     TEXT   NOT NULL,
    external_id TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    title       TEXT   NOT NULL,
    url         TEXT   NOT NULL,
    abilities   TEXT   NOT NULL DEFAULT '[]',
    active      BIGINT NOT NULL DEFAULT 1,
    created_us  BIGINT NOT NULL,
    -- Since when everything is known, which reaches back as history is read.
    covered_us  BIGINT NOT NULL,
    UNIQUE (network, external_id)
);

-- A stream is one way of reading a source: its live updates, its history.
CREATE TABLE streams (
    name          TEXT   NOT NULL PRIMARY KEY,
    source_id     TEXT   NOT NULL REFERENCES sources (id),
    cursor        TEXT   NOT NULL DEFAULT '',
    complete_us   BIGINT NOT NULL DEFAULT 0,
    fetched_us    BIGINT NOT NULL DEFAULT 0,
    trouble_kind  TEXT   NOT NULL DEFAULT '',
    trouble       TEXT   NOT NULL DEFAULT '',
    failing_us    BIGINT NOT NULL DEFAULT 0,
    cooling_us    BIGINT NOT NULL DEFAULT 0,
    progress      TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX streams_source ON streams (source_id);

CREATE TABLE gaps (
    id         TEXT   NOT NULL PRIMARY KEY,
    source_id  TEXT   NOT NULL REFERENCES sources (id),
    from_us    BIGINT NOT NULL,
    to_us      BIGINT NOT NULL,
    reason     TEXT   NOT NULL,
    filled_us  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX gaps_source ON gaps (source_id, to_us);

-- The inbox of raw updates, as the network sent them.
CREATE TABLE updates (
    stream      TEXT   NOT NULL,
    key         TEXT   NOT NULL,
    raw         TEXT   NOT NULL,
    encoding    TEXT   NOT NULL,
    broken      TEXT   NOT NULL DEFAULT '',
    received_us BIGINT NOT NULL,
    PRIMARY KEY (stream, key)
);
CREATE INDEX updates_received ON updates (received_us);
CREATE INDEX updates_broken ON updates (stream, received_us) WHERE broken <> '';

CREATE TABLE items (
    id           TEXT   NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL UNIQUE,
    network      TEXT   NOT NULL,
    owner        TEXT   NOT NULL,
    item_id      TEXT   NOT NULL,
    source_id    TEXT   NOT NULL REFERENCES sources (id),
    kind         TEXT   NOT NULL,
    thread_owner TEXT   NOT NULL,
    thread_id    TEXT   NOT NULL,
    reply_id     TEXT   NOT NULL,
    copy_owner   TEXT   NOT NULL,
    copy_id      TEXT   NOT NULL,
    author_id    TEXT   NOT NULL,
    author       TEXT   NOT NULL,
    own          BIGINT NOT NULL,
    body         TEXT   NOT NULL,
    media        TEXT   NOT NULL,
    permalink    TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    published_us BIGINT NOT NULL,
    edited_us    BIGINT NOT NULL,
    seen_us      BIGINT NOT NULL,
    deleted_us   BIGINT NOT NULL,
    -- 1 while the present version waits for detection.
    pending      BIGINT NOT NULL,
    -- Grows with every change that the search index has to follow.
    revision     BIGINT NOT NULL DEFAULT 0,
    UNIQUE (network, owner, item_id)
);
CREATE INDEX items_revision ON items (revision);
CREATE INDEX items_thread ON items (network, thread_owner, thread_id, published_us);
CREATE INDEX items_pending ON items (seq) WHERE pending = 1;
CREATE INDEX items_source_seen ON items (source_id, seen_us);

-- Every text that an item ever had, the first one included.
CREATE TABLE item_versions (
    item_id   TEXT   NOT NULL REFERENCES items (id),
    version   BIGINT NOT NULL,
    body      TEXT   NOT NULL,
    edited_us BIGINT NOT NULL,
    seen_us   BIGINT NOT NULL,
    PRIMARY KEY (item_id, version)
);

CREATE TABLE departments (
    id       TEXT   NOT NULL PRIMARY KEY,
    name     TEXT   NOT NULL,
    position BIGINT NOT NULL
);

CREATE TABLE topics (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    department_id TEXT   NOT NULL REFERENCES departments (id),
    due_hours     BIGINT NOT NULL CHECK (due_hours > 0),
    position      BIGINT NOT NULL
);

CREATE TABLE rules (
    id       TEXT   NOT NULL PRIMARY KEY,
    topic_id TEXT   NOT NULL REFERENCES topics (id),
    name     TEXT   NOT NULL,
    expr     TEXT   NOT NULL,
    version  BIGINT NOT NULL,
    active   BIGINT NOT NULL,
    -- From the particular to the general: the first rule that fires gives the topic.
    position BIGINT NOT NULL
);

CREATE TABLE matches (
    item_id      TEXT   NOT NULL REFERENCES items (id),
    item_version BIGINT NOT NULL,
    rule_id      TEXT   NOT NULL,
    rule_version BIGINT NOT NULL,
    rule_name    TEXT   NOT NULL,
    topic_id     TEXT   NOT NULL,
    words        TEXT   NOT NULL,
    marks        TEXT   NOT NULL,
    -- 0 is the rule that gave the topic.
    rank         BIGINT NOT NULL,
    found_us     BIGINT NOT NULL,
    PRIMARY KEY (item_id, item_version, rule_id)
);

CREATE TABLE people (
    id            TEXT   NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    roles         TEXT   NOT NULL,
    department_id TEXT   NOT NULL DEFAULT '',
    password_hash TEXT   NOT NULL,
    active        BIGINT NOT NULL DEFAULT 1,
    created_us    BIGINT NOT NULL
);

CREATE TABLE sessions (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    person_id  TEXT   NOT NULL REFERENCES people (id),
    started_us BIGINT NOT NULL,
    seen_us    BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    agent      TEXT   NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires_us);

CREATE TABLE signin_failures (
    id    TEXT   NOT NULL PRIMARY KEY,
    key   TEXT   NOT NULL,
    at_us BIGINT NOT NULL
);
CREATE INDEX signin_failures_key ON signin_failures (key, at_us);

CREATE TABLE cases (
    id            TEXT   NOT NULL PRIMARY KEY,
    number        BIGINT NOT NULL UNIQUE,
    version       BIGINT NOT NULL,
    stage         TEXT   NOT NULL,
    stage_us      BIGINT NOT NULL,
    outcome       TEXT   NOT NULL,
    item_id       TEXT   NOT NULL UNIQUE REFERENCES items (id),
    message       TEXT   NOT NULL,
    network       TEXT   NOT NULL,
    thread_owner  TEXT   NOT NULL,
    thread_id     TEXT   NOT NULL,
    author_id     TEXT   NOT NULL,
    -- What the queue is searched by, folded in Go.
    folded        TEXT   NOT NULL,
    source_id     TEXT   NOT NULL REFERENCES sources (id),
    topic_id      TEXT   NOT NULL,
    department_id TEXT   NOT NULL,
    executor_id   TEXT   NOT NULL,
    executor_name TEXT   NOT NULL,
    answer        TEXT   NOT NULL,
    reject_reason TEXT   NOT NULL,
    trouble       TEXT   NOT NULL,
    answer_link   TEXT   NOT NULL,
    opened_us     BIGINT NOT NULL,
    due_us        BIGINT NOT NULL,
    closed_us     BIGINT NOT NULL
);
-- One open case for one author in one thread, whatever workers do at once.
CREATE UNIQUE INDEX cases_open ON cases (network, thread_owner, thread_id, author_id) WHERE stage <> 'done';
CREATE INDEX cases_due ON cases (due_us, number) WHERE stage <> 'done';
CREATE INDEX cases_number ON cases (number DESC);

-- The messages that belong to a case; a message belongs to one case only.
CREATE TABLE case_items (
    item_id  TEXT   NOT NULL PRIMARY KEY REFERENCES items (id),
    case_id  TEXT   NOT NULL REFERENCES cases (id),
    added_us BIGINT NOT NULL
);
CREATE INDEX case_items_case ON case_items (case_id);

CREATE TABLE case_events (
    case_id    TEXT   NOT NULL REFERENCES cases (id),
    seq        BIGINT NOT NULL,
    at_us      BIGINT NOT NULL,
    actor_id   TEXT   NOT NULL,
    actor_name TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    note       TEXT   NOT NULL,
    data       TEXT   NOT NULL,
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE answers (
    case_id    TEXT   NOT NULL REFERENCES cases (id),
    version    BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    author_id  TEXT   NOT NULL,
    written_us BIGINT NOT NULL,
    PRIMARY KEY (case_id, version)
);

CREATE TABLE drafts (
    case_id   TEXT   NOT NULL REFERENCES cases (id),
    person_id TEXT   NOT NULL REFERENCES people (id),
    body      TEXT   NOT NULL,
    saved_us  BIGINT NOT NULL,
    PRIMARY KEY (case_id, person_id)
);

-- The ledger of everything that leaves.
CREATE TABLE deliveries (
    id            TEXT   NOT NULL PRIMARY KEY,
    case_id       TEXT   NOT NULL REFERENCES cases (id),
    number        BIGINT NOT NULL,
    network       TEXT   NOT NULL,
    source_id     TEXT   NOT NULL REFERENCES sources (id),
    thread_owner  TEXT   NOT NULL,
    thread_id     TEXT   NOT NULL,
    reply_owner   TEXT   NOT NULL,
    reply_id      TEXT   NOT NULL,
    author        TEXT   NOT NULL,
    body          TEXT   NOT NULL,
    -- The text folded to letters and digits, by which the answer is recognised in the network.
    body_print    TEXT   NOT NULL,
    approver      TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    attempt       BIGINT NOT NULL,
    -- 1 once a call ended without a receipt and without a refusal.
    maybe_out     BIGINT NOT NULL DEFAULT 0,
    planned_us    BIGINT NOT NULL,
    next_us       BIGINT NOT NULL,
    sending_us    BIGINT NOT NULL,
    first_us      BIGINT NOT NULL,
    done_us       BIGINT NOT NULL,
    fence         BIGINT NOT NULL,
    trouble_code  TEXT   NOT NULL,
    trouble       TEXT   NOT NULL,
    remote_owner  TEXT   NOT NULL,
    remote_id     TEXT   NOT NULL,
    permalink     TEXT   NOT NULL
);
CREATE INDEX deliveries_case ON deliveries (case_id, planned_us);
CREATE INDEX deliveries_state ON deliveries (state, next_us);
CREATE INDEX deliveries_remote ON deliveries (network, remote_owner, remote_id) WHERE remote_id <> '';
CREATE INDEX deliveries_print ON deliveries (network, thread_owner, thread_id, body_print);

CREATE TABLE delivery_attempts (
    delivery_id TEXT   NOT NULL REFERENCES deliveries (id),
    attempt     BIGINT NOT NULL,
    begun_us    BIGINT NOT NULL,
    ended_us    BIGINT NOT NULL,
    outcome     TEXT   NOT NULL,
    code        TEXT   NOT NULL,
    message     TEXT   NOT NULL,
    PRIMARY KEY (delivery_id, attempt)
);

-- +goose Down
DROP TABLE delivery_attempts;
DROP TABLE deliveries;
DROP TABLE drafts;
DROP TABLE answers;
DROP TABLE case_events;
DROP TABLE case_items;
DROP TABLE cases;
DROP TABLE signin_failures;
DROP TABLE sessions;
DROP TABLE people;
DROP TABLE matches;
DROP TABLE rules;
DROP TABLE topics;
DROP TABLE departments;
DROP TABLE item_versions;
DROP TABLE items;
DROP TABLE updates;
DROP TABLE gaps;
DROP TABLE streams;
DROP TABLE sources;
DROP TABLE leases;
DROP TABLE counters;
