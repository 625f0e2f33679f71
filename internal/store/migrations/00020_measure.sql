-- +goose Up

INSERT INTO counters (name, value) VALUES ('rev.stats', 0);

-- What a network counted under a post of ours at a moment, whoever published
-- it; -1 where it does not tell.
CREATE TABLE post_numbers (
    network  TEXT   NOT NULL,
    owner    TEXT   NOT NULL,
    item_id  TEXT   NOT NULL,
    page_id  TEXT   NOT NULL,
    at_us    BIGINT NOT NULL,
    views    BIGINT NOT NULL,
    likes    BIGINT NOT NULL,
    comments BIGINT NOT NULL,
    reposts  BIGINT NOT NULL,
    PRIMARY KEY (network, owner, item_id, at_us)
);
INSERT INTO post_numbers (network, owner, item_id, page_id, at_us, views, likes, comments, reposts)
SELECT r.network, r.owner, r.item_id, s.page_id, s.at_us, s.views, s.likes, s.comments, s.reposts
FROM post_stats s JOIN post_refs r ON r.post_id = s.post_id AND r.page_id = s.page_id AND r.part = 0 WHERE true ON CONFLICT DO NOTHING;
DROP TABLE post_stats;

-- The network's own statistics of a page by its own days, the newest word of it.
CREATE TABLE page_days (
    page_id      TEXT   NOT NULL,
    from_us      BIGINT NOT NULL,
    to_us        BIGINT NOT NULL,
    views        BIGINT NOT NULL,
    visitors     BIGINT NOT NULL,
    reach        BIGINT NOT NULL,
    likes        BIGINT NOT NULL,
    reposts      BIGINT NOT NULL,
    comments     BIGINT NOT NULL,
    subscribed   BIGINT NOT NULL,
    unsubscribed BIGINT NOT NULL,
    PRIMARY KEY (page_id, from_us)
);

-- When a page was last counted, and what stands in the way.
CREATE TABLE page_measures (
    page_id TEXT   NOT NULL PRIMARY KEY,
    at_us   BIGINT NOT NULL,
    trouble TEXT   NOT NULL
);

-- The agency's own posts by time.
CREATE INDEX items_wall ON items (published_us) WHERE kind = 'post' AND own = 1;

-- +goose Down
DROP INDEX items_wall;
DROP TABLE page_measures;
DROP TABLE page_days;
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
INSERT INTO post_stats (post_id, page_id, at_us, views, likes, comments, reposts)
SELECT r.post_id, n.page_id, n.at_us, n.views, n.likes, n.comments, n.reposts
FROM post_numbers n JOIN post_refs r ON r.network = n.network AND r.owner = n.owner AND r.item_id = n.item_id AND r.part = 0 WHERE true ON CONFLICT DO NOTHING;
DROP TABLE post_numbers;
DELETE FROM counters WHERE name = 'rev.stats';
