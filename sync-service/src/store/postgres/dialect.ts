import type { Dialect, Row } from '../sql/dialect.ts';
import type { FoundPerson, SearchTerm, SearchWord } from '../sql/personSearch.ts';

/** The first letter of a search word says where it stands: `n` names, `s` stems, `d` digits. */
const PLACES = { names: 'n', stems: 's', numbers: 'd' } as const;
/** PostgreSQL takes words of up to 2 046 bytes. */
const LONGEST_WORD = 200;

const marked = (where: keyof typeof PLACES, text: string): string[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => PLACES[where] + word.slice(0, LONGEST_WORD));

function queryOf(terms: readonly SearchTerm[]): string {
  const one = ({ in: where, word, prefix }: SearchWord): string =>
    `'${(PLACES[where] + word.slice(0, LONGEST_WORD)).replaceAll(/['\\]/g, '')}'${prefix ? ':*' : ''}`;
  return terms.map((term) => `(${term.map(one).join(' | ')})`).join(' & ');
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

/** PostgreSQL: JSON by `json_array_elements`, search by `tsvector`; what the log lets go is removed by its functions. */
export const POSTGRES_DIALECT: Dialect = {
  list: '(SELECT json_array_elements_text(?::json))',
  numbers: '(SELECT json_array_elements_text(?::json)::bigint)',
  nights: '(SELECT e ->> 0 AS bed_id, (e ->> 1)::bigint AS night FROM json_array_elements(?::json) e) w',
  thenJoin: 'JOIN',
  fence: 'OFFSET 0',
  month: (day) => `to_char(to_timestamp(${day} * 86400) AT TIME ZONE 'UTC', 'YYYY-MM')`,
  walking: () => '',
  async removeAudit(sql, what, param) {
    const row = await sql.get(`SELECT audit_${what}(?) AS n`, [param]);
    return Number(row?.['n'] ?? 0);
  },
  async indexPerson(sql, person) {
    const words = [
      ...marked('names', `${person.family} ${person.given} ${person.former}`),
      ...marked('stems', person.stems),
      ...marked('numbers', `${person.codes} ${person.phones}`),
    ];
    await sql.put(
      `INSERT INTO person_search (person_id, family, given, former, stems, sort_key, words)
       VALUES (?, ?, ?, ?, ?, ?, array_to_tsvector(ARRAY(SELECT json_array_elements_text(?::json))))
       ON CONFLICT (person_id) DO UPDATE SET family = excluded.family, given = excluded.given,
         former = excluded.former, stems = excluded.stems, sort_key = excluded.sort_key, words = excluded.words`,
      [
        person.id,
        person.family,
        person.given,
        person.former,
        person.stems,
        person.sortKey,
        JSON.stringify([...new Set(words)]),
      ],
    );
  },
  async findPeople(sql, terms, visible, limit) {
    const rows = await sql.all(
      `SELECT d.id, s.family, s.given, s.former, s.stems, s.sort_key
         FROM person_search s JOIN doc d ON d.id = s.person_id
        WHERE s.words @@ ?::tsquery AND (${visible.sql}) LIMIT ?`,
      [queryOf(terms), ...visible.params, limit],
    );
    return rows.map(toPerson);
  },
};
