-- +goose Up

-- The fact that was chosen with a topic, and the ground of a rejection.
ALTER TABLE decisions ADD COLUMN fact_id TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN ground TEXT NOT NULL DEFAULT '';
-- Who has left the decision out of learning, '' for nobody.
ALTER TABLE decisions ADD COLUMN skipped TEXT NOT NULL DEFAULT '';
-- Where an item happens, as it was found when it was judged, as JSON; '' where
-- nothing was found.
ALTER TABLE verdicts ADD COLUMN place TEXT NOT NULL DEFAULT '';
CREATE INDEX decisions_case ON decisions (case_id);

UPDATE decisions SET fact_id = COALESCE((SELECT c.fact_id FROM cases c WHERE c.id = decisions.case_id), '') WHERE kind = 'classified';

-- +goose Down
DROP INDEX decisions_case;
ALTER TABLE verdicts DROP COLUMN place;
ALTER TABLE decisions DROP COLUMN skipped;
ALTER TABLE decisions DROP COLUMN ground;
ALTER TABLE decisions DROP COLUMN fact_id;
