-- +goose Up

-- Photos that people have uploaded for posts. Their bytes stand in pictures.
CREATE TABLE uploads (
    hash     TEXT   NOT NULL PRIMARY KEY,
    thumb    TEXT   NOT NULL,
    original TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    width    BIGINT NOT NULL,
    height   BIGINT NOT NULL,
    size     BIGINT NOT NULL,
    by_id    TEXT   NOT NULL,
    at_us    BIGINT NOT NULL
);

-- What a person has written in the editor and not saved into the post: the
-- fields of the form as JSON. A draft of a new post stands under no post.
CREATE TABLE post_drafts (
    post_id   TEXT   NOT NULL,
    person_id TEXT   NOT NULL,
    version   BIGINT NOT NULL,
    fields    TEXT   NOT NULL,
    saved_us  BIGINT NOT NULL,
    PRIMARY KEY (post_id, person_id)
);

-- +goose Down
DROP TABLE post_drafts;
DROP TABLE uploads;
