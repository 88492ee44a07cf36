import { collectionOf, type Collection, type Kind } from '@sivis/shared/docs/kinds.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import { docColumns, type ReadTx, type WriteTx } from '../store.ts';
import { accountWrites } from './accounts.ts';
import { textWrites } from './texts.ts';
import type { Dialect, Sql } from './dialect.ts';
import { SQL_LIMITS } from './limits.ts';
import { codesOf, indexPerson } from './personSearch.ts';
import { toNight } from './rows.ts';

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];

const SAME_SEARCH: readonly string[] = [
  'familyName',
  'givenName',
  'formerNames',
  'personalCode',
  'previousPersonalCodes',
];

function searchTextOf(fields: Fields): string {
  return JSON.stringify(SAME_SEARCH.map((field) => fields[field] ?? null));
}

function refusedCreate(opKind: string, result: string): boolean {
  return opKind === 'create' && (JSON.parse(result) as { outcome?: string }).outcome === 'rejected';
}

/**
 * Writing in either engine, inside a transaction that the caller opened and that no other writer runs beside.
 * `touched` collects the collections that change. The caller awaits `finish` before it commits.
 */
export function createWriteTx(
  c: Sql,
  dialect: Dialect,
  read: ReadTx,
  touched: Set<Collection>,
): { readonly tx: WriteTx; finish(): Promise<void> } {
  const { list } = dialect;
  /** People whose names, codes or numbers changed: indexed once, when all of them are written. */
  const found = new Set<string>();
  // Nobody else writes meanwhile: the last numbers are asked for once.
  let last: Promise<{ doc: number; audit: number }> | undefined;
  const next = async (which: 'doc' | 'audit'): Promise<number> => {
    last ??= Promise.resolve(
      c.get('SELECT (SELECT max(seq) FROM doc) AS doc, (SELECT max(seq) FROM audit_entry) AS audit'),
    ).then((row) => ({ doc: Number(row?.['doc'] ?? 0), audit: Number(row?.['audit'] ?? 0) }));
    const numbers = await last;
    return (numbers[which] += 1);
  };

  const putLinks = async (
    kind: Kind,
    id: string,
    fields: Fields,
    before: Fields | undefined,
  ): Promise<void> => {
    if (kind === 'stay') {
      await c.put('DELETE FROM stay_specialist WHERE stay_id = ?', [id]);
      for (const userId of new Set(docColumns(kind, fields).specialistIds)) {
        await c.put('INSERT INTO stay_specialist (stay_id, user_id) VALUES (?, ?)', [id, userId]);
      }
    } else if (kind === 'staff') {
      await c.put('DELETE FROM staff_site WHERE staff_id = ?', [id]);
      for (const siteId of new Set(docColumns(kind, fields).staffSiteIds)) {
        await c.put('INSERT INTO staff_site (staff_id, site_id) VALUES (?, ?)', [id, siteId]);
      }
    } else if (kind === 'task') {
      await c.put('DELETE FROM task_stay WHERE task_id = ?', [id]);
      for (const stayId of new Set(strings(fields['stayIds']))) {
        await c.put('INSERT INTO task_stay (stay_id, task_id) VALUES (?, ?)', [stayId, id]);
      }
    } else if (kind === 'person') {
      if (before !== undefined && searchTextOf(before) === searchTextOf(fields)) return;
      await c.put('DELETE FROM person_code WHERE person_id = ?', [id]);
      for (const code of codesOf(fields))
        await c.put('INSERT INTO person_code (code, person_id) VALUES (?, ?)', [code, id]);
      found.add(id);
    } else if (kind === 'contact') {
      for (const personId of new Set([before?.['personId'], fields['personId']])) {
        if (typeof personId === 'string') found.add(personId);
      }
    }
  };

  const tx: WriteTx = {
    ...read,
    ...accountWrites(c),
    ...textWrites(c),
    async setMeta(key, value) {
      await c.put(
        'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
        [key, value],
      );
    },
    async putDoc(doc) {
      const seq = await next('doc');
      const columns = docColumns(doc.kind, doc.fields);
      const state = doc.fields['state'];
      const previous = await c.get('SELECT fields FROM doc WHERE id = ?', [doc.id]);
      const before =
        previous === undefined ? undefined : (JSON.parse(previous['fields'] as string) as Fields);
      const collection = collectionOf(doc.kind);
      await c.put(
        `INSERT INTO doc (id, kind, collection, site_id, rev, seq, created_by, person_id, parent_id, from_day, to_day,
           owner_id, owner_role, state, companion_of, stamps, fields)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, collection = excluded.collection,
           site_id = excluded.site_id, rev = excluded.rev, seq = excluded.seq, created_by = excluded.created_by,
           person_id = excluded.person_id, parent_id = excluded.parent_id, from_day = excluded.from_day,
           to_day = excluded.to_day, owner_id = excluded.owner_id, owner_role = excluded.owner_role,
           state = excluded.state, companion_of = excluded.companion_of, stamps = excluded.stamps,
           fields = excluded.fields`,
        [
          doc.id,
          doc.kind,
          collection,
          doc.siteId,
          doc.rev,
          seq,
          doc.createdBy,
          columns.personId,
          columns.parentId,
          columns.fromDay,
          columns.toDay,
          columns.ownerId,
          columns.ownerRole,
          typeof state === 'string' ? state : null,
          columns.companionOf,
          JSON.stringify(doc.stamps),
          JSON.stringify(doc.fields),
        ],
      );
      await putLinks(doc.kind, doc.id, doc.fields, before);
      touched.add(collection);
      return seq;
    },
    async touchDocs(ids) {
      for (const id of new Set(ids)) {
        const row = await c.get('SELECT collection FROM doc WHERE id = ?', [id]);
        if (row === undefined) continue;
        await c.put('UPDATE doc SET seq = ? WHERE id = ?', [await next('doc'), id]);
        touched.add(row['collection'] as Collection);
      }
    },
    async holdNights(holderId, nights) {
      await c.put('DELETE FROM bed_night WHERE holder_id = ?', [holderId]);
      const wanted = JSON.stringify(nights.map(({ bedId, night }) => [bedId, night]));
      const taken = await c.all(
        `SELECT n.bed_id, n.night, n.holder_id FROM ${dialect.nights} ${dialect.thenJoin} bed_night n
             ON n.bed_id = w.bed_id AND n.night = w.night`,
        [wanted],
      );
      if (taken.length > 0) return taken.map(toNight);
      await c.put(
        `INSERT INTO bed_night (bed_id, night, holder_id) SELECT DISTINCT w.bed_id, w.night, ? FROM ${dialect.nights}`,
        [holderId, wanted],
      );
      return [];
    },
    async releaseNights(holderId) {
      await c.put('DELETE FROM bed_night WHERE holder_id = ?', [holderId]);
    },
    async markHeld(desk, ids) {
      await c.put(
        `INSERT INTO held (user_id, device_id, collection, doc_id, removal_seq)
         SELECT ?, ?, d.collection, d.id, NULL FROM doc d WHERE d.id IN ${list}
         ON CONFLICT (user_id, device_id, collection, doc_id) DO UPDATE SET removal_seq = NULL, confirmed = 0`,
        [desk.userId, desk.deviceId, JSON.stringify(ids)],
      );
    },
    async markRemovalSent(desk, removals) {
      for (const { id, seq } of removals) {
        await c.put(
          // A note that comes late, of a document that has changed since, says nothing of what the desk holds now.
          `UPDATE held SET removal_seq = ?, confirmed = 0 WHERE user_id = ? AND device_id = ? AND doc_id = ?
              AND collection = (SELECT collection FROM doc WHERE id = held.doc_id AND seq = ?)`,
          [seq, desk.userId, desk.deviceId, id, seq],
        );
      }
    },
    async confirmRemovals(desk, collection, seq) {
      await c.put(
        `UPDATE held SET confirmed = 1
          WHERE user_id = ? AND device_id = ? AND collection = ? AND removal_seq <= ? AND confirmed = 0`,
        [desk.userId, desk.deviceId, collection, seq],
      );
    },
    async putOp(op) {
      await c.put(
        'INSERT INTO op_log (op_id, doc_id, device_id, actor_id, op_kind, content, result, refused) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        [
          op.opId,
          op.docId,
          op.deviceId,
          op.actorId,
          op.opKind,
          op.content,
          op.result,
          refusedCreate(op.opKind, op.result) ? 1 : 0,
        ],
      );
    },
    async appendAudit(envelope, leafHash, payload, salt, index) {
      const seq = await next('audit');
      await c.put(
        `INSERT INTO audit_entry (seq, envelope, leaf_hash, at, happened_at, actor_id, device_id, action, site_id, personal)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          seq,
          envelope,
          leafHash,
          index.at,
          index.happenedAt,
          index.actorId,
          index.deviceId,
          index.action,
          index.siteId,
          index.personal ? 1 : 0,
        ],
      );
      if (payload !== null && salt !== null) {
        await c.put('INSERT INTO audit_payload (seq, salt, body) VALUES (?, ?, ?)', [seq, salt, payload]);
      }
      for (const ref of new Set(index.subjectRefs)) {
        await c.put('INSERT INTO audit_subject (subject_ref, seq) VALUES (?, ?)', [ref, seq]);
      }
      return seq;
    },
    async eraseAuditPayloads(seqs, orderedBy) {
      const erased = JSON.stringify(seqs);
      await c.put(
        `INSERT INTO audit_erasure (seq, ordered_by)
         SELECT p.seq, ? FROM audit_payload p WHERE p.seq IN ${dialect.numbers} ON CONFLICT DO NOTHING`,
        [orderedBy, erased],
      );
      return dialect.removeAudit(c, 'payloads', erased);
    },
    async removeAuditEntries(upTo, orderedBy) {
      const before = await read.auditRemovedTo();
      if (upTo <= before) return 0;
      for (let first = before; first < upTo; first += 256) {
        const rows = await c.all(
          'SELECT leaf_hash FROM audit_entry WHERE seq > ? AND seq <= ? ORDER BY seq',
          [first, first + 256],
        );
        const hashes = rows.map((row) => row['leaf_hash'] as string).join('');
        await c.put('INSERT INTO audit_kept (tile, hashes) VALUES (?, ?)', [
          first / 256,
          Buffer.from(hashes, 'hex'),
        ]);
      }
      await c.put('INSERT INTO audit_retention (upto, ordered_by) VALUES (?, ?)', [upTo, orderedBy]);
      return dialect.removeAudit(c, 'entries', upTo);
    },
    async putDeskChain(deviceId, userId, event, leads) {
      const row = [deviceId, userId, event.id, event.n, event.hash];
      await c.put(
        `INSERT INTO desk_chain (device_id, user_id, chain_id, n, hash) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        row,
      );
      if (!leads) return;
      await c.put(
        `INSERT INTO desk_chain_head (device_id, user_id, chain_id, n, hash) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (device_id, user_id) DO UPDATE SET chain_id = excluded.chain_id, n = excluded.n, hash = excluded.hash`,
        row,
      );
    },
    async putWitness(witness) {
      await c.put(
        `INSERT INTO audit_witness (name, kind, origin, size, root, at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, origin = excluded.origin, size = excluded.size,
           root = excluded.root, at = excluded.at`,
        [witness.name, witness.kind, witness.origin, witness.size, witness.root, witness.at],
      );
    },
    async putUser(user) {
      await c.put(
        `INSERT INTO "user" (id, "user", name, role, site_ids, password_hash, disabled, created_at, last_sign_in_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET "user" = excluded."user", name = excluded.name, role = excluded.role,
           site_ids = excluded.site_ids, password_hash = excluded.password_hash, disabled = excluded.disabled,
           last_sign_in_at = excluded.last_sign_in_at`,
        [
          user.id,
          user.user,
          user.name,
          user.role,
          JSON.stringify(user.siteIds),
          user.passwordHash,
          user.disabled ? 1 : 0,
          user.createdAt,
          user.lastSignInAt,
        ],
      );
    },
    async putDevice(device) {
      await c.put(
        `INSERT INTO device (id, name, created_at, last_seen_at, last_user_id, app_version, revoked, key_thumbprint)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, last_seen_at = excluded.last_seen_at,
           last_user_id = excluded.last_user_id, app_version = excluded.app_version, revoked = excluded.revoked,
           key_thumbprint = excluded.key_thumbprint`,
        [
          device.id,
          device.name,
          device.createdAt,
          device.lastSeenAt,
          device.lastUserId,
          device.appVersion,
          device.revoked ? 1 : 0,
          device.keyThumbprint,
        ],
      );
    },
    async putSession(session) {
      await c.put(
        `INSERT INTO session (id, user_id, device_id, refresh_hash, previous_hash, rotated_at, created_at, expires_at, revoked_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET refresh_hash = excluded.refresh_hash, previous_hash = excluded.previous_hash,
           rotated_at = excluded.rotated_at,
           expires_at = excluded.expires_at, revoked_at = excluded.revoked_at`,
        [
          session.id,
          session.userId,
          session.deviceId,
          session.refreshHash,
          session.previousHash,
          session.rotatedAt,
          session.createdAt,
          session.expiresAt,
          session.revokedAt,
        ],
      );
    },
    async revokeSessions(userId, at, exceptId = '') {
      return c.run('UPDATE session SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL AND id <> ?', [
        at,
        userId,
        exceptId,
      ]);
    },
    async revokeDeviceSessions(deviceId, at) {
      return c.run('UPDATE session SET revoked_at = ? WHERE device_id = ? AND revoked_at IS NULL', [
        at,
        deviceId,
      ]);
    },
    async addAttempt(key, atMs) {
      await c.put('DELETE FROM attempt WHERE at_ms < ?', [atMs - SQL_LIMITS.attemptsMs]);
      await c.put('INSERT INTO attempt (key, at_ms) VALUES (?, ?)', [key, atMs]);
    },
    async clearAttempts(key) {
      await c.put('DELETE FROM attempt WHERE key = ?', [key]);
    },
    async putShortLived(key, value, untilMs) {
      await c.put(
        `INSERT INTO short_lived (key, value, until_ms) VALUES (?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, until_ms = excluded.until_ms`,
        [key, value, untilMs],
      );
    },
    async takeShortLived(key, nowMs) {
      const row = await c.get('SELECT value FROM short_lived WHERE key = ? AND until_ms > ?', [key, nowMs]);
      await c.put('DELETE FROM short_lived WHERE key = ? OR until_ms <= ?', [key, nowMs]);
      return row === undefined ? undefined : (row['value'] as string);
    },
    async markDeskEvent(eventId) {
      await c.put('INSERT INTO desk_event (event_id) VALUES (?) ON CONFLICT DO NOTHING', [eventId]);
    },
  };

  return {
    tx,
    async finish() {
      for (const personId of found) await indexPerson(c, dialect, personId);
    },
  };
}
