import { connectSources } from '@sivis/shared/protocol/contentPolicy.ts';
import type { Result } from '../preload/contract.ts';
import type { Effective } from './policies.ts';
import { parseServerAddress } from './server-address.ts';

export interface ServerSetting {
  /** Origin of the sync service now, or null. */
  readonly origin: () => string | null;
  readonly managed: boolean;
  /** What the page may connect to now. */
  readonly connect: () => readonly string[];
  /** The user gives an address. */
  readonly set: (text: string) => Promise<Result<'setServerUrl'>>;
}

export interface ServerSettingOptions {
  readonly initial: Effective<'ServerUrl'>;
  /** Asks the person in a window of main's own: a page that was taken over could not answer it. */
  readonly confirm: (origin: string) => Promise<boolean>;
  readonly save: (origin: string) => Promise<void>;
  /** Called after an address was saved. */
  readonly changed: () => void;
}

/**
 * The address of the service: by policy, by the environment of a development start, or given by the user
 * where the administration left it open.
 */
export function createServerSetting(options: ServerSettingOptions): ServerSetting {
  const { initial, confirm, save, changed } = options;
  const managed = initial.level === 'mandatory' || initial.level === 'development';
  let origin = initial.value;

  return {
    managed,
    origin: () => origin,
    connect: () => (origin === null ? [] : connectSources(origin)),
    async set(text) {
      if (managed) return { state: 'refused', reason: 'managed' };
      const address = parseServerAddress(text);
      if (!address.ok) return { state: 'refused', reason: address.reason };
      if (!(await confirm(address.origin))) return { state: 'refused', reason: 'declined' };
      try {
        await save(address.origin);
      } catch {
        return { state: 'refused', reason: 'failed' };
      }
      origin = address.origin;
      changed();
      return { state: 'saved' };
    },
  };
}
