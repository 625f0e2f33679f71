-- +goose Up

-- One ledger of everything that leaves, answers among it. SQLite cannot loosen
-- a column, so the table is written anew; its attempts refer to it and follow.
CREATE TABLE ledger_rows (
    id            TEXT   NOT NULL PRIMARY KEY,
    -- answer, post, poll, edit, delete, pin, unpin, poll_close, notice
    kind          TEXT   NOT NULL,
    -- What it is sent for: a case, a post, a poll.
    subject_id    TEXT   NOT NULL,
    -- The place in a post of several parts, from 0.
    part          BIGINT NOT NULL,
    -- What it carries besides its text, as JSON.
    payload       TEXT   NOT NULL,
    number        BIGINT NOT NULL,
    network       TEXT   NOT NULL,
    source_id     TEXT   NOT NULL REFERENCES sources (id),
    thread_owner  TEXT   NOT NULL,
    thread_id     TEXT   NOT NULL,
    reply_owner   TEXT   NOT NULL,
    reply_id      TEXT   NOT NULL,
    author        TEXT   NOT NULL,
    body          TEXT   NOT NULL,
    -- The text folded to letters and digits, by which it is recognised in the network.
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
INSERT INTO ledger_rows (id, kind, subject_id, part, payload, number, network, source_id, thread_owner, thread_id, reply_owner, reply_id, author, body,
    body_print, approver, state, attempt, maybe_out, planned_us, next_us, sending_us, first_us, done_us, fence, trouble_code, trouble, remote_owner,
    remote_id, permalink)
SELECT id, 'answer', case_id, 0, '{}', number, network, source_id, thread_owner, thread_id, reply_owner, reply_id, author, body,
    body_print, approver, state, attempt, maybe_out, planned_us, next_us, sending_us, first_us, done_us, fence, trouble_code, trouble, remote_owner,
    remote_id, permalink FROM deliveries;
CREATE TABLE ledger_attempts (
    delivery_id TEXT   NOT NULL REFERENCES ledger_rows (id),
    attempt     BIGINT NOT NULL,
    begun_us    BIGINT NOT NULL,
    ended_us    BIGINT NOT NULL,
    outcome     TEXT   NOT NULL,
    code        TEXT   NOT NULL,
    message     TEXT   NOT NULL,
    PRIMARY KEY (delivery_id, attempt)
);
INSERT INTO ledger_attempts (delivery_id, attempt, begun_us, ended_us, outcome, code, message)
SELECT delivery_id, attempt, begun_us, ended_us, outcome, code, message FROM delivery_attempts;
DROP TABLE delivery_attempts;
DROP TABLE deliveries;
ALTER TABLE ledger_rows RENAME TO deliveries;
ALTER TABLE ledger_attempts RENAME TO delivery_attempts;
CREATE INDEX deliveries_subject ON deliveries (subject_id, planned_us);
CREATE INDEX deliveries_state ON deliveries (state, next_us);
CREATE INDEX deliveries_remote ON deliveries (network, remote_owner, remote_id) WHERE remote_id <> '';
CREATE INDEX deliveries_print ON deliveries (network, thread_owner, thread_id, body_print);
CREATE INDEX deliveries_unknown ON deliveries (source_id) WHERE state = 'unknown';

-- +goose Down
CREATE TABLE ledger_rows (
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
    body_print    TEXT   NOT NULL,
    approver      TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    attempt       BIGINT NOT NULL,
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
INSERT INTO ledger_rows (id, case_id, number, network, source_id, thread_owner, thread_id, reply_owner, reply_id, author, body,
    body_print, approver, state, attempt, maybe_out, planned_us, next_us, sending_us, first_us, done_us, fence, trouble_code, trouble, remote_owner,
    remote_id, permalink)
SELECT id, subject_id, number, network, source_id, thread_owner, thread_id, reply_owner, reply_id, author, body,
    body_print, approver, state, attempt, maybe_out, planned_us, next_us, sending_us, first_us, done_us, fence, trouble_code, trouble, remote_owner,
    remote_id, permalink FROM deliveries WHERE kind = 'answer';
CREATE TABLE ledger_attempts (
    delivery_id TEXT   NOT NULL REFERENCES ledger_rows (id),
    attempt     BIGINT NOT NULL,
    begun_us    BIGINT NOT NULL,
    ended_us    BIGINT NOT NULL,
    outcome     TEXT   NOT NULL,
    code        TEXT   NOT NULL,
    message     TEXT   NOT NULL,
    PRIMARY KEY (delivery_id, attempt)
);
INSERT INTO ledger_attempts (delivery_id, attempt, begun_us, ended_us, outcome, code, message)
SELECT a.delivery_id, a.attempt, a.begun_us, a.ended_us, a.outcome, a.code, a.message FROM delivery_attempts a JOIN ledger_rows r ON r.id = a.delivery_id;
DROP TABLE delivery_attempts;
DROP TABLE deliveries;
ALTER TABLE ledger_rows RENAME TO deliveries;
ALTER TABLE ledger_attempts RENAME TO delivery_attempts;
CREATE INDEX deliveries_case ON deliveries (case_id, planned_us);
CREATE INDEX deliveries_state ON deliveries (state, next_us);
CREATE INDEX deliveries_remote ON deliveries (network, remote_owner, remote_id) WHERE remote_id <> '';
CREATE INDEX deliveries_print ON deliveries (network, thread_owner, thread_id, body_print);
