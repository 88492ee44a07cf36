import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { newId } from '../../shared/src/ids/ids.ts';
import type { DeskEvent } from '../../shared/src/protocol/messages/deskEvents.ts';
import { PATHS } from '../../shared/src/protocol/paths.ts';
import { NO_EVENT } from '../../shared/src/tlog/deviceChain.ts';
import { deskEventHash } from '../../sync-service/src/audit/deskEvents.ts';
import { parseEnvelope } from '../../sync-service/src/audit/entry.ts';
import { openLog, readEntries, verifyPath } from '../../sync-service/src/audit/offline.ts';
import { accountOf, makeCentre, serveCentre } from '../lib/centre.ts';
import { signIn, type BenchDesk } from '../lib/client.ts';
import { percentile, scaled, type Figure } from '../lib/figure.ts';
import { inFolder } from '../lib/temp.ts';

const DESKS = 5;
const STEP_MS = 500;
/** Half an hour and a minute; `BENCH_SCALE=0.034` tries it for about one minute. */
const PHASES = [
  { name: 'sustained', perSecond: 500, seconds: scaled(1_800) },
  { name: 'burst', perSecond: 2_000, seconds: scaled(60) },
] as const;

/** A desk that tells of views, one after the other, as a person's desk does. */
function teller(desk: BenchDesk) {
  let n = 0;
  let prev = NO_EVENT;
  const id = newId();
  const event = (): DeskEvent => {
    n += 1;
    const made: DeskEvent = {
      eventId: newId(),
      at: new Date().toISOString(),
      action: 'view',
      screen: 'bench',
      offline: false,
      chain: { id, n, prev },
    };
    prev = deskEventHash(made);
    return made;
  };
  return {
    id,
    told: () => n,
    async tell(count: number): Promise<void> {
      const events = Array.from({ length: count }, event);
      const signed = desk.signed(prev);
      const answer = (await desk.post(PATHS.auditEvents, { events, signed })) as { accepted: string[] };
      if (answer.accepted.length !== count)
        throw new Error(`${answer.accepted.length} of ${count} were taken`);
    },
  };
}

export const figure: Figure = {
  name: 'audit-soak',
  title: 'Entries in the log, for half an hour',
  asked: true,
  how:
    `${DESKS} desks send the delivered service (node:sqlite, WAL, synchronous=FULL, over HTTP) what they have shown, twice a ` +
    `second each: ${PHASES.map(({ perSecond, seconds }) => `${perSecond} entries/s for ${seconds} s`).join(', then ')}. Every ` +
    'event is hashed, chained to the one before it, written and answered. Then the published files are verified, and every ' +
    'acknowledged event is looked for in them. From entry to checkpoint: the time in the entry until a checkpoint that ' +
    'covers it was seen on the disk.',
  run: (log) =>
    inFolder(async (folder) => {
      const data = path.join(folder, 'data');
      await makeCentre(data, 'small');
      const service = await serveCentre(data, folder);
      const dir = path.join(data, 'audit');
      /** Sizes of the checkpoints and when each was seen. */
      const seen: { readonly size: number; readonly at: number }[] = [];
      const look = async (): Promise<void> => {
        const note = await readFile(path.join(dir, 'checkpoint'), 'utf8').catch(() => '');
        const size = Number(note.split('\n')[1] ?? 0);
        if (size > (seen.at(-1)?.size ?? 0)) seen.push({ size, at: Date.now() });
      };
      const rates: Record<string, number[]> = {};
      const answers: number[] = [];
      const tellers = [];
      const timer = setInterval(() => void look(), 250);
      try {
        for (let desk = 0; desk < DESKS; desk += 1)
          tellers.push(teller(await signIn(service.url, accountOf(service, 'reception'))));
        for (const { name, perSecond, seconds } of PHASES) {
          const batch = (perSecond / DESKS) * (STEP_MS / 1_000);
          const start = performance.now();
          const minutes: number[] = Array.from({ length: Math.ceil(seconds / 60) }, () => 0);
          const tellAll = async (one: ReturnType<typeof teller>): Promise<void> => {
            for (let step = 0; step * STEP_MS < seconds * 1_000; step += 1) {
              const wait = start + step * STEP_MS - performance.now();
              if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
              const sent = performance.now();
              await one.tell(batch);
              answers.push(performance.now() - sent);
              const minute = Math.min(Math.floor((performance.now() - start) / 60_000), minutes.length - 1);
              minutes[minute] = (minutes[minute] ?? 0) + batch;
            }
          };
          await Promise.all(tellers.map(tellAll));
          const took = (performance.now() - start) / 1_000;
          // The last minute is as long as the phase leaves it, and longer where the service was late.
          rates[name] = minutes.map(
            (count, at) => count / Math.max(1, at === minutes.length - 1 ? took - at * 60 : 60),
          );
          log(
            `${name}: ${(minutes.reduce((sum, count) => sum + count, 0) / took).toFixed(0)} entries/s in ${took.toFixed(0)} s`,
          );
        }
      } finally {
        await service.stop();
        clearInterval(timer);
      }
      await look();
      const { verdict, deviceAlarms } = await verifyPath(dir);
      if (verdict !== 'ok' || deviceAlarms > 0)
        throw new Error(`the log is ${verdict}, ${deviceAlarms} alarms`);
      const found = new Map<string, number>();
      const lags: number[] = [];
      let covered = 0;
      for await (const { seq, text } of readEntries(await openLog(dir))) {
        const { at, deviceChain } = parseEnvelope(text);
        if (deviceChain !== undefined) found.set(deviceChain, (found.get(deviceChain) ?? 0) + 1);
        while ((seen[covered]?.size ?? Infinity) < seq) covered += 1;
        lags.push((seen[covered]?.at ?? Date.now()) - Date.parse(at));
      }
      const told = tellers.reduce((sum, one) => sum + one.told(), 0);
      const lost = tellers.reduce((sum, one) => sum + Math.abs(one.told() - (found.get(one.id) ?? 0)), 0);
      log(`${told} entries were acknowledged, ${lost} are missing; ${seen.length} checkpoints`);
      const worst = (name: string): number => Math.min(...(rates[name] ?? [0]));
      return {
        rows: [
          ...PHASES.map(({ name, perSecond }) => ({
            name: `${name}, ${perSecond}/s asked, each minute`,
            role: 'sivis' as const,
            unit: '/s' as const,
            runs: rates[name] ?? [],
          })),
          { name: 'answer to a batch', role: 'sivis' as const, unit: 'ms' as const, runs: answers },
        ],
        goals: [
          // A minute that began late is not a slow one: a hundredth is the clock's.
          {
            text: 'sustained, slowest minute',
            value: worst('sustained'),
            unit: '/s',
            limit: 495,
            at: 'least',
          },
          { text: 'burst, slowest minute', value: worst('burst'), unit: '/s', limit: 1_980, at: 'least' },
          { text: 'acknowledged entries that are missing', value: lost, unit: '×', limit: 0, at: 'most' },
          {
            text: 'entry to checkpoint, p99',
            value: percentile(lags, 0.99),
            unit: 'ms',
            limit: 65_000,
            at: 'most',
          },
        ],
        notes: [
          `${told} entries were acknowledged, ${lost} of them are missing. ${seen.length} checkpoints.`,
        ],
      };
    }),
};
