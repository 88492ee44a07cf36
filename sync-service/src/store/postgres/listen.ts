import pg from 'pg';
import { connectionConfig } from './connection.ts';
import { PG_LIMITS } from './limits.ts';

const CHANNEL = 'sivis';

export interface Listening {
  stop(): Promise<void>;
}

/**
 * Hears what other instances say on the database, on a connection of its own. A lost connection is opened again for as
 * long as it takes; then `resumed` is called: what was said meanwhile is lost. Resolves when it listens for the first
 * time; rejects when it never could.
 */
export async function listen(
  url: string,
  heard: (text: string) => void,
  resumed: () => void,
): Promise<Listening> {
  let stopped = false;
  let current: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wait: number = PG_LIMITS.reconnectMs;

  const open = async (): Promise<void> => {
    const client = new pg.Client({ ...connectionConfig(url), query_timeout: PG_LIMITS.connectMs });
    const lost = (): void => {
      if (current !== client) return;
      current = undefined;
      clearTimeout(timer);
      client.end().catch(() => undefined);
      again();
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload }) => heard(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    if (stopped) {
      await client.end();
      return;
    }
    current = client;
    wait = PG_LIMITS.reconnectMs;
    const ask = (): void => {
      timer = setTimeout(() => {
        client.query('SELECT 1').then(ask, lost);
      }, PG_LIMITS.aliveMs).unref();
    };
    ask();
  };
  const again = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      open().then(
        () => {
          if (!stopped) resumed();
        },
        () => again(),
      );
    }, wait).unref();
    wait = Math.min(wait * 2, PG_LIMITS.reconnectMaxMs);
  };

  await open();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      const client = current;
      current = undefined;
      await client?.end();
    },
  };
}

/** The statement that says something to all who listen; its parameters are the channel and the text. */
export const SAY = { text: 'SELECT pg_notify($1, $2)', channel: CHANNEL };
