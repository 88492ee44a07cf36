import { cp, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from '@playwright/test';
import { type Desk, openDesk } from './desk.ts';
import { TEMPLATE_VARIABLE } from './globalSetup.ts';
import { type Account, type Service, startService } from './service.ts';
import { clientOf, type ServiceClient } from './serviceClient.ts';

export type RoleName = 'reception' | 'dutyManager' | 'specialist' | 'catering' | 'it' | 'auditor';

/** One centre for one test: a data folder, the service on it, and the desks that were opened. */
export interface House {
  readonly service: Service;
  readonly data: string;
  readonly desks: readonly Desk[];
  /** A demonstration account; `n` counts those of one role. */
  account(role: RoleName, n?: number): Account;
  /** A workstation with its person signed in and everything received. */
  desk(role: RoleName, options?: { readonly n?: number; readonly own?: boolean }): Promise<Desk>;
  /** A workstation that shows its sign-in. */
  closedDesk(account: Account, own?: boolean): Promise<Desk>;
  /** The service without the product, as a user. */
  client(account: Account): Promise<ServiceClient>;
  killService(): Promise<void>;
  /** Starts it anew on the same folder and port. */
  startService(): Promise<void>;
  /** Stops the service and starts it with other settings (variables of its environment). */
  restart(settings: Readonly<Record<string, string>>): Promise<void>;
  /** A folder that goes with the house. */
  folder(name: string): string;
  close(): Promise<void>;
}

/** Copies the centre of the run and starts the service on it. */
export async function openHouse(browser: Browser): Promise<House> {
  const template = process.env[TEMPLATE_VARIABLE];
  if (template === undefined) throw new Error('the centre was not made: run through playwright.config.ts');
  const home = await mkdtemp(path.join(os.tmpdir(), 'sivis-house-'));
  const data = path.join(home, 'data');
  await cp(template, data, { recursive: true });
  let service = await startService(data);
  const desks: Desk[] = [];

  const account = (role: RoleName, n = 0): Account => {
    const found = service.accounts.filter((one) => one.role === role)[n];
    if (found === undefined) throw new Error(`no account ${n} of ${role}`);
    return found;
  };
  const closedDesk = async (who: Account, own = false): Promise<Desk> => {
    const profile = own ? path.join(home, `desk-${desks.length + 1}`) : undefined;
    const desk = await openDesk(browser, { servicePort: service.port, account: who, profile });
    desks.push(desk);
    return desk;
  };
  return {
    get service() {
      return service;
    },
    data,
    desks,
    account,
    closedDesk,
    async desk(role, { n = 0, own = false } = {}) {
      const desk = await closedDesk(account(role, n), own);
      await desk.signIn();
      await desk.synced();
      return desk;
    },
    client: (who) => clientOf(service.url, who),
    killService: () => service.kill(),
    async startService() {
      service = await startService(data, service.port);
    },
    async restart(settings) {
      await service.stop();
      service = await startService(data, service.port, settings);
    },
    folder: (name) => path.join(home, name),
    async close() {
      await Promise.all(desks.map((desk) => desk.close().catch(() => undefined)));
      await service.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
