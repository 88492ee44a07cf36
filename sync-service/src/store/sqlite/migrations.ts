import { tablesOf } from '../sql/schema.ts';

const SEARCH = `
CREATE VIRTUAL TABLE person_search USING fts5 (
  family, given, former, stems, codes, phones, sort_key UNINDEXED, prefix = '2 3 4', tokenize = 'unicode61'
);
`;

/** The log is append only; a payload may go when an entry of the log has ordered it. */
export const AUDIT_TRIGGERS = `
CREATE TRIGGER audit_entry_insert BEFORE INSERT ON audit_entry
  WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit_entry)
  BEGIN SELECT raise(ABORT, 'audit log: numbers have no gaps'); END;
CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry
  BEGIN SELECT raise(ABORT, 'audit log: append only'); END;
CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry
  WHEN NOT EXISTS (SELECT 1 FROM audit_retention WHERE upto >= OLD.seq)
    OR NOT EXISTS (SELECT 1 FROM audit_kept WHERE tile = (OLD.seq - 1) / 256)
  BEGIN SELECT raise(ABORT, 'audit log: append only'); END;
CREATE TRIGGER audit_subject_update BEFORE UPDATE ON audit_subject
  BEGIN SELECT raise(ABORT, 'audit log: append only'); END;
CREATE TRIGGER audit_subject_delete BEFORE DELETE ON audit_subject
  WHEN NOT EXISTS (SELECT 1 FROM audit_retention WHERE upto >= OLD.seq)
  BEGIN SELECT raise(ABORT, 'audit log: append only'); END;
CREATE TRIGGER audit_payload_insert BEFORE INSERT ON audit_payload
  WHEN EXISTS (SELECT 1 FROM audit_payload WHERE seq = NEW.seq)
    OR NEW.seq IS NOT (SELECT max(seq) FROM audit_entry)
  BEGIN SELECT raise(ABORT, 'audit log: a payload is written with its entry'); END;
CREATE TRIGGER audit_payload_update BEFORE UPDATE ON audit_payload
  BEGIN SELECT raise(ABORT, 'audit log: append only'); END;
CREATE TRIGGER audit_payload_delete BEFORE DELETE ON audit_payload
  WHEN NOT EXISTS (SELECT 1 FROM audit_erasure WHERE seq = OLD.seq)
    AND NOT EXISTS (SELECT 1 FROM audit_retention WHERE upto >= OLD.seq)
  BEGIN SELECT raise(ABORT, 'audit log: no erasure was ordered'); END;
CREATE TRIGGER audit_retention_insert BEFORE INSERT ON audit_retention
  WHEN NEW.upto <= 0 OR NEW.upto % 256 <> 0 OR NEW.upto >= NEW.ordered_by
    OR NEW.ordered_by IS NOT (SELECT max(seq) FROM audit_entry)
  BEGIN SELECT raise(ABORT, 'audit log: no removal was ordered'); END;
CREATE TRIGGER audit_retention_update BEFORE UPDATE ON audit_retention
  BEGIN SELECT raise(ABORT, 'audit log: append only'); END;
CREATE TRIGGER audit_retention_delete BEFORE DELETE ON audit_retention
  BEGIN SELECT raise(ABORT, 'audit log: append only'); END;
CREATE TRIGGER audit_kept_update BEFORE UPDATE ON audit_kept
  BEGIN SELECT raise(ABORT, 'audit log: append only'); END;
CREATE TRIGGER audit_kept_delete BEFORE DELETE ON audit_kept
  BEGIN SELECT raise(ABORT, 'audit log: append only'); END;
`;

/**
 * The schema, as numbered steps that only go forward. A step that was released is never edited; what it got wrong is
 * mended by the next one. `PRAGMA user_version` names the last step that a file has.
 */
export const MIGRATIONS: readonly string[] = [
  tablesOf({ text: 'TEXT', int: 'INTEGER', bytes: 'BLOB', keyed: ' WITHOUT ROWID' }) +
    SEARCH +
    AUDIT_TRIGGERS,
];

/** The schema version that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
