-- +goose Up

INSERT INTO counters (name, value) VALUES ('mandate', 0);

-- What a post may change of the mandate that it is for, as JSON.
ALTER TABLE posts ADD COLUMN mandated TEXT NOT NULL DEFAULT 'null';

-- Posts that pages have to publish by a deadline.
CREATE TABLE mandates (
    id             TEXT   NOT NULL PRIMARY KEY,
    number         BIGINT NOT NULL UNIQUE,
    title          TEXT   NOT NULL,
    asks           TEXT   NOT NULL,
    content        TEXT   NOT NULL,
    adapt          TEXT   NOT NULL,
    due_us         BIGINT NOT NULL,
    by_id          TEXT   NOT NULL,
    by_name        TEXT   NOT NULL,
    at_us          BIGINT NOT NULL,
    withdrawn_us   BIGINT NOT NULL,
    withdrawn_name TEXT   NOT NULL,
    why            TEXT   NOT NULL
);
CREATE INDEX mandates_due ON mandates (due_us);
CREATE TABLE mandate_posts (
    mandate_id TEXT   NOT NULL REFERENCES mandates (id),
    page_id    TEXT   NOT NULL,
    place      BIGINT NOT NULL,
    post_id    TEXT   NOT NULL UNIQUE REFERENCES posts (id),
    PRIMARY KEY (mandate_id, page_id)
);

-- Rows of files that have become drafts, so that a file imported twice makes
-- them once.
CREATE TABLE plan_rows (
    row_key TEXT   NOT NULL PRIMARY KEY,
    post_id TEXT   NOT NULL REFERENCES posts (id),
    at_us   BIGINT NOT NULL
);

-- What was read of a file, until its person has looked at it and decided.
CREATE TABLE plan_files (
    id        TEXT   NOT NULL PRIMARY KEY,
    person_id TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    body      TEXT   NOT NULL,
    at_us     BIGINT NOT NULL
);

-- +goose Down
DROP TABLE plan_files;
DROP TABLE plan_rows;
DROP TABLE mandate_posts;
DROP TABLE mandates;
ALTER TABLE posts DROP COLUMN mandated;
DELETE FROM counters WHERE name = 'mandate';
