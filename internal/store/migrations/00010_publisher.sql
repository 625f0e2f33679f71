-- +goose Up

INSERT INTO counters (name, value) VALUES ('post', 0), ('rev.posts', 0), ('rev.halts', 0);

-- The register of the agency's pages: what people write about a source that is
-- also published to.
CREATE TABLE pages (
    source_id    TEXT   NOT NULL PRIMARY KEY REFERENCES sources (id),
    zone         TEXT   NOT NULL,
    organisation TEXT   NOT NULL,
    ogrn         TEXT   NOT NULL,
    level        TEXT   NOT NULL,
    sphere       TEXT   NOT NULL,
    category     TEXT   NOT NULL,
    gosmark      BIGINT NOT NULL,
    widgets      TEXT   NOT NULL,
    norm         BIGINT NOT NULL,
    silent       BIGINT NOT NULL,
    edited_us    BIGINT NOT NULL
);

CREATE TABLE series (
    id         TEXT   NOT NULL PRIMARY KEY,
    version    BIGINT NOT NULL,
    title      TEXT   NOT NULL,
    active     BIGINT NOT NULL,
    -- The whole of it, as JSON; the columns beside are what is searched by.
    body       TEXT   NOT NULL,
    through_us BIGINT NOT NULL,
    created_us BIGINT NOT NULL
);

CREATE TABLE posts (
    id          TEXT   NOT NULL PRIMARY KEY,
    number      BIGINT NOT NULL UNIQUE,
    version     BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    state_us    BIGINT NOT NULL,
    title       TEXT   NOT NULL,
    content     TEXT   NOT NULL,
    rubric      TEXT   NOT NULL,
    tags        TEXT   NOT NULL,
    at_us       BIGINT NOT NULL,
    late_us     BIGINT NOT NULL,
    must_us     BIGINT NOT NULL,
    targets     TEXT   NOT NULL,
    author_id   TEXT   NOT NULL,
    author_name TEXT   NOT NULL,
    writers     TEXT   NOT NULL,
    approval    TEXT   NOT NULL,
    amendment   TEXT   NOT NULL,
    question    TEXT   NOT NULL,
    series_id   TEXT   NOT NULL,
    slot        TEXT   NOT NULL,
    touched     BIGINT NOT NULL,
    -- What the plan is searched by, folded in Go.
    folded      TEXT   NOT NULL,
    -- 1 while some page has not been given to the ledger.
    waiting     BIGINT NOT NULL,
    created_us  BIGINT NOT NULL
);
CREATE UNIQUE INDEX posts_slot ON posts (series_id, slot) WHERE series_id <> '';
CREATE INDEX posts_at ON posts (at_us);
CREATE INDEX posts_state ON posts (state, at_us);
CREATE INDEX posts_due ON posts (at_us, id) WHERE state = 'scheduled' AND waiting = 1;

-- Which pages a post is for, and which items it became there: projections of
-- posts.targets for looking things up.
CREATE TABLE post_pages (
    post_id TEXT NOT NULL REFERENCES posts (id),
    page_id TEXT NOT NULL,
    state   TEXT NOT NULL,
    PRIMARY KEY (post_id, page_id)
);
CREATE INDEX post_pages_page ON post_pages (page_id);
CREATE TABLE post_refs (
    network TEXT   NOT NULL,
    owner   TEXT   NOT NULL,
    item_id TEXT   NOT NULL,
    post_id TEXT   NOT NULL REFERENCES posts (id),
    page_id TEXT   NOT NULL,
    part    BIGINT NOT NULL,
    PRIMARY KEY (network, owner, item_id)
);
CREATE INDEX post_refs_post ON post_refs (post_id);

CREATE TABLE post_versions (
    post_id    TEXT   NOT NULL REFERENCES posts (id),
    version    BIGINT NOT NULL,
    content    TEXT   NOT NULL,
    by_id      TEXT   NOT NULL,
    by_name    TEXT   NOT NULL,
    written_us BIGINT NOT NULL,
    PRIMARY KEY (post_id, version)
);

-- Remarks beside a draft are events as well.
CREATE TABLE post_events (
    post_id    TEXT   NOT NULL REFERENCES posts (id),
    seq        BIGINT NOT NULL,
    at_us      BIGINT NOT NULL,
    actor_id   TEXT   NOT NULL,
    actor_name TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    page_id    TEXT   NOT NULL,
    note       TEXT   NOT NULL,
    data       TEXT   NOT NULL,
    PRIMARY KEY (post_id, seq)
);

