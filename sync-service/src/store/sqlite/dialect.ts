import type { Dialect, Row } from '../sql/dialect.ts';
import type { FoundPerson, SearchTerm, SearchWord } from '../sql/personSearch.ts';

const COLUMNS = { names: '{family given former}', stems: 'stems', numbers: '{codes phones}' } as const;

function matchOf(terms: readonly SearchTerm[]): string {
  const one = ({ in: where, word, prefix }: SearchWord): string =>
    `${COLUMNS[where]} : "${word.replaceAll('"', '')}"${prefix ? ' *' : ''}`;
  return terms.map((term) => `(${term.map(one).join(' OR ')})`).join(' AND ');
}

function toPerson(row: Row): FoundPerson {
  const text = (column: string): string => row[column] as string;
  return {
    id: text('id'),
    family: text('family'),
    given: text('given'),
    former: text('former'),
    stems: text('stems'),
    sortKey: text('sort_key'),
  };
}

/** SQLite: JSON by `json_each`, search by FTS5; the search row has the number of the document's row. */
export const SQLITE_DIALECT: Dialect = {
  list: '(SELECT value FROM json_each(?))',
  numbers: '(SELECT value FROM json_each(?))',
  nights: `(SELECT json_extract(value, '$[0]') AS bed_id, json_extract(value, '$[1]') AS night FROM json_each(?)) w`,
  thenJoin: 'CROSS JOIN',
  fence: 'LIMIT -1',
  month: (day) => `strftime('%Y-%m', ${day} * 86400, 'unixepoch')`,
  walking: (index) => `INDEXED BY ${index}`,
  async removeAudit(sql, what, param) {
    if (what === 'payloads')
      return sql.run('DELETE FROM audit_payload WHERE seq IN (SELECT value FROM json_each(?))', [param]);
    await sql.run('DELETE FROM audit_payload WHERE seq <= ?', [param]);
    await sql.run('DELETE FROM audit_subject WHERE seq <= ?', [param]);
    return sql.run('DELETE FROM audit_entry WHERE seq <= ?', [param]);
  },
  async indexPerson(sql, person) {
    await sql.put('DELETE FROM person_search WHERE rowid = (SELECT rowid FROM doc WHERE id = ?)', [
      person.id,
    ]);
    await sql.put(
      `INSERT INTO person_search (rowid, family, given, former, stems, codes, phones, sort_key)
       SELECT rowid, ?, ?, ?, ?, ?, ?, ? FROM doc WHERE id = ?`,
      [
        person.family,
        person.given,
        person.former,
        person.stems,
        person.codes,
        person.phones,
        person.sortKey,
        person.id,
      ],
    );
  },
  async findPeople(sql, terms, visible, limit) {
    const rows = await sql.all(
      `SELECT d.id, s.family, s.given, s.former, s.stems, s.sort_key
         FROM person_search s CROSS JOIN doc d ON d.rowid = s.rowid
        WHERE s.person_search MATCH ? AND (${visible.sql}) LIMIT ?`,
      [matchOf(terms), ...visible.params, limit],
    );
    return rows.map(toPerson);
  },
};
