import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import type { Subject } from '@sivis/shared/access/can.ts';
import { SITES, USERS, makeDoc, testId } from '../contractWorld.ts';
import type { AuditIndex, Desk, NewDoc, PageRow, Store } from '../store.ts';
import type { SqlCondition } from '../visibility.ts';

/** What the contract needs of an engine. */
export interface ContractEngine {
  /** Opens the store that lives in the folder; the same folder opens the same store. */
  open(dir: string): Promise<Store>;
  /** Opens the copy that `backupTo` wrote. */
  openCopy(file: string): Promise<Store>;
  /** A program that writes document after document and prints the number of each acknowledged one. */
  crashWriter: string;
  /** What that program is told of the store in the folder. */
  crashTarget(dir: string): Promise<string>;
  /** Tries to rewrite the audit log past the interface; resolves with how many of the ways were refused, of how many. */
  tamper(store: Store): Promise<{ refused: number; tried: number }>;
}

export const EVERYTHING: SqlCondition = { sql: '1 = 1', params: [] };
export const DESK: Desk = { deviceId: testId(20, 1), userId: USERS[0] };
export const RECEPTION: Subject = { userId: USERS[0], role: 'reception', siteIds: [SITES[0]] };

export const index = (seq: number, more: Partial<AuditIndex> = {}): AuditIndex => ({
  at: `2026-11-21T10:00:${String(seq % 60).padStart(2, '0')}.000Z`,
  happenedAt: `2026-11-21T10:00:${String(seq % 60).padStart(2, '0')}.000Z`,
  actorId: USERS[0],
  deviceId: DESK.deviceId,
  action: 'view',
  siteId: SITES[0],
  subjectRefs: [],
  personal: false,
  ...more,
});

export const person = (at: number, family: string, given: string, more: NewDoc['fields'] = {}): NewDoc =>
  makeDoc(testId(3, at), 'person', SITES[0], { familyName: family, givenName: given, ...more });

/** The stores of a test run against one engine: opened in folders of their own, closed and removed after each test. */
export interface TestStores {
  readonly engine: ContractEngine;
  readonly folder: () => string;
  readonly open: (dir?: string) => Promise<Store>;
  /** Counts it among those to be closed. */
  readonly keep: (store: Store) => void;
  /** Closes it before its time. */
  readonly close: (store: Store) => Promise<void>;
  readonly page: (store: Store, after: number, limit?: number, visible?: SqlCondition) => Promise<PageRow[]>;
}

export function testStores(engine: ContractEngine): TestStores {
  const opened: Store[] = [];
  const dirs: string[] = [];
  const folder = (): string => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sivis-store-'));
    dirs.push(dir);
    return dir;
  };
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });
  return {
    engine,
    folder,
    async open(dir = folder()) {
      const store = await engine.open(dir);
      opened.push(store);
      return store;
    },
    keep(store) {
      opened.push(store);
    },
    async close(store) {
      opened.splice(opened.indexOf(store), 1);
      await store.close();
    },
    page: (store, after, limit = 100, visible = EVERYTHING) =>
      store.read((tx) => tx.page('people', after, limit, DESK, visible)),
  };
}
