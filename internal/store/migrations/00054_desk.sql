-- +goose Up

-- What the queue counts and is ordered by stands in its indexes, so the words of
-- thousands of cases are not read to show fifty of them.
DROP INDEX cases_due;
CREATE INDEX cases_due ON cases (due_us, number, stage, importance, item_id, executor_id, department_id, topic_id, network, organisation_id, source_id, id)
    WHERE stage <> 'done';
CREATE INDEX cases_ended ON cases (stage, closed_us DESC, number DESC, due_us, department_id, topic_id, network, organisation_id, source_id, id);

-- +goose Down

DROP INDEX cases_ended;
DROP INDEX cases_due;
CREATE INDEX cases_due ON cases (due_us, number) WHERE stage <> 'done';
