import { pino, type DestinationStream, type Logger } from 'pino';

/**
 * Paths that never reach the log, whatever object is logged. The service logs requests by route, status, time, user
 * and device id only (http/server.ts); this is the second net.
 */
const REDACTED = [
  'password',
  'oldPassword',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'ticket',
  'body',
  'fields',
  'changes',
  'headers',
  'req',
  'res',
  'params',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** The logger of the service: JSON lines, by default to standard error. */
export function createLogger(level: string, destination: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      redact: { paths: REDACTED, remove: true },
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: {
        // An error's own fields may carry what was parsed: only its name, code and place are kept.
        err: (error: unknown) => describeError(error),
      },
    },
    destination,
  );
}

/** Name, code and stack without the message line: messages of parsers quote what they read. */
export function describeError(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof errcode === 'number' ? { errcode: String(errcode) } : {}),
    stack: places.slice(0, 8).join('\n'),
  };
}
