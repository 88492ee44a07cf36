import path from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '@sivis/shared/time/clock.ts';
import { COSIGNATURE_KEY, parseKey } from '@sivis/shared/tlog/note.ts';
import { toHex } from '@sivis/shared/tlog/bytes.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { serviceWho, type AuditLog } from '../audit/auditLog.ts';
import type { OutsideWitness } from '../audit/cosign.ts';
import { logFolder } from '../audit/logFiles.ts';
import { sha256 } from '../audit/nodeCrypto.ts';
import {
  CONTINUES_META,
  createPublisher,
  SERIES_META,
  type Publisher,
  type PublisherAlarm,
} from '../audit/publisher.ts';
import { runRetention } from '../audit/retention.ts';
import { connectSigner, spawnSigner } from '../audit/signer/client.ts';
import type { Transparency } from '../audit/transparency.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import type { Store } from '../store/store.ts';
import { ConfigError, type Config } from './config.ts';
import { VERSION } from './version.ts';

/** The published log of a data folder: files that verify without anything else. */
export const LOG_FOLDER = 'audit';
/** The signer's key and memory; in no backup, because who has the key can sign another history. */
export const SIGNER_FOLDER = 'signer';

export interface OpenTransparency extends Transparency {
  /** Publishes what is left, ends the signer. */
  stop(): Promise<void>;
}

/** The origin of the log: that of the settings, and for a restored store the part that tells it from the one before. */
export async function logOrigin(
  store: Store,
  config: Pick<Config, 'audit_origin' | 'demo'>,
): Promise<{ origin: string; continues: readonly string[] }> {
  const { series, continues } = await store.read(async (tx) => ({
    series: await tx.meta(SERIES_META),
    continues: await tx.meta(CONTINUES_META),
  }));
  const base =
    config.audit_origin === ''
      ? `sivis.local/audit/${config.demo ? 'demo' : 'main'}`
      : config.audit_origin.replace(/\/+$/, '');
  return {
    origin: series === undefined ? base : `${base}/${series}`,
    continues: continues === undefined ? [] : [continues],
  };
}

function outsideWitness(config: Config): OutsideWitness | undefined {
  if (config.audit_witness_url === '') return undefined;
  const key = parseKey(sha256, config.audit_witness_key);
  if (key?.type !== COSIGNATURE_KEY)
    throw new ConfigError('audit_witness_key: nav liecinieka atslēga (vārds+id+base64, tips 0x04).');
  return { url: config.audit_witness_url, key };
}

/** Opens the published log of a service: signer, publisher, retention. */
export async function openTransparency(
  store: Store,
  audit: AuditLog,
  clock: Clock,
  log: Logger,
  dataDir: string,
  config: Config,
): Promise<OpenTransparency> {
  const witness = outsideWitness(config);
  const { origin, continues } = await logOrigin(store, config);
  const signer =
    config.audit_signer === ''
      ? spawnSigner(path.join(dataDir, SIGNER_FOLDER), origin, continues)
      : connectSigner(config.audit_signer, origin);
  /** An alarm stands in the log itself too: it is signed when signing is possible again. */
  const note = (code: string): void => {
    void audit
      .auditRead(store, serviceWho(clock.now(), VERSION), {
        action: 'logAlarm',
        kind: 'audit',
        objectId: '',
        personIds: [],
        personal: false,
        result: code,
      })
      .catch((error: unknown) =>
        log.error({ err: error }, 'the alarm could not be written into the audit log'),
      );
  };
  const publisher: Publisher = createPublisher({
    store,
    files: logFolder(path.join(dataDir, LOG_FOLDER)),
    signer,
    clock,
    ...(witness === undefined ? {} : { witness }),
    alarmed: (alarm: PublisherAlarm) => {
      log.fatal({ alarm }, 'the audit log is not published');
      note(alarm);
    },
    failed: (error) => log.error({ err: error }, 'the audit log could not be published; tried again'),
    witnessFailed: (why) => {
      log.error({ why }, 'the outside witness did not cosign');
      if (why === 'refused') note('witnessRefused');
    },
    cosigned: ({ checkpoint }, name) =>
      store.write((tx) =>
        tx.putWitness({
          name,
          kind: 'cosigner',
          origin: checkpoint.origin,
          size: checkpoint.size,
          root: toHex(checkpoint.root),
          at: toInstant(clock.now()),
        }),
      ),
  });
  // In the background: a log that is built anew must not hold up the house.
  void publisher.publish().catch((error: unknown) => {
    log.error({ err: error }, 'the audit log could not be published; tried again');
  });
  publisher.start();

  const retention = { months: config.audit_retention_months, basis: config.audit_retention_basis };
  const retain = async (): Promise<void> => {
    try {
      const { removed, upTo } = await runRetention(store, audit, retention, clock.now(), VERSION);
      if (removed > 0) log.info({ removed, upTo }, 'audit entries whose time was over were removed');
    } catch (error) {
      log.error({ err: error }, 'old audit entries could not be removed');
    }
  };
  await retain();
  const timer = setInterval(() => void retain(), SERVICE_LIMITS.retentionEveryMs);
  timer.unref();
  return {
    publisher,
    retention,
    async stop() {
      clearInterval(timer);
      await publisher.stop();
    },
  };
}
