import path from 'node:path';
import { systemClock } from '../../shared/src/time/clock.ts';
import { newId } from '../../shared/src/ids/ids.ts';
import type { PushRow } from '../../shared/src/protocol/messages/sync.ts';
import { openDataFolder } from '../../sync-service/src/cli/dataFolder.ts';
import { syncEntries } from '../../sync-service/src/http/sync.ts';
import { subjectOf, type RequestContext } from '../../sync-service/src/identity/context.ts';
import { createSyncService, type SyncService } from '../../sync-service/src/sync/service.ts';
import type { NewDoc } from '../../sync-service/src/store/store.ts';
import { makeCentre } from '../lib/centre.ts';
import { median, timed, type Figure } from '../lib/figure.ts';
import { inventPeople, putAll, siteOf } from '../lib/people.ts';
import { inFolder } from '../lib/temp.ts';

const BATCH = 1_000;
const BATCHES = 7;
const SINGLES = 300;
const ROUNDS = 7;

export const figure: Figure = {
  name: 'audit-cost',
  title: 'What the audit log costs a write',
  how:
    'One push through the service (rights, rules, merge, replay protection, node:sqlite with WAL and synchronous=FULL, in ' +
    `process, no HTTP) with the audit log and with the same calls writing nothing: single rows (rounds of ${SINGLES}, ms ` +
    `per write) and batches of ${BATCH} rows. A row edits one field of a person. With the log a batch writes an entry per ` +
    'row (envelope, payload, leaf hash, salt, pseudonym) and one for what the answer hands back.',
  run: (log) =>
    inFolder(async (folder) => {
      const data = path.join(folder, 'data');
      let people: NewDoc[] = [];
      await makeCentre(data, 'small', async ({ store }) => {
        people = [...inventPeople(BATCH, await siteOf(store))];
        await putAll(store, people);
      });
      const { store, keys, audit } = await openDataFolder(data);
      const user = (await store.read((tx) => tx.users())).find(({ role }) => role === 'reception');
      if (user === undefined) throw new Error('the centre has no reception');
      const context: RequestContext = {
        subject: subjectOf(user),
        user,
        deviceId: newId(),
        sessionId: newId(),
        thumbprint: '',
        ip: '127.0.0.1',
        app: 'bench',
        requestId: newId(),
        nowMs: Date.now(),
      };
      const base = { store, clock: systemClock, key: keys.checkpoint, newId };
      const nothing = async (): Promise<void> => undefined;
      const audited = createSyncService({ ...base, ...syncEntries(audit) });
      const plain = createSyncService<RequestContext>({
        ...base,
        recordChange: nothing,
        recordReplicate: nothing,
      });

      const countries = new Map(people.map(({ id, fields }) => [id, fields['country'] ?? null]));
      let turn = 0;
      const rowsOf = (count: number): PushRow[] =>
        people.slice(0, count).map(({ id, siteId }) => {
          turn += 1;
          const before = countries.get(id) ?? null;
          const after = `Valsts ${turn}`;
          countries.set(id, after);
          const at = new Date().toISOString();
          const change = { country: { before, after } };
          const op = {
            opId: newId(),
            kind: 'edit',
            at,
            actor: user.id,
            device: context.deviceId,
            changes: change,
          };
          return { id, kind: 'person', siteId, ops: [op] };
        });
      const push = async (service: SyncService<RequestContext>, rows: readonly PushRow[]): Promise<void> => {
        const answer = await service.push(context, 'people', rows);
        const refused = answer.rows.find(({ outcome }) => outcome !== 'accepted');
        if (refused !== undefined) throw new Error(JSON.stringify(refused));
      };
      const singles = async (service: SyncService<RequestContext>): Promise<number> => {
        const list = Array.from({ length: SINGLES }, () => rowsOf(1));
        const [ms = 0] = await timed(1, async () => {
          for (const rows of list) await push(service, rows);
        });
        return ms / SINGLES;
      };
      const one = { audited: [] as number[], plain: [] as number[] };
      const many = { audited: [] as number[], plain: [] as number[] };
      try {
        await push(plain, rowsOf(BATCH));
        await push(audited, rowsOf(BATCH));
        for (let round = 0; round < ROUNDS; round += 1) {
          one.plain.push(await singles(plain));
          one.audited.push(await singles(audited));
        }
        for (let round = 0; round < BATCHES; round += 1) {
          many.plain.push(...(await timed(1, () => push(plain, rowsOf(BATCH)))));
          many.audited.push(...(await timed(1, () => push(audited, rowsOf(BATCH)))));
        }
      } finally {
        await store.close();
      }
      log(`single ${median(one.plain).toFixed(2)} and ${median(one.audited).toFixed(2)} ms`);
      const ratio = ({ audited: a, plain: b }: typeof one): number => median(a) / median(b);
      return {
        rows: [
          { name: 'single row with the log', role: 'sivis', unit: 'ms', runs: one.audited },
          { name: 'single row without', role: 'bare', unit: 'ms', runs: one.plain },
          { name: `batch of ${BATCH} with the log`, role: 'sivis', unit: 'ms', runs: many.audited },
          { name: `batch of ${BATCH} without`, role: 'bare', unit: 'ms', runs: many.plain },
        ],
        goals: [
          { text: 'single rows', value: ratio(one), unit: '×', limit: 1.25, at: 'most' },
          { text: `batches of ${BATCH}`, value: ratio(many), unit: '×', limit: 2.5, at: 'most' },
        ],
      };
    }),
};
