import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Documents of all kinds, the change sequence, and the function that writes both, for PostgreSQL. Times are epoch ms.
 *
 * Keys sort by bytes (COLLATE "C") whatever the database's own order is: what lies below a key is found as a range.
 */
export class PostgresDocuments1700000100000 implements MigrationInterface {
  readonly name = 'PostgresDocuments1700000100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE feed_counter (one BOOLEAN PRIMARY KEY CHECK (one), n BIGINT NOT NULL)');
    await runner.query('INSERT INTO feed_counter VALUES (true, 0)');
    // `version` is the place of the document's newest change. No column that a change of status touches is in an index, and
    // pages keep room for new versions of their rows.
    await runner.query(`CREATE TABLE document (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      module TEXT COLLATE "C" NOT NULL,
      owner TEXT COLLATE "C" NOT NULL,
      key TEXT COLLATE "C" NOT NULL,
      id_key TEXT COLLATE "C" NOT NULL,
      version BIGINT NOT NULL,
      last_updated BIGINT NOT NULL,
      changed_at BIGINT NOT NULL,
      oddities TEXT,
      document TEXT NOT NULL,
      PRIMARY KEY (module, id)
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)`);
    // Compressing a document of some kB at each change of status would be the dearest part of it.
    await runner.query('ALTER TABLE document ALTER document SET STORAGE EXTERNAL');
    await runner.query('CREATE UNIQUE INDEX document_key ON document (module, key)');
    await runner.query('CREATE INDEX document_id_key ON document (module, id_key)');
    await runner.query('CREATE INDEX document_owner ON document (module, owner, id)');
    await runner.query(`CREATE TABLE document_count (
      module TEXT COLLATE "C" NOT NULL,
      owner TEXT COLLATE "C" NOT NULL,
      n BIGINT NOT NULL,
      PRIMARY KEY (module, owner)
    )`);
    await runner.query(`CREATE TABLE object_change (
      object TEXT COLLATE "C" PRIMARY KEY,
      seq BIGINT NOT NULL,
      lane_key TEXT COLLATE "C" NOT NULL,
      owner TEXT COLLATE "C" NOT NULL,
      kind TEXT NOT NULL,
      patch TEXT,
      patch_base BIGINT,
      correlation_id TEXT NOT NULL,
      recorded_at BIGINT NOT NULL
    ) WITH (autovacuum_vacuum_scale_factor = 0.05)`);
    await runner.query('CREATE UNIQUE INDEX object_change_seq ON object_change (seq)');
    await runner.query(writeFunction);
    await runner.query(
      'CREATE TABLE hub_duty (name TEXT PRIMARY KEY, holder TEXT NOT NULL, ends_at TIMESTAMPTZ NOT NULL)',
    );
    await runner.query('CREATE TABLE hub_probe (one BOOLEAN PRIMARY KEY CHECK (one), n BIGINT NOT NULL)');
    await runner.query('INSERT INTO hub_probe VALUES (true, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION roamhub_write');
    for (const table of ['hub_probe', 'hub_duty', 'object_change', 'document_count', 'document', 'feed_counter'])
      await runner.query(`DROP TABLE ${table}`);
  }
}

/**
 * Writes a batch as one transaction, or nothing at all if a document is not as it was read: `stale` then numbers those (from 1).
 *
 * The lock of feed_counter's row comes first and is kept until the commit is visible, so batches of all nodes pass one after
 * the other, and places are given out in the order of commits. `fate` of a document: I(nsert), U(pdate), D(elete),
 * R(eplace by a new row), N(one: it came and went). Places in a batch count from 1; `rel` is a base in this batch.
 */
