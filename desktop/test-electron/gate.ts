import http from 'node:http';
import net from 'node:net';
import { fromChromium, toChromium } from './address.ts';

/** May this request go out? */
export type Judge = (request: { readonly url: string; readonly method: string }) => Promise<boolean>;

/** Headers in which the browser names the page, in Electron's words, and the service's answer in Chromium's. */
function outward(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  const { origin, referer, 'proxy-connection': _proxy, ...rest } = headers;
  return {
    ...rest,
    ...(origin === undefined ? {} : { origin: fromChromium(origin) }),
    ...(referer === undefined ? {} : { referer: fromChromium(referer) }),
  };
}

function inward(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  const allowed = headers['access-control-allow-origin'];
  return allowed === undefined ? headers : { ...headers, 'access-control-allow-origin': toChromium(allowed) };
}

/** What Chromium asks for by itself, and Electron does not: refused without a word. */
const CHROMIUMS_OWN = /(?:^|\.)(?:google\.com|googleapis\.com|gstatic\.com|shim)(?::\d+)?$/;

/**
 * The only way from Chromium to the network: a proxy that asks `session.webRequest` about every request, WebSockets
 * and workers too, and translates the origin of the page. What lies behind is passed on as it comes, breaks included.
 * @returns its port
 */
export async function openGate(judge: Judge): Promise<number> {
  async function pass(request: http.IncomingMessage, reply: http.ServerResponse): Promise<void> {
    const { url = '', method = 'GET' } = request;
    const address = URL.parse(url);
    const own = CHROMIUMS_OWN.test(address?.host ?? '');
    if (address?.protocol !== 'http:' || own || !(await judge({ url, method }))) {
      request.socket.destroy();
      return;
    }
    const onward = http.request(
      address,
      { agent: false, method, headers: outward(request.headers) },
      (answer) => {
        reply.writeHead(answer.statusCode ?? 502, inward(answer.headers));
        answer.pipe(reply);
        answer.on('error', () => reply.destroy());
        answer.on('close', () => {
          if (!answer.complete) reply.destroy();
        });
      },
    );
    onward.on('error', () => request.socket.destroy());
    reply.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  /** A tunnel is for a WebSocket, or for TLS, which nothing here answers. */
  function upgrade(request: http.IncomingMessage, socket: net.Socket, head: Buffer): void {
    const host = request.headers.host ?? '';
    const url = `ws://${host}${request.url ?? '/'}`;
    void judge({ url, method: 'GET' }).then((may) => {
      if (!may) {
        socket.destroy();
        return;
      }
      const { hostname, port } = new URL(url);
      const onward = net.connect(Number(port === '' ? 80 : port), hostname);
      const lines = Object.entries(outward(request.headers)).map(
        ([name, value]) => `${name}: ${String(value)}`,
      );
      onward.write(`GET ${request.url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      onward.setNoDelay(true);
      socket.setNoDelay(true);
      onward.pipe(socket).pipe(onward);
      for (const [one, other] of [
        [onward, socket],
        [socket, onward],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
  }

  const inside = http.createServer((_request, reply) => reply.destroy());
  inside.on('upgrade', upgrade);
  const gate = http.createServer((request, reply) => {
    void pass(request, reply);
  });
  gate.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
    const port = /:(\d+)$/.exec(request.url ?? '')?.[1];
    socket.on('error', () => socket.destroy());
    if (CHROMIUMS_OWN.test(request.url ?? '')) {
      socket.destroy();
      return;
    }
    if (port === '443') {
      void judge({ url: `https://${(request.url ?? '').slice(0, -4)}/`, method: 'GET' }).then(() =>
        socket.destroy(),
      );
      return;
    }
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    inside.emit('connection', socket);
  });
  // A connection that the gate closed while Chromium was about to use it would look like a broken network.
  gate.keepAliveTimeout = 0;
  gate.on('clientError', (_error, socket) => socket.destroy());
  inside.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  // Main ends when its windows do, not when its gate does.
  gate.unref();
  return (gate.address() as net.AddressInfo).port;
}
