-- +goose Up

-- The last sign of life of each computer, so that one that joins is told from
-- one that was given an older base.
CREATE TABLE beaters (
    node  TEXT   NOT NULL PRIMARY KEY,
    seq   BIGINT NOT NULL,
    at_us BIGINT NOT NULL
);

-- How close two posts of a page may come before the plan warns, in minutes; 0
-- stands for the usual.
ALTER TABLE pages ADD COLUMN gap BIGINT NOT NULL DEFAULT 0;

-- How many different people saw a post of ours, where the network tells: its
-- newest word.
CREATE TABLE post_reach (
    network     TEXT   NOT NULL,
    owner       TEXT   NOT NULL,
    item_id     TEXT   NOT NULL,
    page_id     TEXT   NOT NULL,
    total       BIGINT NOT NULL,
    subscribers BIGINT NOT NULL,
    at_us       BIGINT NOT NULL,
    PRIMARY KEY (network, owner, item_id)
);

-- +goose Down
DROP TABLE post_reach;
ALTER TABLE pages DROP COLUMN gap;
DROP TABLE beaters;
