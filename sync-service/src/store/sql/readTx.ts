import type { AuditFilter, ReadTx } from '../store.ts';
import { accountReads } from './accounts.ts';
import { textReads } from './texts.ts';
import type { Dialect, Sql, SqlValue } from './dialect.ts';
import { SQL_LIMITS } from './limits.ts';
import { searchPeople } from './personSearch.ts';
import {
  AUDIT_COLUMNS,
  DOC_COLUMNS,
  toAudit,
  toDeskChain,
  toDevice,
  toDoc,
  toNight,
  toOp,
  toSession,
  toUser,
  toWitness,
} from './rows.ts';

/** Hashes in one row of the removed entries. */
const KEPT = 256;

interface Where {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

function auditWhere(filter: AuditFilter, list: string): Where {
  const parts: string[] = [];
  const params: SqlValue[] = [];
  const add = (sql: string, ...values: SqlValue[]): void => {
    parts.push(sql);
    params.push(...values);
  };
  if (filter.actorId !== undefined) add('e.actor_id = ?', filter.actorId);
  if (filter.deviceId !== undefined) add('e.device_id = ?', filter.deviceId);
  if (filter.actions !== undefined) add(`e.action IN ${list}`, JSON.stringify(filter.actions));
  if (filter.excludeActions !== undefined)
    add(`e.action NOT IN ${list}`, JSON.stringify(filter.excludeActions));
  if (filter.from !== undefined) add('e.happened_at >= ?', filter.from);
  if (filter.to !== undefined) add('e.happened_at < ?', filter.to);
  if (filter.siteIds !== undefined) add(`e.site_id IN ${list}`, JSON.stringify(filter.siteIds));
  if (filter.personal !== undefined) add('e.personal = ?', filter.personal ? 1 : 0);
  return { sql: parts.length === 0 ? '1 = 1' : parts.join(' AND '), params };
}

/**
 * A confirmed removal counts again for a desk that asks from before it: RxDB asks for the next page before the last one
 * is on its disk, so a desk that was killed in between comes back with the older checkpoint.
 */
const DESK_HOLDS = `EXISTS (SELECT 1 FROM held h WHERE h.user_id = ? AND h.device_id = ? AND h.collection = d.collection
    AND h.doc_id = d.id AND (h.confirmed = 0 OR h.removal_seq > ?))`;

/** Reading in either engine, inside a transaction that the caller opened. */
export function createReadTx(c: Sql, dialect: Dialect): ReadTx {
  const { list } = dialect;
  const docs = async (where: string, params: readonly SqlValue[]) =>
    (await c.all(`SELECT ${DOC_COLUMNS} FROM doc d WHERE ${where}`, params)).map(toDoc);
  const count = async (sql: string, params: readonly SqlValue[] = []): Promise<number> =>
    Number((await c.get(sql, params))?.['n'] ?? 0);
  const has = async (sql: string, params: readonly SqlValue[]): Promise<boolean> =>
    (await c.get(sql, params)) !== undefined;
  const users = async (rest: string, params: readonly SqlValue[] = []) =>
    (await c.all(`SELECT * FROM "user" ${rest}`, params)).map(toUser);

  return {
    ...accountReads(c),
    ...textReads(c, dialect),
    async meta(key) {
      const row = await c.get('SELECT value FROM meta WHERE key = ?', [key]);
      return row?.['value'] as string | undefined;
    },
    async headSeq() {
      return count('SELECT max(seq) AS n FROM doc');
    },
    async doc(id) {
      return (await docs('d.id = ?', [id]))[0];
    },
    async docs(ids) {
      return docs(`d.id IN ${list}`, [JSON.stringify(ids)]);
    },
    async docsOfKind(kind, siteId) {
      return siteId === undefined
        ? docs('d.kind = ? ORDER BY d.id', [kind])
        : docs('d.kind = ? AND d.site_id = ? ORDER BY d.id', [kind, siteId]);
    },
    async countDocs(kind) {
      return count('SELECT count(*) AS n FROM doc WHERE kind = ?', [kind]);
    },
    async staysOfPerson(personId) {
      return docs(`d.kind = 'stay' AND d.person_id = ?`, [personId]);
    },
    async contactsOfPerson(personId) {
      return docs(`d.kind = 'contact' AND d.person_id = ?`, [personId]);
    },
    async staysOfReservation(reservationId) {
      return docs(`d.kind = 'stay' AND d.parent_id = ?`, [reservationId]);
    },
    async companionsOf(stayId) {
      return docs('d.companion_of = ?', [stayId]);
    },
    async nightsHeld(bedIds, fromDay, toDay) {
      const rows = await c.all(
        `SELECT bed_id, night, holder_id FROM bed_night WHERE bed_id IN ${list} AND night >= ? AND night < ?`,
        [JSON.stringify(bedIds), fromDay, toDay],
      );
      return rows.map(toNight);
    },
    async bedsHeld(bedIds, fromDay, toDay) {
      const rows = await c.all(
        // One look into the index per bed, which ends at the first night that is held.
        `WITH b (bed_id) AS ${list}
         SELECT bed_id FROM b WHERE EXISTS
           (SELECT 1 FROM bed_night n WHERE n.bed_id = b.bed_id AND n.night >= ? AND n.night < ?)`,
        [JSON.stringify(bedIds), fromDay, toDay],
      );
      return new Set(rows.map((row) => row['bed_id'] as string));
    },
    async peopleWithCode(code) {
      const rows = await c.all('SELECT person_id FROM person_code WHERE code = ?', [code]);
      return rows.map((row) => row['person_id'] as string);
    },
    async childrenOf(parentId, kind) {
      return docs('d.kind = ? AND d.parent_id = ?', [kind, parentId]);
    },
    async page(collection, afterSeq, limit, desk, visible) {
      // The inner query walks the index in commit order and stops at the limit; bodies are read for its rows only.
      const rows = await c.all(
        `SELECT ${DOC_COLUMNS}, w.sees FROM (
           SELECT * FROM (
             SELECT d.seq AS seq,
                    CASE WHEN (${visible.sql}) THEN 1 WHEN ${DESK_HOLDS} THEN 0 END AS sees
               FROM doc d ${dialect.walking('doc_page')}
              WHERE d.collection = ? AND d.seq > ? ORDER BY d.seq ${dialect.fence}
           ) r WHERE sees IS NOT NULL LIMIT ?
         ) w ${dialect.thenJoin} doc d ON d.seq = w.seq ORDER BY w.seq`,
        [...visible.params, desk.userId, desk.deviceId, afterSeq, collection, afterSeq, limit],
      );
      return rows.map((row) => {
        if (row['sees'] === 1) {
          const doc = toDoc(row);
          return { seq: doc.seq, visible: true, doc };
        }
        const { id, kind, seq } = toDoc({ ...row, fields: '{}', stamps: '{}' });
        return { seq, visible: false, id, kind };
      });
    },
    async removalCount(collection, afterSeq, desk, visible) {
      return count(
        `SELECT count(*) AS n FROM held h ${dialect.thenJoin} doc d ON d.id = h.doc_id
          WHERE h.user_id = ? AND h.device_id = ? AND h.collection = ? AND d.seq > ?
            AND (h.confirmed = 0 OR h.removal_seq > ?) AND (${visible.sql}) IS NOT TRUE`,
        [desk.userId, desk.deviceId, collection, afterSeq, afterSeq, ...visible.params],
      );
    },
    async visibleIds(collection, after, limit, visible) {
      const rows = await c.all(
        `SELECT d.id FROM doc d ${dialect.walking('doc_ids')}
          WHERE d.collection = ? AND d.id > ? AND (${visible.sql}) ORDER BY d.id LIMIT ?`,
        [collection, after, ...visible.params, limit],
      );
      return rows.map((row) => row['id'] as string);
    },
    async hasRemovalsSent(desk, collection, seq) {
      return has(
        'SELECT 1 FROM held WHERE user_id = ? AND device_id = ? AND collection = ? AND removal_seq <= ? AND confirmed = 0 LIMIT 1',
        [desk.userId, desk.deviceId, collection, seq],
      );
    },
    async heldCount(desk, collection) {
      return count(
        'SELECT count(*) AS n FROM held WHERE user_id = ? AND device_id = ? AND collection = ? AND confirmed = 0',
        [desk.userId, desk.deviceId, collection],
      );
    },
    async isVisible(id, visible) {
      return has(`SELECT 1 FROM doc d WHERE d.id = ? AND (${visible.sql})`, [id, ...visible.params]);
    },
    async searchPeople(query, limit, visible) {
      return searchPeople(c, dialect, query, limit, visible);
    },
    async op(opId) {
      const row = await c.get(
        'SELECT op_id, doc_id, device_id, actor_id, op_kind, content, result FROM op_log WHERE op_id = ?',
        [opId],
      );
      return row === undefined ? undefined : toOp(row);
    },
    async wasRefused(docId, actorId) {
      return has('SELECT 1 FROM op_log WHERE doc_id = ? AND refused = 1 AND actor_id = ? LIMIT 1', [
        docId,
        actorId,
      ]);
    },
    async wasHeld(desk, docId) {
      return has(
        `SELECT 1 FROM held WHERE user_id = ? AND device_id = ? AND doc_id = ?
            AND collection = (SELECT collection FROM doc WHERE id = held.doc_id)`,
        [desk.userId, desk.deviceId, docId],
      );
    },
    async docsWithEdgeIn(edge, first, end) {
      const column = edge === 'from' ? 'd.from_day' : 'd.to_day';
      return docs(`d.kind IN ('stay', 'block') AND ${column} >= ? AND ${column} < ?`, [first, end]);
    },
    async openTasksOfStay(stayId) {
      return docs(`d.id IN (SELECT task_id FROM task_stay WHERE stay_id = ?) AND d.state = 'open'`, [stayId]);
    },
    async auditSize() {
      return count('SELECT max(seq) AS n FROM audit_entry');
    },
    async auditPage(filter, limit) {
      const where = auditWhere(filter, list);
      const from =
        filter.subjectRef === undefined
          ? { sql: 'audit_entry e', params: [] }
          : {
              sql: `audit_subject s ${dialect.thenJoin} audit_entry e ON e.seq = s.seq AND s.subject_ref = ?`,
              params: [filter.subjectRef],
            };
      const order = filter.subjectRef === undefined ? 'e.seq' : 's.seq';
      const before = filter.before ?? Number.MAX_SAFE_INTEGER;
      const rows = await c.all(
        `SELECT ${AUDIT_COLUMNS} FROM ${from.sql} LEFT JOIN audit_payload p ON p.seq = e.seq
          WHERE ${where.sql} AND ${order} < ? ORDER BY ${order} DESC LIMIT ?`,
        [...from.params, ...where.params, before, limit],
      );
      const total = await count(
        `SELECT count(*) AS n FROM (SELECT 1 FROM ${from.sql} WHERE ${where.sql} LIMIT ?) t`,
        [...from.params, ...where.params, SQL_LIMITS.countCap],
      );
      return { rows: rows.map(toAudit), total };
    },
    async auditRow(seq) {
      const row = await c.get(
        `SELECT ${AUDIT_COLUMNS} FROM audit_entry e LEFT JOIN audit_payload p ON p.seq = e.seq WHERE e.seq = ?`,
        [seq],
      );
      return row === undefined ? undefined : toAudit(row);
    },
    async auditRange(after, limit) {
      const rows = await c.all(
        `SELECT ${AUDIT_COLUMNS} FROM audit_entry e LEFT JOIN audit_payload p ON p.seq = e.seq
          WHERE e.seq > ? ORDER BY e.seq LIMIT ?`,
        [after, limit],
      );
      return rows.map(toAudit);
    },
    async auditLeaves(after, limit) {
      const hashes: string[] = [];
      const tiles = await c.all('SELECT tile, hashes FROM audit_kept WHERE tile >= ? ORDER BY tile LIMIT ?', [
        Math.floor(after / KEPT),
        Math.ceil(limit / KEPT) + 1,
      ]);
      for (const row of tiles) {
        const first = Number(row['tile']) * KEPT;
        const bytes = Buffer.from(row['hashes'] as Uint8Array);
        for (let at = Math.max(0, after - first); at < KEPT && hashes.length < limit; at += 1)
          hashes.push(bytes.toString('hex', at * 32, at * 32 + 32));
      }
      if (hashes.length >= limit) return hashes;
      const rest = await c.all('SELECT leaf_hash FROM audit_entry WHERE seq > ? ORDER BY seq LIMIT ?', [
        after + hashes.length,
        limit - hashes.length,
      ]);
      return [...hashes, ...rest.map((row) => row['leaf_hash'] as string)];
    },
    async auditRemovedTo() {
      return count('SELECT max(upto) AS n FROM audit_retention');
    },
    async deskChain(deviceId, userId) {
      const row = await c.get(
        'SELECT chain_id, n, hash FROM desk_chain_head WHERE device_id = ? AND user_id = ?',
        [deviceId, userId],
      );
      return row === undefined ? undefined : toDeskChain(row);
    },
    async deskChainHash(deviceId, userId, chainId, n) {
      const row = await c.get(
        'SELECT hash FROM desk_chain WHERE device_id = ? AND user_id = ? AND chain_id = ? AND n = ?',
        [deviceId, userId, chainId, n],
      );
      return row?.['hash'] as string | undefined;
    },
    async witnesses() {
      return (await c.all('SELECT * FROM audit_witness ORDER BY at DESC, name')).map(toWitness);
    },
    async user(id) {
      return (await users('WHERE id = ?', [id]))[0];
    },
    async userByName(user) {
      return (await users('WHERE "user" = ?', [user]))[0];
    },
    async users() {
      return users('ORDER BY "user"');
    },
    async device(id) {
      const row = await c.get('SELECT * FROM device WHERE id = ?', [id]);
      return row === undefined ? undefined : toDevice(row);
    },
    async devices() {
      return (await c.all('SELECT * FROM device ORDER BY name, id')).map(toDevice);
    },
    async session(id) {
      const row = await c.get('SELECT * FROM session WHERE id = ?', [id]);
      return row === undefined ? undefined : toSession(row);
    },
    async sessionByRefresh(hash) {
      const row = await c.get('SELECT * FROM session WHERE refresh_hash = ? OR previous_hash = ?', [
        hash,
        hash,
      ]);
      return row === undefined ? undefined : toSession(row);
    },
    async attemptsSince(key, sinceMs) {
      return count('SELECT count(*) AS n FROM attempt WHERE key = ? AND at_ms >= ?', [key, sinceMs]);
    },
    async hasDeskEvent(eventId) {
      return has('SELECT 1 FROM desk_event WHERE event_id = ?', [eventId]);
    },
    async bedNightsByMonth() {
      const months: Record<string, number> = {};
      const rows = await c.all(
        `SELECT ${dialect.month('n.night')} AS month, count(*) AS n
           FROM bed_night n JOIN doc d ON d.id = n.holder_id AND d.kind = 'stay' GROUP BY 1 ORDER BY 1`,
      );
      for (const row of rows) months[row['month'] as string] = Number(row['n']);
      return months;
    },
    async bedsHeldOn(night) {
      return count(
        `SELECT count(*) AS n FROM bed_night n JOIN doc d ON d.id = n.holder_id AND d.kind = 'stay' WHERE n.night = ?`,
        [night],
      );
    },
  };
}
