import { TABLES, tablesOf } from '../sql/schema.ts';

const SEARCH = `
CREATE TABLE person_search (
  person_id text COLLATE "C" PRIMARY KEY, family text NOT NULL, given text NOT NULL, former text NOT NULL,
  stems text NOT NULL, sort_key text NOT NULL, words tsvector NOT NULL
);
CREATE INDEX person_search_words ON person_search USING gin (words);
`;

/** What instances share for a moment (sharedMemory.ts): not written ahead, empty after a crash of the server. */
const SHARED = `
CREATE UNLOGGED TABLE shared_memory (
  key text COLLATE "C" PRIMARY KEY, uses bigint NOT NULL, until_ms bigint NOT NULL
) WITH (fillfactor = 50);
`;

const refuse = (words: string): string => `RAISE EXCEPTION 'audit log: ${words}' USING ERRCODE = '42501'`;

/** A row trigger that refuses when the condition holds. */
const guard = (table: string, event: 'insert' | 'update' | 'delete', when: string, words: string): string => `
CREATE FUNCTION ${table}_${event}() RETURNS trigger LANGUAGE plpgsql SET search_path = sivis, pg_temp AS $$
BEGIN
  IF ${when} THEN ${refuse(words)}; END IF;
  RETURN ${event === 'delete' ? 'OLD' : 'NEW'};
END $$;
CREATE TRIGGER ${table}_${event} BEFORE ${event.toUpperCase()} ON ${table}
  FOR EACH ROW EXECUTE FUNCTION ${table}_${event}();
`;

/** Tables of the log. The service's role may read them and add to them, nothing else. */
export const AUDIT_TABLES = [
  'audit_entry',
  'audit_payload',
  'audit_subject',
  'audit_erasure',
  'audit_retention',
  'audit_kept',
] as const;

/** The same promises as the triggers of SQLite: no gaps, nothing rewritten, nothing gone that no entry has ordered. */
const AUDIT_TRIGGERS = [
  guard(
    'audit_entry',
    'insert',
    'NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM audit_entry)',
    'numbers have no gaps',
  ),
  guard(
    'audit_payload',
    'insert',
    'NEW.seq IS DISTINCT FROM (SELECT max(seq) FROM audit_entry)',
    'a payload is written with its entry',
  ),
  guard(
    'audit_retention',
    'insert',
    `NEW.upto <= 0 OR NEW.upto % 256 <> 0 OR NEW.upto >= NEW.ordered_by
      OR NEW.ordered_by IS DISTINCT FROM (SELECT max(seq) FROM audit_entry)`,
    'no removal was ordered',
  ),
  ...AUDIT_TABLES.map((table) => guard(table, 'update', 'true', 'append only')),
  guard(
    'audit_entry',
    'delete',
    `NOT EXISTS (SELECT 1 FROM audit_retention WHERE upto >= OLD.seq)
      OR NOT EXISTS (SELECT 1 FROM audit_kept WHERE tile = (OLD.seq - 1) / 256)`,
    'append only',
  ),
  guard(
    'audit_subject',
    'delete',
    'NOT EXISTS (SELECT 1 FROM audit_retention WHERE upto >= OLD.seq)',
    'append only',
  ),
  guard(
    'audit_payload',
    'delete',
    `NOT EXISTS (SELECT 1 FROM audit_erasure WHERE seq = OLD.seq)
      AND NOT EXISTS (SELECT 1 FROM audit_retention WHERE upto >= OLD.seq)`,
    'no erasure was ordered',
  ),
  ...(['audit_erasure', 'audit_retention', 'audit_kept'] as const).map((table) =>
    guard(table, 'delete', 'true', 'append only'),
  ),
  `
CREATE FUNCTION audit_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${refuse('append only')}; END $$;
`,
  ...AUDIT_TABLES.map(
    (table) =>
      `CREATE TRIGGER ${table}_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION audit_truncate();\n`,
  ),
].join('');

/** What an entry of the log has ordered is removed by its owner's functions; the triggers ask for the order. */
const AUDIT_REMOVALS = `
CREATE FUNCTION audit_payloads(numbers text) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = sivis, pg_temp AS $$
DECLARE gone bigint;
BEGIN
  DELETE FROM audit_payload WHERE seq IN (SELECT json_array_elements_text(numbers::json)::bigint);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
CREATE FUNCTION audit_entries(last bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = sivis, pg_temp AS $$
DECLARE gone bigint;
BEGIN
  DELETE FROM audit_payload WHERE seq <= last;
  DELETE FROM audit_subject WHERE seq <= last;
  DELETE FROM audit_entry WHERE seq <= last;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
`;

/**
 * The schema, as numbered steps that only go forward. A step that was released is never edited; what it got wrong is
 * mended by the next one. `schema_step` names the last step that a database has.
 */
export const PG_MIGRATIONS: readonly string[] = [
  tablesOf({ text: 'text COLLATE "C"', int: 'bigint', bytes: 'bytea', keyed: '' }) +
    SEARCH +
    SHARED +
    AUDIT_TRIGGERS +
    AUDIT_REMOVALS,
];

/** The schema version that this program writes. */
export const PG_SCHEMA_VERSION = PG_MIGRATIONS.length;

/**
 * What the service's role may do: everything with its own tables, only read and add with the log's. Said anew after
 * each migration. `role` is a quoted identifier.
 */
export const rightsOf = (role: string): string => `
REVOKE ALL ON ALL TABLES IN SCHEMA sivis FROM PUBLIC, ${role};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sivis FROM PUBLIC, ${role};
GRANT USAGE ON SCHEMA sivis TO ${role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ${[...TABLES, 'person_search', 'shared_memory']
  .filter((table) => !(AUDIT_TABLES as readonly string[]).includes(table))
  .map((table) => `"${table}"`)
  .join(', ')} TO ${role};
GRANT SELECT, INSERT ON ${AUDIT_TABLES.join(', ')} TO ${role};
GRANT SELECT ON schema_step TO ${role};
GRANT EXECUTE ON FUNCTION audit_payloads(text), audit_entries(bigint) TO ${role};
`;
