/** Vitest's global set-up of the project `postgres`: one throw-away server for all its test files. */
import { createCluster } from '../../sync-service/test/postgres/cluster.ts';
import { findPostgres } from './postgres.mjs';

/**
 * Where there is no PostgreSQL the run says so, and fails on a build server.
 * @param {{ provide(key: string, value: unknown): void }} project
 */
export default async function setup(project) {
  const bin = findPostgres();
  if (bin === undefined) {
    const words = 'PostgreSQL is not installed here: the tests of the PostgreSQL store did not run.';
    if (process.env.CI) throw new Error(words);
    process.stderr.write(`${words}\n`);
    project.provide('postgres', null);
    return undefined;
  }
  const cluster = await createCluster(bin);
  project.provide('postgres', { bin, url: cluster.url('DATABASE', 'sivis_api') });
  return () => cluster.stop();
}
