/** What a password key is derived with; stands in the key slot, so that it can be raised later. */
export interface KdfParams {
  readonly algorithm: 'argon2id';
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
}

/** Decision 14: 64 MiB, t = 3, p = 1; above the floor of ASVS 5.0 11.4.4 (19 MiB, t = 2). */
export const KDF_PARAMS: KdfParams = {
  algorithm: 'argon2id',
  memoryKiB: 65_536,
  iterations: 3,
  parallelism: 1,
};

/** Derives 32 bytes from a password. Slow by design; never on the page's own thread. */
export type DeriveBytes = (
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  params: KdfParams,
) => Promise<Uint8Array<ArrayBuffer>>;

/** What the page and the derivation worker say to each other. */
export interface KdfRequest {
  readonly password: string;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly params: KdfParams;
}
export type KdfReply = { readonly key: Uint8Array<ArrayBuffer> } | { readonly error: string };
