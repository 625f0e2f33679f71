-- +goose Up

-- The last sign of life of each computer, so that one that joins is told from
-- one that was given an older base.
CREATE TABLE beaters (
    node  TEXT   NOT NULL PRIMARY KEY,
    seq   BIGINT NOT NULL,
    at_us BIGINT NOT NULL
);

-- +goose Down
DROP TABLE beaters;
