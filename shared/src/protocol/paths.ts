import type { Collection } from '../docs/kinds.ts';
import { PROTOCOL_VERSION } from './version.ts';

/** Every path of the service, once. All calls are POST with a JSON body unless said otherwise. */
export const PATHS = {
  /** What the service knows of this desk and how people may sign in. */
  hello: '/api/auth/hello',
  enrol: '/api/auth/enrol',
  erased: '/api/auth/erased',
  login: '/api/auth/login',
  refresh: '/api/auth/refresh',
  totpBegin: '/api/auth/totp/begin',
  totpConfirm: '/api/auth/totp/confirm',
  totpRemove: '/api/auth/totp/remove',
  /** GET */
  totpState: '/api/auth/totp',
  oidcBegin: '/api/auth/oidc/begin',
  oidcFinish: '/api/auth/oidc/finish',
  logout: '/api/auth/logout',
  logoutEverywhere: '/api/auth/logout-everywhere',
  password: '/api/auth/password',
  /** GET */
  me: '/api/me',
  firstAdmin: '/api/auth/first-admin',
  firstAdminSites: '/api/auth/first-admin/sites',
  ticket: '/api/live/ticket',
  /** WebSocket */
  live: '/api/live',
  /** The room of a text and the ticket for its socket. */
  textOpen: '/api/texts/open',
  /** WebSocket, `/<room>` behind it */
  texts: '/api/live/texts',
  auditEvents: '/api/audit/events',
  auditQuery: '/api/audit/query',
  auditOpen: '/api/audit/open',
  auditPeople: '/api/audit/people',
  logWitness: '/api/audit/log/witness',
  logConsistency: '/api/audit/log/consistency',
  logInclusion: '/api/audit/log/inclusion',
  logState: '/api/audit/log/state',
  logSlice: '/api/audit/log/slice',
  quarantineList: '/api/quarantine/list',
  quarantineDecide: '/api/quarantine/decide',
  quarantineMine: '/api/quarantine/mine',
  searchPeople: '/api/search/people',
  personCard: '/api/people/card',
  /** GET */
  users: '/api/users',
  userCreate: '/api/users/create',
  userUpdate: '/api/users/update',
  /** GET */
  devices: '/api/devices',
  deviceCode: '/api/devices/code',
  deviceUpdate: '/api/devices/update',
  deviceErase: '/api/devices/erase',
} as const;

export function pullPath(collection: Collection, version: number = PROTOCOL_VERSION): string {
  return `/api/sync/${version}/${collection}/pull`;
}
export function pushPath(collection: Collection, version: number = PROTOCOL_VERSION): string {
  return `/api/sync/${version}/${collection}/push`;
}
export function idsPath(collection: Collection, version: number = PROTOCOL_VERSION): string {
  return `/api/sync/${version}/${collection}/ids`;
}

/** Where the files of the audit log are read (GET; C2SP tlog-tiles): `checkpoint`, `tile/…`, `tile/entries/…`. */
export const LOG_PREFIX = '/api/audit/log';
