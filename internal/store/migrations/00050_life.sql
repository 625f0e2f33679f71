-- +goose Up

INSERT INTO counters (name, value) VALUES ('rev.people', 0);

-- The tree of organisations. The path holds the ids from the top down to the
-- organisation itself, each followed by a slash. The agency that was alone until
-- now is the root; its name is the configured one until people write another.
CREATE TABLE organisations (
    id         TEXT   NOT NULL PRIMARY KEY,
    parent_id  TEXT   NOT NULL,
    path       TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    zone       TEXT   NOT NULL,
    policy     TEXT   NOT NULL,
    active     BIGINT NOT NULL,
    created_us BIGINT NOT NULL
);
CREATE INDEX organisations_parent ON organisations (parent_id);
INSERT INTO organisations (id, parent_id, path, name, zone, policy, active, created_us)
VALUES ('root', '', '/root/', '', '', '{"repeats":2,"repeat_days":30}', 1, 0);

ALTER TABLE departments ADD COLUMN organisation_id TEXT NOT NULL DEFAULT 'root';
ALTER TABLE departments ADD COLUMN active BIGINT NOT NULL DEFAULT 1;

-- In whose hands a card is, and what has happened to it beside its stages.
ALTER TABLE cases ADD COLUMN organisation_id TEXT NOT NULL DEFAULT 'root';
ALTER TABLE cases ADD COLUMN life TEXT NOT NULL DEFAULT '{}';
CREATE INDEX cases_item ON cases (item_id);
CREATE INDEX cases_organisation ON cases (organisation_id, opened_us);

-- Bounds of a person's roles, by role, and when they first signed in.
ALTER TABLE people ADD COLUMN bounds TEXT NOT NULL DEFAULT '{}';
ALTER TABLE people ADD COLUMN organisation_id TEXT NOT NULL DEFAULT 'root';
ALTER TABLE people ADD COLUMN entered_us BIGINT NOT NULL DEFAULT 0;

-- Links by which a person chooses a password, once; only the hash is kept.
CREATE TABLE password_links (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    person_id  TEXT   NOT NULL REFERENCES people (id),
    expires_us BIGINT NOT NULL,
    by_name    TEXT   NOT NULL
);
CREATE INDEX password_links_person ON password_links (person_id);

-- +goose Down
DROP TABLE password_links;
ALTER TABLE people DROP COLUMN entered_us;
ALTER TABLE people DROP COLUMN organisation_id;
ALTER TABLE people DROP COLUMN bounds;
DROP INDEX cases_organisation;
DROP INDEX cases_item;
ALTER TABLE cases DROP COLUMN life;
ALTER TABLE cases DROP COLUMN organisation_id;
ALTER TABLE departments DROP COLUMN active;
ALTER TABLE departments DROP COLUMN organisation_id;
DROP TABLE organisations;
DELETE FROM counters WHERE name = 'rev.people';