CREATE TABLE post_templates (
    id        TEXT   NOT NULL PRIMARY KEY,
    title     TEXT   NOT NULL,
    body      TEXT   NOT NULL,
    edited_us BIGINT NOT NULL
);

CREATE TABLE polls (
    id        TEXT   NOT NULL PRIMARY KEY,
    post_id   TEXT   NOT NULL,
    version   BIGINT NOT NULL,
    state     TEXT   NOT NULL,
    form      TEXT   NOT NULL,
    places    TEXT   NOT NULL,
    opened_us BIGINT NOT NULL,
    closes_us BIGINT NOT NULL,
    closed_us BIGINT NOT NULL
);
CREATE UNIQUE INDEX polls_post ON polls (post_id) WHERE post_id <> '';
CREATE INDEX polls_due ON polls (closes_us) WHERE state = 'open' AND closes_us <> 0;

CREATE TABLE poll_snapshots (
    poll_id TEXT   NOT NULL REFERENCES polls (id),
    page_id TEXT   NOT NULL,
    at_us   BIGINT NOT NULL,
    voters  BIGINT NOT NULL,
    votes   TEXT   NOT NULL,
    PRIMARY KEY (poll_id, page_id, at_us)
);

-- One vote a person in polls of the program's own bots.
CREATE TABLE poll_votes (
    poll_id TEXT   NOT NULL REFERENCES polls (id),
    voter   TEXT   NOT NULL,
    options TEXT   NOT NULL,
    at_us   BIGINT NOT NULL,
    PRIMARY KEY (poll_id, voter)
);

CREATE TABLE post_stats (
    post_id  TEXT   NOT NULL REFERENCES posts (id),
    page_id  TEXT   NOT NULL,
    at_us    BIGINT NOT NULL,
    views    BIGINT NOT NULL,
    likes    BIGINT NOT NULL,
    comments BIGINT NOT NULL,
    reposts  BIGINT NOT NULL,
    PRIMARY KEY (post_id, page_id, at_us)
);

CREATE TABLE page_stats (
    page_id     TEXT   NOT NULL,
    at_us       BIGINT NOT NULL,
    subscribers BIGINT NOT NULL,
    reach       BIGINT NOT NULL,
    PRIMARY KEY (page_id, at_us)
);

-- Stops of what leaves.
CREATE TABLE halts (
    id         TEXT   NOT NULL PRIMARY KEY,
    cause      TEXT   NOT NULL,
    pages      TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    by_id      TEXT   NOT NULL,
    by_name    TEXT   NOT NULL,
    at_us      BIGINT NOT NULL,
    ended_us   BIGINT NOT NULL,
    ended_id   TEXT   NOT NULL,
    ended_name TEXT   NOT NULL
);
-- The program stops itself once for one cause, however many nodes notice it.
CREATE UNIQUE INDEX halts_own ON halts (cause) WHERE ended_us = 0 AND cause <> 'person';

-- Signs of life, by which a restored base is told from a living one.
CREATE TABLE beats (
    id    BIGINT NOT NULL PRIMARY KEY,
    seq   BIGINT NOT NULL,
    at_us BIGINT NOT NULL
);
INSERT INTO beats (id, seq, at_us) VALUES (1, 0, 0);

-- The copies of posts, by what they are copies of, and the agency's own posts by time.
CREATE INDEX items_copy ON items (network, copy_owner, copy_id) WHERE copy_id <> '';
CREATE INDEX items_own_posts ON items (published_us) WHERE kind = 'post' AND own = 1;

-- +goose Down
DROP INDEX items_own_posts;
DROP INDEX items_copy;
DROP TABLE beats;
DROP TABLE halts;
DROP TABLE page_stats;
DROP TABLE post_stats;
DROP TABLE poll_votes;
DROP TABLE poll_snapshots;
DROP TABLE polls;
DROP TABLE post_templates;
DROP TABLE post_events;
DROP TABLE post_versions;
DROP TABLE post_refs;
DROP TABLE post_pages;
DROP TABLE posts;
DROP TABLE series;
DROP TABLE pages;
DELETE FROM counters WHERE name IN ('post', 'rev.posts', 'rev.halts');
