import { constants } from 'node:sqlite';
import { expect, it } from 'vitest';
import { openConnection } from './connection.ts';

it('plans a statement once, whatever is bound to it', () => {
  const connection = openConnection(':memory:');
  connection.db.exec('CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1), (2), (3)');
  let asked = 0;
  // Asked while a statement is planned, for each table and column.
  connection.db.setAuthorizer(() => {
    asked += 1;
    return constants.SQLITE_OK;
  });
  const some = (from: number, limit: number): number =>
    connection.all('SELECT x FROM t WHERE x >= ? ORDER BY x LIMIT ?', [from, limit]).length;
  expect(some(1, 2)).toBe(2);
  const planned = asked;
  expect(planned).toBeGreaterThan(0);
  expect(some(2, 5)).toBe(2);
  expect(some(3, 1)).toBe(1);
  expect(asked).toBe(planned);
  connection.close();
});
