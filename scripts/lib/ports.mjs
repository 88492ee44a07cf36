/** Ports of this computer, and a way through from one to another. */
import net from 'node:net';
import { Failure } from './failure.mjs';

const HOST = '127.0.0.1';

/** @param {number} port @returns {Promise<boolean>} whether nobody listens there on the loopback address */
export function isFree(port) {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * The first free port from a number on.
 * @param {number} from
 * @param {(port: number) => Promise<boolean>} [free]
 * @throws {Failure} when a hundred in a row are taken
 */
export async function firstFree(from, free = isFree) {
  for (let port = from; port < from + 100 && port <= 65_535; port += 1) {
    if (await free(port)) return port;
  }
  throw new Failure(`Nav neviena brīva porta no ${from}. Norādiet citu: npm start -- --port N`);
}

/**
 * Passes every connection on one loopback port on to another, byte by byte. A desk of its own needs only an
 * origin of its own, because the browser keeps its database by origin.
 * @param {number} from
 * @param {number} to
 * @returns {Promise<{ close: () => void }>}
 * @throws {Failure} when the port is taken
 */
export function forwardPort(from, to) {
  const open = new Set();
  const server = net.createServer((client) => {
    const service = net.connect({ port: to, host: HOST });
    for (const [here, there] of [
      [client, service],
      [service, client],
    ]) {
      open.add(here);
      here.setNoDelay(true);
      here.pipe(there);
      here.on('error', () => there.destroy());
      here.on('close', () => {
        open.delete(here);
        there.destroy();
      });
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', () =>
      reject(
        new Failure(
          `Ports ${from} ir aizņemts. Aizveriet programmu, kas to lieto, vai izvēlieties citu --desk.`,
        ),
      ),
    );
    server.listen({ port: from, host: HOST, exclusive: true }, () =>
      resolve({
        close: () => {
          server.close();
          for (const socket of open) socket.destroy();
        },
      }),
    );
  });
}
