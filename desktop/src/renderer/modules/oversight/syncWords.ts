import type { Limit } from '../../host/index.ts';
import { codeText } from '../../i18n/errorWords.ts';
import { m } from '../../i18n/generated/messages.js';
import { wordOf } from './valueWords.ts';

const EVENTS: Readonly<Record<string, () => string>> = {
  pull: () => m.oversight_log_pull(),
  push: () => m.oversight_log_push(),
  error: () => m.oversight_log_error(),
  parked: () => m.oversight_log_parked(),
  reconcile: () => m.oversight_log_reconcile(),
  repull: () => m.oversight_log_repull(),
  resync: () => m.oversight_log_resync(),
  rights: () => m.oversight_log_rights(),
  consent: () => m.oversight_log_consent(),
  link: () => m.oversight_log_link(),
  damaged: () => m.oversight_log_damaged(),
  recovered: () => m.oversight_log_recovered(),
};

const COLLECTIONS: Readonly<Record<string, () => string>> = {
  people: () => m.oversight_collection_people(),
  lodging: () => m.oversight_collection_lodging(),
  work: () => m.oversight_collection_work(),
  reference: () => m.oversight_collection_reference(),
};

const LINKS: Readonly<Record<string, () => string>> = {
  online: () => m.oversight_link_online(),
  connecting: () => m.oversight_link_connecting(),
  offline: () => m.oversight_link_offline(),
  serverDown: () => m.oversight_link_server_down(),
  authRequired: () => m.oversight_link_auth(),
  versionBlocked: () => m.oversight_link_version(),
  clockSkew: () => m.oversight_link_clock(),
};

const LIMITS: Readonly<Record<Limit, () => string>> = {
  'power-loss': () => m.oversight_limit_power_loss(),
  'os-lock': () => m.oversight_limit_os_lock(),
  'no-device-secret': () => m.oversight_limit_no_secret(),
  eviction: () => m.oversight_limit_eviction(),
};

/** What happened, in words. */
export function syncEventWord(event: string): string {
  return wordOf(EVENTS, event);
}

/** What a collection holds, in words. */
export function collectionWord(collection: string): string {
  return wordOf(COLLECTIONS, collection);
}

/** A code of the log in words where there are some; the code itself is in the copy for support. */
export function syncCodeWord(event: string, code: string): string {
  return event === 'link' ? wordOf(LINKS, code) : (codeText(code) ?? code);
}

/** What this host cannot promise, and what that means for the person who works here. */
export function limitWord(limit: Limit): string {
  return LIMITS[limit]();
}

/** "1,2 GB", "340 MB": a size of storage in bytes. */
export function sizeText(bytes: number): string {
  const gigabytes = bytes / 1_073_741_824;
  if (gigabytes >= 1) return `${gigabytes.toFixed(1).replace('.', ',')} GB`;
  return `${Math.round(bytes / 1_048_576)} MB`;
}
