-- +goose Up

INSERT INTO counters (name, value) VALUES ('rev.places', 0);

-- The gazetteer of the territory. The id follows from what a place is and where
-- it lies, so that an import leaves cases and routes where they are.
CREATE TABLE places (
    id        TEXT   NOT NULL PRIMARY KEY,
    kind      TEXT   NOT NULL,
    type      TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    parent_id TEXT   NOT NULL,
    houses    TEXT   NOT NULL,
    synonyms  TEXT   NOT NULL,
    position  BIGINT NOT NULL
);

-- The territory that a page is the page of.
CREATE TABLE source_places (
    source_id TEXT NOT NULL PRIMARY KEY REFERENCES sources (id),
    place_id  TEXT NOT NULL
);

-- Who answers for a topic in a place; '' stands for any.
CREATE TABLE routes (
    topic_id      TEXT NOT NULL,
    place_id      TEXT NOT NULL,
    department_id TEXT NOT NULL REFERENCES departments (id),
    PRIMARY KEY (topic_id, place_id)
);

-- The rubricator: facts with what follows from them, answers to begin with, and
-- what facts correspond to in other classifiers.
CREATE TABLE rubric_answers (
    id       TEXT   NOT NULL PRIMARY KEY,
    body     TEXT   NOT NULL,
    position BIGINT NOT NULL
);
CREATE TABLE rubric_facts (
    id            TEXT   NOT NULL PRIMARY KEY,
    category      TEXT   NOT NULL,
    subcategory   TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    department_id TEXT   NOT NULL,
    topic_id      TEXT   NOT NULL,
    fast          BIGINT NOT NULL,
    hours         BIGINT NOT NULL,
    required      TEXT   NOT NULL,
    answer_id     TEXT   NOT NULL,
    inactive      BIGINT NOT NULL,
    position      BIGINT NOT NULL
);
CREATE TABLE rubric_maps (
    classifier TEXT NOT NULL,
    fact_id    TEXT NOT NULL,
    code       TEXT NOT NULL,
    name       TEXT NOT NULL,
    PRIMARY KEY (classifier, fact_id)
);

-- Where a case happens, as JSON with the ids of all in which the place lies.
ALTER TABLE cases ADD COLUMN place TEXT NOT NULL DEFAULT '{}';
ALTER TABLE cases ADD COLUMN fact_id TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN fact_name TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN fast BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE cases DROP COLUMN fast;
ALTER TABLE cases DROP COLUMN fact_name;
ALTER TABLE cases DROP COLUMN fact_id;
ALTER TABLE cases DROP COLUMN place;
DROP TABLE rubric_maps;
DROP TABLE rubric_facts;
DROP TABLE rubric_answers;
DROP TABLE routes;
DROP TABLE source_places;
DROP TABLE places;
DELETE FROM counters WHERE name = 'rev.places';
