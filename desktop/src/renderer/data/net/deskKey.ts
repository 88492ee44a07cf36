import type { DeskSignature } from '@sivis/shared/protocol/messages/deskEvents.ts';
import { toBase64, utf8 } from '../keys/bytes.ts';

/** The key of this desk. Tokens are bound to it; what it signs proves that a request comes from here (RFC 9449). */
export interface DeskKey {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** A request as its proof names it. */
export interface Provable {
  readonly method: string;
  /** Whole address without query. */
  readonly url: string;
  readonly token: string | undefined;
  readonly nonce: string | undefined;
  /** The service's time as far as it is known, ms. */
  readonly nowMs: number;
}

const EC = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** A fresh P-256 pair; the private half can never be read, only used. */
export async function newDeskKey(): Promise<DeskKey> {
  return crypto.subtle.generateKey(EC, false, ['sign', 'verify']);
}

function base64url(bytes: Uint8Array<ArrayBuffer>): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const coded = (value: unknown): string => base64url(utf8(JSON.stringify(value)));

/**
 * A proof of possession for one request. Written here and not by a library, because its time must be the service's:
 * desks' clocks are wrong, and the service takes a proof within a minute only.
 */
export async function proofOf(key: DeskKey, request: Provable): Promise<string> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey);
  const header = { alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } };
  const ath =
    request.token === undefined
      ? undefined
      : base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(request.token))));
  const payload = {
    jti: crypto.randomUUID(),
    htm: request.method,
    htu: request.url,
    iat: Math.floor(request.nowMs / 1_000),
    nonce: request.nonce,
    ath,
  };
  const text = `${coded(header)}.${coded(payload)}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, utf8(text));
  return `${text}.${base64url(new Uint8Array(signature))}`;
}

/** Signs a text (ES256); gives the public key beside, as x and y. */
export async function signatureOf(key: DeskKey, text: string): Promise<DeskSignature> {
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', key.publicKey));
  const value = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, utf8(text));
  return { key: base64url(point.slice(1)), value: base64url(new Uint8Array(value)) };
}

/** The database of the desk's own key. */
export const DESK_KEY_DATABASE = 'sivis-desk-key';

/** Where the key stands: by its name, as it is (structured clone). */
export interface KeyShelf {
  get(): Promise<unknown>;
  /** Resolves when it is on disk. */
  put(key: DeskKey): Promise<void>;
}

function isDeskKey(value: unknown): value is DeskKey {
  const pair = value as Partial<DeskKey> | undefined;
  return pair?.privateKey instanceof CryptoKey && pair.publicKey instanceof CryptoKey;
}

/**
 * The key of this desk; made at the first start. A key that cannot be read now is no reason to make another one: the
 * desk would be a stranger to the service. Rejects then.
 */
export async function openDeskKey(shelf: KeyShelf): Promise<DeskKey> {
  const known = await shelf.get();
  if (isDeskKey(known)) return known;
  if (known !== undefined) throw new Error('the key of this desk is not readable');
  const made = await newDeskKey();
  await shelf.put(made);
  return made;
}

const STORE = 'key';

/** The desk's id, beside its key. */
export interface IdShelf {
  getId(): Promise<unknown>;
  /** Resolves when it is on disk. */
  putId(id: string): Promise<void>;
}

/** A database of its own for the key; a browser keeps a private key there without ever giving its bytes. */
export function indexedDbShelf(factory: IDBFactory): KeyShelf & IdShelf {
  const open = new Promise<IDBDatabase>((resolve, reject) => {
    const request = factory.open(DESK_KEY_DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE);
    };
    request.onsuccess = () => {
      // An erasure of the desk removes the database.
      request.result.onversionchange = () => {
        request.result.close();
      };
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB does not open'));
    };
  });
  const run = async <T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> => {
    const transaction = (await open).transaction(STORE, mode, { durability: 'strict' });
    const request = work(transaction.objectStore(STORE));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => {
        resolve();
      };
      transaction.onabort = () => {
        reject(transaction.error ?? new Error('IndexedDB gave up'));
      };
    });
    return request.result;
  };
  return {
    get: () => run<unknown>('readonly', (store) => store.get('desk')),
    put: async (key) => {
      await run('readwrite', (store) => store.put(key, 'desk'));
    },
    getId: () => run<unknown>('readonly', (store) => store.get('id')),
    putId: async (id) => {
      await run('readwrite', (store) => store.put(id, 'id'));
    },
  };
}
