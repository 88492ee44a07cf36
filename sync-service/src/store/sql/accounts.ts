import type { Role } from '@sivis/shared/access/roles.ts';
import type { AccountReads, AccountWrites, QuarantineRow } from '../accounts.ts';
import type { Row, Sql } from './dialect.ts';

const text = (row: Row, name: string): string => row[name] as string;
const maybe = (row: Row, name: string): string | null => (row[name] ?? null) as string | null;

function toQuarantine(row: Row): QuarantineRow {
  return {
    id: text(row, 'id'),
    at: text(row, 'at'),
    siteId: text(row, 'site_id'),
    authorId: text(row, 'author_id'),
    deviceId: text(row, 'device_id'),
    source: text(row, 'source') as QuarantineRow['source'],
    state: text(row, 'state') as QuarantineRow['state'],
    rows: text(row, 'body'),
    decidedBy: maybe(row, 'decided_by'),
    decidedAt: maybe(row, 'decided_at'),
    reason: text(row, 'reason'),
  };
}

/** What belongs to users beside their rows: second factor, foreign identity, rights they had, edits that wait. */
export function accountReads(c: Sql): AccountReads {
  return {
    async totp(userId) {
      const row = await c.get('SELECT state FROM user_totp WHERE user_id = ?', [userId]);
      return row === undefined ? undefined : text(row, 'state');
    },
    async totpUsers() {
      return (await c.all('SELECT user_id FROM user_totp')).map((row) => text(row, 'user_id'));
    },
    async userIdByIdentity(issuer, subject) {
      const row = await c.get('SELECT user_id FROM user_identity WHERE issuer = ? AND subject = ?', [
        issuer,
        subject,
      ]);
      return row === undefined ? undefined : text(row, 'user_id');
    },
    async formerRights(userId) {
      const rows = await c.all('SELECT * FROM former_right WHERE user_id = ? ORDER BY until_at DESC', [
        userId,
      ]);
      return rows.map((row) => ({
        until: text(row, 'until_at'),
        role: text(row, 'role') as Role,
        siteIds: JSON.parse(text(row, 'site_ids')) as string[],
      }));
    },
    async quarantined(id) {
      const row = await c.get('SELECT * FROM quarantine WHERE id = ?', [id]);
      return row === undefined ? undefined : toQuarantine(row);
    },
    async quarantineList(open, siteIds, limit) {
      const state = open ? "state = 'open'" : "state <> 'open'";
      const site = siteIds === null ? '' : ` AND site_id IN (${siteIds.map(() => '?').join(', ') || "''"})`;
      const rows = await c.all(
        `SELECT * FROM quarantine WHERE ${state}${site} ORDER BY at DESC, id LIMIT ?`,
        [...(siteIds ?? []), limit],
      );
      return rows.map(toQuarantine);
    },
    async quarantineOfOp(opId) {
      const row = await c.get(
        'SELECT q.* FROM quarantine q JOIN quarantine_op o ON o.quarantine_id = q.id WHERE o.op_id = ?',
        [opId],
      );
      return row === undefined ? undefined : toQuarantine(row);
    },
    async isQuarantined(docId, authorId) {
      const row = await c.get(
        `SELECT 1 AS n FROM quarantine_op o JOIN quarantine q ON q.id = o.quarantine_id
         WHERE o.doc_id = ? AND q.author_id = ? AND q.state = 'open' LIMIT 1`,
        [docId, authorId],
      );
      return row !== undefined;
    },
  };
}

export function accountWrites(c: Sql): AccountWrites {
  return {
    async putTotp(userId, state) {
      await c.run('DELETE FROM user_totp WHERE user_id = ?', [userId]);
      if (state !== null)
        await c.run('INSERT INTO user_totp (user_id, state) VALUES (?, ?)', [userId, state]);
    },
    async putIdentity(issuer, subject, userId) {
      await c.run('INSERT INTO user_identity (issuer, subject, user_id) VALUES (?, ?, ?)', [
        issuer,
        subject,
        userId,
      ]);
    },
    async addFormerRight(userId, { until, role, siteIds }) {
      await c.run(
        `INSERT INTO former_right (user_id, until_at, role, site_ids) VALUES (?, ?, ?, ?)
         ON CONFLICT (user_id, until_at) DO NOTHING`,
        [userId, until, role, JSON.stringify(siteIds)],
      );
    },
    async putQuarantine(row, ops) {
      await c.run(
        `INSERT INTO quarantine (id, at, site_id, author_id, device_id, source, state, body, decided_by, decided_at, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by,
           decided_at = excluded.decided_at, reason = excluded.reason`,
        [
          row.id,
          row.at,
          row.siteId,
          row.authorId,
          row.deviceId,
          row.source,
          row.state,
          row.rows,
          row.decidedBy,
          row.decidedAt,
          row.reason,
        ],
      );
      for (const { opId, docId } of ops) {
        await c.run(
          `INSERT INTO quarantine_op (op_id, doc_id, quarantine_id) VALUES (?, ?, ?) ON CONFLICT (op_id) DO NOTHING`,
          [opId, docId, row.id],
        );
      }
    },
  };
}
