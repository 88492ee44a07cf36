import type { SocketLike } from './liveSocket.ts';

/** Opens WebSockets at the service; an empty base is the page's own origin. */
export function browserSocket(baseUrl: string): (path: string, protocols: readonly string[]) => SocketLike {
  return (path, protocols) => {
    const url = new URL(path, baseUrl === '' ? location.href : baseUrl);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return new WebSocket(url, [...protocols]) as unknown as SocketLike;
  };
}
