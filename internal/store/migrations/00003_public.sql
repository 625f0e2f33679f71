-- +goose Up

-- 1 for a source that reads what is not the agency's own: it has no key with
-- which one could answer there.
ALTER TABLE sources ADD COLUMN public BIGINT NOT NULL DEFAULT 0;

-- When a stream that reads by plan will say more; it is not behind until then.
ALTER TABLE streams ADD COLUMN due_us BIGINT NOT NULL DEFAULT 0;

CREATE INDEX items_source_published ON items (source_id, published_us);

-- The quotas of calls a day, by the fingerprint of a key and the method. Whoever
-- counts a call holds the row, so that processes that share a key count in turn.
CREATE TABLE quotas (
    key_print  TEXT   NOT NULL,
    method     TEXT   NOT NULL,
    day_calls  BIGINT NOT NULL,
    -- When the network said last that the quota is used up.
    refused_us BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (key_print, method)
);

-- The calls made, by who made them and the quarter of an hour: networks count
-- any 24 hours, not a calendar day.
CREATE TABLE quota_use (
    key_print TEXT   NOT NULL,
    method    TEXT   NOT NULL,
    stream    TEXT   NOT NULL,
    slot_us   BIGINT NOT NULL,
    calls     BIGINT NOT NULL,
    PRIMARY KEY (key_print, method, slot_us, stream)
);
CREATE INDEX quota_use_slot ON quota_use (slot_us);

-- +goose Down
DROP TABLE quota_use;
DROP TABLE quotas;
DROP INDEX items_source_published;
ALTER TABLE streams DROP COLUMN due_us;
ALTER TABLE sources DROP COLUMN public;
