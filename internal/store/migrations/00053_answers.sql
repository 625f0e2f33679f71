-- +goose Up
-- Texts to begin an answer with, by topic or fact; neither is for every case.
CREATE TABLE answer_templates (
    id        TEXT   NOT NULL PRIMARY KEY,
    title     TEXT   NOT NULL,
    topic_id  TEXT   NOT NULL,
    fact_id   TEXT   NOT NULL,
    body      TEXT   NOT NULL,
    edited_by TEXT   NOT NULL,
    edited_us BIGINT NOT NULL
);

-- What the agency says of its answers: abbreviations that need no explanation,
-- contacts that are its own.
CREATE TABLE answer_words (
    kind     TEXT   NOT NULL,
    value    TEXT   NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (kind, value)
);

-- +goose Down
DROP TABLE answer_words;
DROP TABLE answer_templates;
