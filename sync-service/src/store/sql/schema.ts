/** Words in which the engines write the same columns. */
export interface ColumnTypes {
  /** Text that is compared by its bytes, as JavaScript compares it. */
  readonly text: string;
  /** A whole number up to 2^53. */
  readonly int: string;
  readonly bytes: string;
  /** After a table whose rows lie in the order of their key. */
  readonly keyed: string;
}

/** The tables of both engines; what is an engine's own (search, triggers, rights) stands in its `migrations.ts`. */
export const tablesOf = ({ text, int, bytes, keyed }: ColumnTypes): string => `
CREATE TABLE meta (key ${text} PRIMARY KEY, value ${text} NOT NULL)${keyed};

CREATE TABLE doc (
  id ${text} NOT NULL PRIMARY KEY,
  kind ${text} NOT NULL,
  collection ${text} NOT NULL,
  site_id ${text} NOT NULL,
  rev ${int} NOT NULL,
  seq ${int} NOT NULL UNIQUE,
  created_by ${text} NOT NULL,
  person_id ${text},
  parent_id ${text},
  from_day ${text},
  to_day ${text},
  owner_id ${text},
  owner_role ${text},
  state ${text},
  companion_of ${text},
  stamps ${text} NOT NULL,
  fields ${text} NOT NULL
);
CREATE INDEX doc_page ON doc (collection, seq);
CREATE INDEX doc_ids ON doc (collection, id);
CREATE INDEX doc_site ON doc (kind, site_id);
CREATE INDEX doc_person ON doc (kind, person_id, site_id, from_day, to_day, state) WHERE person_id IS NOT NULL;
CREATE INDEX doc_parent ON doc (kind, parent_id, site_id, from_day, to_day, state) WHERE parent_id IS NOT NULL;
CREATE INDEX doc_from ON doc (kind, from_day) WHERE from_day IS NOT NULL;
CREATE INDEX doc_to ON doc (kind, to_day) WHERE to_day IS NOT NULL;
CREATE INDEX doc_companion ON doc (companion_of) WHERE companion_of IS NOT NULL;

CREATE TABLE stay_specialist (stay_id ${text} NOT NULL, user_id ${text} NOT NULL, PRIMARY KEY (stay_id, user_id))${keyed};
CREATE TABLE staff_site (staff_id ${text} NOT NULL, site_id ${text} NOT NULL, PRIMARY KEY (staff_id, site_id))${keyed};
CREATE TABLE task_stay (stay_id ${text} NOT NULL, task_id ${text} NOT NULL, PRIMARY KEY (stay_id, task_id))${keyed};
CREATE INDEX task_stay_task ON task_stay (task_id);

CREATE TABLE bed_night (
  bed_id ${text} NOT NULL, night ${int} NOT NULL, holder_id ${text} NOT NULL, PRIMARY KEY (bed_id, night)
)${keyed};
CREATE INDEX bed_night_holder ON bed_night (holder_id);
CREATE INDEX bed_night_night ON bed_night (night);

CREATE TABLE person_code (
  code ${text} NOT NULL, person_id ${text} NOT NULL, PRIMARY KEY (code, person_id)
)${keyed};
CREATE INDEX person_code_person ON person_code (person_id);

CREATE TABLE held (
  user_id ${text} NOT NULL, device_id ${text} NOT NULL, collection ${text} NOT NULL, doc_id ${text} NOT NULL,
  removal_seq ${int}, confirmed ${int} NOT NULL DEFAULT 0, PRIMARY KEY (user_id, device_id, collection, doc_id)
)${keyed};
CREATE INDEX held_removal ON held (user_id, device_id, collection, removal_seq) WHERE removal_seq IS NOT NULL AND confirmed = 0;

CREATE TABLE op_log (
  op_id ${text} NOT NULL PRIMARY KEY, doc_id ${text} NOT NULL, device_id ${text} NOT NULL, actor_id ${text} NOT NULL,
  op_kind ${text} NOT NULL, content ${text} NOT NULL, result ${text} NOT NULL, refused ${int} NOT NULL
)${keyed};
CREATE INDEX op_log_refused ON op_log (doc_id) WHERE refused = 1;

CREATE TABLE audit_entry (
  seq ${int} PRIMARY KEY,
  envelope ${text} NOT NULL,
  leaf_hash ${text} NOT NULL,
  at ${text} NOT NULL,
  happened_at ${text} NOT NULL,
  actor_id ${text} NOT NULL,
  device_id ${text} NOT NULL,
  action ${text} NOT NULL,
  site_id ${text} NOT NULL,
  personal ${int} NOT NULL
);
CREATE INDEX audit_entry_actor ON audit_entry (actor_id);
CREATE INDEX audit_entry_device ON audit_entry (device_id);
CREATE INDEX audit_entry_action ON audit_entry (action);
CREATE INDEX audit_entry_site ON audit_entry (site_id);
CREATE INDEX audit_entry_happened ON audit_entry (happened_at);
CREATE INDEX audit_entry_technical ON audit_entry (seq) WHERE personal = 0;
CREATE TABLE audit_payload (seq ${int} PRIMARY KEY, salt ${text} NOT NULL, body ${text} NOT NULL);
CREATE TABLE audit_subject (subject_ref ${text} NOT NULL, seq ${int} NOT NULL, PRIMARY KEY (subject_ref, seq))${keyed};
-- Payloads whose erasure an entry of the log has ordered: only these may be deleted.
CREATE TABLE audit_erasure (seq ${int} PRIMARY KEY, ordered_by ${int} NOT NULL);
-- Up to where retention has removed entries, and the hashes of the removed ones: 256 in a row, 32 bytes each.
CREATE TABLE audit_retention (upto ${int} PRIMARY KEY, ordered_by ${int} NOT NULL);
CREATE TABLE audit_kept (tile ${int} PRIMARY KEY, hashes ${bytes} NOT NULL CHECK (length(hashes) = 8192));
CREATE TABLE audit_witness (
  name ${text} NOT NULL PRIMARY KEY, kind ${text} NOT NULL, origin ${text} NOT NULL, size ${int} NOT NULL,
  root ${text} NOT NULL, at ${text} NOT NULL
)${keyed};
CREATE TABLE desk_chain (
  device_id ${text} NOT NULL, user_id ${text} NOT NULL, chain_id ${text} NOT NULL, n ${int} NOT NULL, hash ${text} NOT NULL,
  PRIMARY KEY (device_id, user_id, chain_id, n)
)${keyed};
CREATE TABLE desk_chain_head (
  device_id ${text} NOT NULL, user_id ${text} NOT NULL, chain_id ${text} NOT NULL, n ${int} NOT NULL, hash ${text} NOT NULL,
  PRIMARY KEY (device_id, user_id)
)${keyed};

CREATE TABLE "user" (
  id ${text} NOT NULL PRIMARY KEY, "user" ${text} NOT NULL UNIQUE, name ${text} NOT NULL, role ${text} NOT NULL,
  site_ids ${text} NOT NULL, password_hash ${text} NOT NULL, disabled ${int} NOT NULL,
  created_at ${text} NOT NULL, last_sign_in_at ${text}
)${keyed};
CREATE TABLE device (
  id ${text} NOT NULL PRIMARY KEY, name ${text} NOT NULL, created_at ${text} NOT NULL, last_seen_at ${text},
  last_user_id ${text}, app_version ${text} NOT NULL, revoked ${int} NOT NULL, key_thumbprint ${text} NOT NULL
)${keyed};
CREATE TABLE session (
  id ${text} NOT NULL PRIMARY KEY, user_id ${text} NOT NULL, device_id ${text} NOT NULL, refresh_hash ${text} NOT NULL UNIQUE,
  previous_hash ${text}, rotated_at ${text} NOT NULL, created_at ${text} NOT NULL, expires_at ${text} NOT NULL, revoked_at ${text}
)${keyed};
CREATE INDEX session_of_user ON session (user_id);
CREATE INDEX session_device ON session (device_id);
CREATE INDEX session_previous ON session (previous_hash) WHERE previous_hash IS NOT NULL;
CREATE TABLE attempt (key ${text} NOT NULL, at_ms ${int} NOT NULL);
CREATE INDEX attempt_key ON attempt (key, at_ms);
CREATE INDEX attempt_at ON attempt (at_ms);
CREATE TABLE short_lived (key ${text} NOT NULL PRIMARY KEY, value ${text} NOT NULL, until_ms ${int} NOT NULL)${keyed};
CREATE INDEX short_lived_until ON short_lived (until_ms);
CREATE TABLE user_totp (user_id ${text} NOT NULL PRIMARY KEY, state ${text} NOT NULL)${keyed};
CREATE TABLE user_identity (
  issuer ${text} NOT NULL, subject ${text} NOT NULL, user_id ${text} NOT NULL, PRIMARY KEY (issuer, subject)
)${keyed};
CREATE TABLE former_right (
  user_id ${text} NOT NULL, until_at ${text} NOT NULL, role ${text} NOT NULL, site_ids ${text} NOT NULL,
  PRIMARY KEY (user_id, until_at)
)${keyed};
CREATE TABLE quarantine (
  id ${text} NOT NULL PRIMARY KEY, at ${text} NOT NULL, site_id ${text} NOT NULL, author_id ${text} NOT NULL,
  device_id ${text} NOT NULL, source ${text} NOT NULL, state ${text} NOT NULL, body ${text} NOT NULL,
  decided_by ${text}, decided_at ${text}, reason ${text} NOT NULL
)${keyed};
CREATE INDEX quarantine_at ON quarantine (at);
CREATE TABLE quarantine_op (
  op_id ${text} NOT NULL PRIMARY KEY, doc_id ${text} NOT NULL, quarantine_id ${text} NOT NULL
)${keyed};
CREATE INDEX quarantine_op_doc ON quarantine_op (doc_id);
CREATE TABLE desk_event (event_id ${text} NOT NULL PRIMARY KEY)${keyed};

CREATE TABLE text_head (
  id ${text} NOT NULL PRIMARY KEY, kind ${text} NOT NULL, site_id ${text} NOT NULL, day ${text} NOT NULL,
  person_id ${text} NOT NULL, author_id ${text} NOT NULL, log_site_id ${text} NOT NULL, created_by ${text} NOT NULL,
  created_at ${text} NOT NULL, seq ${int} NOT NULL
)${keyed};
CREATE TABLE text_update (
  text_id ${text} NOT NULL, seq ${int} NOT NULL, body ${bytes} NOT NULL, actor_id ${text} NOT NULL,
  device_id ${text} NOT NULL, at ${text} NOT NULL, PRIMARY KEY (text_id, seq)
);
CREATE TABLE text_snapshot (
  text_id ${text} NOT NULL PRIMARY KEY, seq ${int} NOT NULL, body ${bytes} NOT NULL, vector ${bytes} NOT NULL
);
`;

/**
 * All tables of `tablesOf`, in an order in which they can be filled. A backup copies them by this list, so that one of
 * either engine can be restored into the other.
 */
export const TABLES = [
  'meta',
  'doc',
  'stay_specialist',
  'staff_site',
  'task_stay',
  'bed_night',
  'person_code',
  'held',
  'op_log',
  'audit_entry',
  'audit_payload',
  'audit_subject',
  'audit_erasure',
  'audit_retention',
  'audit_kept',
  'audit_witness',
  'desk_chain',
  'desk_chain_head',
  'user',
  'device',
  'session',
  'attempt',
  'short_lived',
  'user_totp',
  'user_identity',
  'former_right',
  'quarantine',
  'quarantine_op',
  'desk_event',
  'text_head',
  'text_update',
  'text_snapshot',
] as const;
