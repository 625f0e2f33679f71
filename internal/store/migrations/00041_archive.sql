-- +goose Up

-- What people ask of the archive: to build it anew (a number that grows), and
-- how many months it keeps (0 for all).
INSERT INTO counters (name, value) VALUES ('archive.wish', 0), ('archive.months', 0), ('archive.watched', 0), ('rev.searches', 0);

-- A search that somebody wants to come back to. query is the address of the
-- page with its filters.
CREATE TABLE saved_searches (
    id         TEXT   NOT NULL PRIMARY KEY,
    owner_id   TEXT   NOT NULL REFERENCES people (id),
    owner_name TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    query      TEXT   NOT NULL,
    shared     BIGINT NOT NULL,
    created_us BIGINT NOT NULL
);
CREATE INDEX saved_searches_owner ON saved_searches (owner_id);

-- What came in after a search was saved and satisfies it.
CREATE TABLE saved_hits (
    search_id TEXT   NOT NULL REFERENCES saved_searches (id) ON DELETE CASCADE,
    item_id   TEXT   NOT NULL REFERENCES items (id),
    found_us  BIGINT NOT NULL,
    PRIMARY KEY (search_id, item_id)
);
CREATE INDEX saved_hits_found ON saved_hits (search_id, found_us);

-- When a person last looked at a saved search.
CREATE TABLE saved_looks (
    search_id TEXT   NOT NULL REFERENCES saved_searches (id) ON DELETE CASCADE,
    person_id TEXT   NOT NULL REFERENCES people (id),
    seen_us   BIGINT NOT NULL,
    PRIMARY KEY (search_id, person_id)
);

-- What the nightly comparison of the archive with the base found.
CREATE TABLE archive_checks (
    id       TEXT   NOT NULL PRIMARY KEY,
    node     TEXT   NOT NULL,
    begun_us BIGINT NOT NULL,
    ended_us BIGINT NOT NULL,
    items    BIGINT NOT NULL,
    missing  BIGINT NOT NULL,
    stale    BIGINT NOT NULL,
    extra    BIGINT NOT NULL,
    months   TEXT   NOT NULL
);
CREATE INDEX archive_checks_begun ON archive_checks (begun_us);
CREATE INDEX items_published ON items (published_us);

-- +goose Down
DROP INDEX items_published;
DROP TABLE archive_checks;
DROP TABLE saved_looks;
DROP TABLE saved_hits;
DROP TABLE saved_searches;
DELETE FROM counters WHERE name IN ('archive.wish', 'archive.months', 'archive.watched', 'rev.searches');
