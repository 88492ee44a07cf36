/** Finds the programs of a PostgreSQL server for the tests. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The oldest that the service is tested with. */
const OLDEST = 14;

const DEBIAN = '/usr/lib/postgresql';
const SUFFIX = process.platform === 'win32' ? '.exe' : '';

function debianFolders() {
  if (!existsSync(DEBIAN)) return [];
  return readdirSync(DEBIAN)
    .filter((name) => Number(name) >= OLDEST)
    .sort((a, b) => Number(b) - Number(a))
    .map((name) => path.join(DEBIAN, name, 'bin'));
}

/**
 * The folder with `initdb` and `postgres`: that of POSTGRES_BIN, else the newest of Debian's, else the first of PATH.
 * @param {Record<string, string | undefined>} [env]
 * @returns {string | undefined}
 */
export function findPostgres(env = process.env) {
  const folders = [
    ...(env.POSTGRES_BIN ? [env.POSTGRES_BIN] : []),
    ...debianFolders(),
    ...(env.PATH ?? '').split(path.delimiter).filter(Boolean),
  ];
  return folders.find((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(path.join(folder, name + SUFFIX))),
  );
}
