import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from '../http/server.ts';
import { ConfigError, isLoopback, type Config } from './config.ts';

type TlsSettings = Pick<Config, 'tls_cert' | 'tls_key'>;

/** Throws ConfigError for a listener that nobody may have: metrics say much of a house, and ask nobody who he is. */
export function checkListeners(config: Pick<Config, 'metrics_host' | 'metrics_port'>): void {
  if (config.metrics_port > 0 && !isLoopback(config.metrics_host))
    throw new ConfigError('metrics_host: /metrics ir tikai šim datoram (127.0.0.1 vai ::1).');
}

/** Certificate and key; undefined when there are none. Throws ConfigError when they cannot be used together. */
export function readTls({ tls_cert: cert, tls_key: key }: TlsSettings): TlsFiles | undefined {
  if (cert === '' && key === '') return undefined;
  if (cert === '' || key === '')
    throw new ConfigError('tls_cert un tls_key ir vajadzīgi abi: sertifikāts un tā atslēga.');
  let files: TlsFiles;
  try {
    files = { cert: readFileSync(cert), key: readFileSync(key) };
  } catch {
    throw new ConfigError('tls_cert, tls_key: datni neizdevās nolasīt.');
  }
  try {
    createSecureContext(files);
  } catch {
    throw new ConfigError('tls_cert, tls_key: sertifikāts un atslēga nav derīgi vai nav viens otram.');
  }
  return files;
}

/** When the certificate ends, ms. Undefined without one. */
export function certificateEndMs(settings: TlsSettings): number | undefined {
  const files = readTls(settings);
  return files === undefined ? undefined : Date.parse(new X509Certificate(files.cert).validTo);
}

const HEALTH_MS = 5_000;

/** Whether the service at this address of this computer answers. Its certificate is for another name: it is not looked at. */
export function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: HEALTH_MS, rejectUnauthorized: false };
    const request = (url.startsWith('https:') ? https : http).get(`${url}/healthz`, options, (reply) => {
      reply.resume();
      resolve(reply.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}