const writeFunction = `
CREATE FUNCTION roamhub_write(
  places INTEGER,
  d_module TEXT[], d_key TEXT[], d_id_key TEXT[], d_owner TEXT[], d_read BIGINT[], d_fate TEXT[], d_place INTEGER[],
  d_last_updated BIGINT[], d_changed_at BIGINT[], d_judged BOOLEAN[], d_oddities TEXT[], d_document TEXT[],
  n_module TEXT[], n_owner TEXT[], n_delta INTEGER[],
  below TEXT[],
  c_place INTEGER[], c_object TEXT[], c_lane_key TEXT[], c_owner TEXT[], c_kind TEXT[], c_patch TEXT[],
  c_base BIGINT[], c_rel INTEGER[], c_correlation_id TEXT[], c_recorded_at BIGINT[],
  OUT top BIGINT, OUT stale INTEGER[]
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  start BIGINT;
BEGIN
  SELECT n INTO STRICT start FROM feed_counter FOR UPDATE;
  top := start;

  SELECT array_agg(w.at) INTO stale
    FROM unnest(d_module, d_key, d_read) WITH ORDINALITY AS w (module, key, version, at)
    LEFT JOIN document d ON d.module = w.module AND d.key = w.key
    WHERE coalesce(d.version, 0) <> w.version;
  IF stale IS NOT NULL THEN
    RETURN;
  END IF;

  IF 'D' = ANY (d_fate) OR 'R' = ANY (d_fate) THEN
    DELETE FROM document d USING unnest(d_module, d_key, d_fate) AS w (module, key, fate)
      WHERE w.fate IN ('D', 'R') AND d.module = w.module AND d.key = w.key;
  END IF;
  IF 'U' = ANY (d_fate) THEN
    UPDATE document d SET version = start + w.place, last_updated = w.last_updated, document = w.document,
        changed_at = greatest(d.changed_at, w.changed_at),
        oddities = CASE WHEN w.judged THEN w.oddities ELSE d.oddities END
      FROM unnest(d_module, d_key, d_fate, d_place, d_last_updated, d_changed_at, d_judged, d_oddities, d_document)
        AS w (module, key, fate, place, last_updated, changed_at, judged, oddities, document)
      WHERE w.fate = 'U' AND d.module = w.module AND d.key = w.key;
  END IF;
  IF 'I' = ANY (d_fate) OR 'R' = ANY (d_fate) THEN
    INSERT INTO document (module, owner, key, id_key, version, last_updated, changed_at, oddities, document)
      SELECT w.module, w.owner, w.key, w.id_key, start + w.place, w.last_updated, w.changed_at, w.oddities, w.document
      FROM unnest(d_module, d_key, d_id_key, d_owner, d_fate, d_place, d_last_updated, d_changed_at, d_oddities, d_document)
        AS w (module, key, id_key, owner, fate, place, last_updated, changed_at, oddities, document)
      WHERE w.fate IN ('I', 'R') ORDER BY w.place;
  END IF;
  IF cardinality(n_module) > 0 THEN
    INSERT INTO document_count AS c (module, owner, n)
      SELECT w.module, w.owner, w.delta FROM unnest(n_module, n_owner, n_delta) AS w (module, owner, delta)
      ON CONFLICT (module, owner) DO UPDATE SET n = c.n + excluded.n;
  END IF;

  IF cardinality(below) > 0 THEN
    DELETE FROM object_change c USING unnest(below) AS w (lane_key)
      WHERE c.object > (w.lane_key || '/') COLLATE "C" AND c.object < (w.lane_key || '0') COLLATE "C";
  END IF;
  INSERT INTO object_change (object, seq, lane_key, owner, kind, patch, patch_base, correlation_id, recorded_at)
    SELECT w.object, start + w.place, w.lane_key, w.owner, w.kind, w.patch, coalesce(start + w.rel, w.base),
      w.correlation_id, w.recorded_at
    FROM unnest(c_place, c_object, c_lane_key, c_owner, c_kind, c_patch, c_base, c_rel, c_correlation_id, c_recorded_at)
      AS w (place, object, lane_key, owner, kind, patch, base, rel, correlation_id, recorded_at)
    ON CONFLICT (object) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, patch = excluded.patch,
      patch_base = excluded.patch_base, correlation_id = excluded.correlation_id, recorded_at = excluded.recorded_at;

  top := start + places;
  UPDATE feed_counter SET n = top;
  PERFORM pg_notify('roamhub_change', top::TEXT);
END
$$`;
