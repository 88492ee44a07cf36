import type { TextKind } from '@sivis/shared/texts/texts.ts';
import type { TextReads, TextRow, TextWrites } from '../texts.ts';
import type { Dialect, Row, Sql } from './dialect.ts';

const toText = (row: Row): TextRow => {
  const text = (column: string): string => row[column] as string;
  return {
    id: text('id'),
    kind: text('kind') as TextKind,
    siteId: text('site_id'),
    day: text('day'),
    personId: text('person_id'),
    authorId: text('author_id'),
    logSiteId: text('log_site_id'),
    createdBy: text('created_by'),
    createdAt: text('created_at'),
    seq: Number(row['seq']),
  };
};

/** Reading texts, for both engines. */
export function textReads(c: Sql, dialect: Dialect): TextReads {
  return {
    async text(id) {
      const row = await c.get('SELECT * FROM text_head WHERE id = ?', [id]);
      return row === undefined ? undefined : toText(row);
    },
    async textSeqs(ids) {
      const rows = await c.all(`SELECT id, seq FROM text_head WHERE id IN ${dialect.list}`, [
        JSON.stringify(ids),
      ]);
      return new Map(rows.map((row) => [row['id'] as string, Number(row['seq'])]));
    },
    async textContent(id, after) {
      const snapshot = await c.get('SELECT seq, body FROM text_snapshot WHERE text_id = ? AND seq > ?', [
        id,
        after,
      ]);
      const known = snapshot === undefined ? after : Number(snapshot['seq']);
      const rows = await c.all(
        'SELECT seq, body FROM text_update WHERE text_id = ? AND seq > ? ORDER BY seq',
        [id, known],
      );
      const updates = [...(snapshot === undefined ? [] : [snapshot]), ...rows].map(
        (row) => new Uint8Array(row['body'] as Uint8Array),
      );
      const last = rows.at(-1);
      return { seq: last === undefined ? known : Number(last['seq']), updates, loose: rows.length };
    },
  };
}

/** Writing texts, for both engines. */
export function textWrites(c: Sql): TextWrites {
  return {
    async beginText(text) {
      await c.put(
        `INSERT INTO text_head (id, kind, site_id, day, person_id, author_id, log_site_id, created_by, created_at, seq)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
        [
          text.id,
          text.kind,
          text.siteId,
          text.day,
          text.personId,
          text.authorId,
          text.logSiteId,
          text.createdBy,
          text.createdAt,
        ],
      );
    },
    async appendText(id, update, by) {
      const row = await c.get('UPDATE text_head SET seq = seq + 1 WHERE id = ? RETURNING seq', [id]);
      if (row === undefined) throw new Error('no such text');
      const seq = Number(row['seq']);
      await c.put(
        'INSERT INTO text_update (text_id, seq, body, actor_id, device_id, at) VALUES (?, ?, ?, ?, ?, ?)',
        [id, seq, Buffer.from(update), by.actorId, by.deviceId, by.at],
      );
      return seq;
    },
    async compactText(id, upTo, snapshot, vector) {
      const replaced = await c.run(
        `INSERT INTO text_snapshot AS s (text_id, seq, body, vector)
         SELECT h.id, ?, ?, ? FROM text_head h WHERE h.id = ? AND h.seq >= ?
         ON CONFLICT (text_id) DO UPDATE SET seq = excluded.seq, body = excluded.body, vector = excluded.vector
          WHERE s.seq < excluded.seq`,
        [upTo, Buffer.from(snapshot), Buffer.from(vector), id, upTo],
      );
      if (replaced > 0) await c.put('DELETE FROM text_update WHERE text_id = ? AND seq <= ?', [id, upTo]);
    },
  };
}
