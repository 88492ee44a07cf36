import net from 'node:net';

const HOST = '127.0.0.1';

/**
 * The network of one desk: a TCP proxy with an address of its own, so that the browser keeps a database of its own
 * for it. A browser's switch "offline" leaves an open WebSocket alive; a proxy cuts what a pulled plug cuts.
 */
export interface Cable {
  readonly url: string;
  /** The plug is pulled: open connections are reset, new ones refused. */
  cut(): Promise<void>;
  /** Half-open: connections stay and are taken, but nothing comes through in either direction. */
  stall(): void;
  /** Works again. What was stalled stays silent for ever, as after a router forgot it; what is new passes. */
  restore(): Promise<void>;
  /** Connects to a service that listens on another port now. */
  plugInto(servicePort: number): void;
  /** Connections that pass at this moment. */
  open(): number;
  close(): Promise<void>;
}

interface Pair {
  readonly client: net.Socket;
  readonly service: net.Socket | undefined;
}

/** @param servicePort where the service listens on the loopback address */
export async function layCable(servicePort: number): Promise<Cable> {
  let target = servicePort;
  let state: 'open' | 'cut' | 'stalled' = 'open';
  const pairs = new Set<Pair>();
  let server: net.Server;

  function stop(pair: Pair): void {
    for (const socket of [pair.client, pair.service]) {
      socket?.unpipe();
      socket?.pause();
    }
  }

  function take(client: net.Socket): void {
    client.setNoDelay(true);
    if (state === 'stalled') {
      const pair: Pair = { client, service: undefined };
      pairs.add(pair);
      client.pause();
      client.on('error', () => client.destroy());
      client.on('close', () => pairs.delete(pair));
      return;
    }
    const service = net.connect({ port: target, host: HOST });
    service.setNoDelay(true);
    const pair: Pair = { client, service };
    pairs.add(pair);
    const end = (): void => {
      client.destroy();
      service.destroy();
      pairs.delete(pair);
    };
    for (const [here, there] of [
      [client, service],
      [service, client],
    ] as const) {
      here.pipe(there);
      here.on('error', end);
      here.on('close', end);
    }
  }

  function listen(port: number): Promise<number> {
    server = net.createServer(take);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: HOST }, () => {
        const address = server.address();
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  }

  /** The list of connections ends with them, but a listening socket must be gone before its port is asked for. */
  function unlisten(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve());
      for (const { client, service } of pairs) {
        client.resetAndDestroy();
        service?.destroy();
      }
      pairs.clear();
    });
  }

  const port = await listen(0);
  return {
    url: `http://${HOST}:${port}`,
    async cut() {
      if (state === 'cut') return;
      state = 'cut';
      await unlisten();
    },
    stall() {
      state = 'stalled';
      for (const pair of pairs) stop(pair);
    },
    async restore() {
      const before = state;
      state = 'open';
      if (before === 'cut') await listen(port);
    },
    plugInto(next) {
      target = next;
    },
    open: () => pairs.size,
    async close() {
      if (state !== 'cut') await unlisten();
      state = 'cut';
    },
  };
}
