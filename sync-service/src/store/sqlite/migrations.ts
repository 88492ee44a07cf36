/**
 * The schema, as numbered steps that only go forward. A step that was released is never edited; what it got wrong is
 * mended by the next one. `PRAGMA user_version` names the last step that a file has.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE doc (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    collection TEXT NOT NULL,
    site_id TEXT NOT NULL,
    rev INTEGER NOT NULL,
    seq INTEGER NOT NULL UNIQUE,
    created_by TEXT NOT NULL,
    person_id TEXT,
    parent_id TEXT,
    from_day TEXT,
    to_day TEXT,
    owner_id TEXT,
    owner_role TEXT,
    state TEXT,
    companion_of TEXT,
    stamps TEXT NOT NULL,
    fields TEXT NOT NULL
  );
  CREATE INDEX doc_page ON doc (collection, seq);
  CREATE INDEX doc_ids ON doc (collection, id);
  CREATE INDEX doc_site ON doc (kind, site_id);
  CREATE INDEX doc_person ON doc (kind, person_id, site_id, from_day, to_day, state) WHERE person_id IS NOT NULL;
  CREATE INDEX doc_parent ON doc (kind, parent_id, site_id, from_day, to_day, state) WHERE parent_id IS NOT NULL;
  CREATE INDEX doc_from ON doc (kind, from_day) WHERE from_day IS NOT NULL;
  CREATE INDEX doc_to ON doc (kind, to_day) WHERE to_day IS NOT NULL;
  CREATE INDEX doc_companion ON doc (companion_of) WHERE companion_of IS NOT NULL;

  CREATE TABLE stay_specialist (stay_id TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (stay_id, user_id)) WITHOUT ROWID;
  CREATE TABLE task_stay (stay_id TEXT NOT NULL, task_id TEXT NOT NULL, PRIMARY KEY (stay_id, task_id)) WITHOUT ROWID;
  CREATE INDEX task_stay_task ON task_stay (task_id);

  CREATE TABLE bed_night (
    bed_id TEXT NOT NULL, night INTEGER NOT NULL, holder_id TEXT NOT NULL, PRIMARY KEY (bed_id, night)
  ) WITHOUT ROWID;
  CREATE INDEX bed_night_holder ON bed_night (holder_id);
  CREATE INDEX bed_night_night ON bed_night (night);

  CREATE TABLE person_code (
    code TEXT NOT NULL, person_id TEXT NOT NULL, PRIMARY KEY (code, person_id)
  ) WITHOUT ROWID;
  CREATE INDEX person_code_person ON person_code (person_id);
  CREATE VIRTUAL TABLE person_search USING fts5 (
    family, given, former, stems, codes, phones, sort_key UNINDEXED, prefix = '2 3 4', tokenize = 'unicode61'
  );

  CREATE TABLE held (
    user_id TEXT NOT NULL, device_id TEXT NOT NULL, collection TEXT NOT NULL, doc_id TEXT NOT NULL,
    removal_seq INTEGER, confirmed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (user_id, device_id, collection, doc_id)
  ) WITHOUT ROWID;
  CREATE INDEX held_removal ON held (user_id, device_id, collection, removal_seq) WHERE removal_seq IS NOT NULL AND confirmed = 0;

  CREATE TABLE op_log (
    op_id TEXT NOT NULL PRIMARY KEY, doc_id TEXT NOT NULL, device_id TEXT NOT NULL, actor_id TEXT NOT NULL,
    op_kind TEXT NOT NULL, result TEXT NOT NULL, refused INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX op_log_refused ON op_log (doc_id) WHERE refused = 1;

  CREATE TABLE audit_entry (
    seq INTEGER PRIMARY KEY,
    envelope TEXT NOT NULL,
    leaf_hash TEXT NOT NULL,
    at TEXT NOT NULL,
    happened_at TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    action TEXT NOT NULL,
    site_id TEXT NOT NULL,
    personal INTEGER NOT NULL
  );
  CREATE INDEX audit_entry_actor ON audit_entry (actor_id);
  CREATE INDEX audit_entry_device ON audit_entry (device_id);
  CREATE INDEX audit_entry_action ON audit_entry (action);
  CREATE INDEX audit_entry_site ON audit_entry (site_id);
  CREATE INDEX audit_entry_happened ON audit_entry (happened_at);
  CREATE INDEX audit_entry_technical ON audit_entry (seq) WHERE personal = 0;
  CREATE TABLE audit_payload (seq INTEGER PRIMARY KEY, salt TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE audit_subject (subject_ref TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (subject_ref, seq)) WITHOUT ROWID;
  -- Payloads whose erasure an entry of the log has ordered: only these may be deleted.
  CREATE TABLE audit_erasure (seq INTEGER PRIMARY KEY, ordered_by INTEGER NOT NULL);
  -- Up to where retention has removed entries, and the hashes of the removed ones: 256 in a row, 32 bytes each.
  CREATE TABLE audit_retention (upto INTEGER PRIMARY KEY, ordered_by INTEGER NOT NULL);
  CREATE TABLE audit_kept (tile INTEGER PRIMARY KEY, hashes BLOB NOT NULL CHECK (length(hashes) = 8192));

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

  CREATE TABLE audit_witness (
    name TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL,
    root TEXT NOT NULL, at TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE desk_chain (
    device_id TEXT NOT NULL, user_id TEXT NOT NULL, chain_id TEXT NOT NULL, n INTEGER NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (device_id, user_id, chain_id, n)
  ) WITHOUT ROWID;
  CREATE TABLE desk_chain_head (
    device_id TEXT NOT NULL, user_id TEXT NOT NULL, chain_id TEXT NOT NULL, n INTEGER NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (device_id, user_id)
  ) WITHOUT ROWID;

  CREATE TABLE user (
    id TEXT NOT NULL PRIMARY KEY, user TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL,
    site_ids TEXT NOT NULL, password_hash TEXT NOT NULL, disabled INTEGER NOT NULL,
    created_at TEXT NOT NULL, last_sign_in_at TEXT
  ) WITHOUT ROWID;
  CREATE TABLE device (
    id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL, last_seen_at TEXT,
    last_user_id TEXT, app_version TEXT NOT NULL, revoked INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, device_id TEXT NOT NULL, refresh_hash TEXT NOT NULL UNIQUE,
    previous_hash TEXT, rotated_at TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT
  ) WITHOUT ROWID;
  CREATE INDEX session_user ON session (user_id);
  CREATE INDEX session_device ON session (device_id);
  CREATE INDEX session_previous ON session (previous_hash) WHERE previous_hash IS NOT NULL;
  CREATE TABLE attempt (key TEXT NOT NULL, at_ms INTEGER NOT NULL);
  CREATE INDEX attempt_key ON attempt (key, at_ms);
  CREATE INDEX attempt_at ON attempt (at_ms);
  CREATE TABLE desk_event (event_id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
  `,
];

/** The schema version that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
