import path from 'node:path';
import type { Account, Service } from '../../desktop/e2e/support/service.ts';
import { clientOf, type WireDoc } from '../../desktop/e2e/support/serviceClient.ts';
import type { Json } from '../../shared/src/docs/json.ts';
import { accountOf, makeCentre, serveCentre } from '../lib/centre.ts';
import { signIn, type BenchDesk } from '../lib/client.ts';
import { percentile, scaled, type Figure, type Goal, type Measured } from '../lib/figure.ts';
import { processCpu, processPeakMb } from '../lib/machine.ts';
import { inFolder } from '../lib/temp.ts';

const WARM_MS = 3_000;
const MEASURED_MS = 10_000;
const SETTLE_MS = 3_000;
/** Desks that sign in at once: each sign-in takes 64 MiB and a fifth of a second of one core. */
const AT_ONCE = 4;
/** What the service may take with 100 desks. */
const MEMORY_MB = 300;

interface Listener {
  readonly desk: BenchDesk;
  readonly stop: () => void;
}

interface Seen {
  readonly latencies: readonly number[];
  readonly failed: number;
  readonly missing: number;
  /** Processor time of the service per write and desk in ms. */
  readonly cost: number;
  /** Most memory that the service has had, in MB. */
  readonly memory: number;
}

/** `count` desks listen; together they write `perSecond` times a second; who sees what when. */
async function watch(
  { url, pid }: Service,
  account: Account,
  people: readonly WireDoc[],
  count: number,
  perSecond: number,
): Promise<Seen> {
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  let failed = 0;
  let from = Infinity;

  async function listen(): Promise<Listener> {
    const desk = await signIn(url, account);
    let checkpoint: string | null = null;
    for (let more = true; more;) ({ checkpoint, more } = await desk.pull('people', checkpoint));
    let busy = false;
    let again = false;
    // As the workstation does: one pull at a time, a notice meanwhile asks once more.
    const pull = async (): Promise<void> => {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      do {
        again = false;
        try {
          const page = await desk.pull('people', checkpoint);
          checkpoint = page.checkpoint;
          const now = performance.now();
          for (const { fields } of page.documents) {
            const sent = sentAt.get(String(fields['country']));
            if (sent !== undefined && sent >= from) latencies.push(now - sent);
          }
        } catch {
          failed += 1;
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          again = true;
        }
      } while (again);
      busy = false;
    };
    const stop = await desk.listen((collections) => {
      if (collections.includes('people')) void pull();
    });
    return { desk, stop };
  }

  const listeners: Listener[] = [];
  for (let at = 0; at < count; at += AT_ONCE) {
    const more = Math.min(AT_ONCE, count - at);
    listeners.push(...(await Promise.all(Array.from({ length: more }, listen))));
  }
  const values = new Map(people.map(({ id, fields }) => [id, (fields['country'] ?? null) as Json]));
  const start = performance.now();
  from = start + WARM_MS;
  let cpu = processCpu(pid);
  let writes = 0;
  for (let at = 0; performance.now() < from + MEASURED_MS; at += 1) {
    const due = start + (at * 1_000) / perSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    const person = people[at % people.length];
    const desk = listeners[at % count]?.desk;
    if (person === undefined || desk === undefined) continue;
    const after = `Valsts ${count} ${at}`;
    const change = { country: { before: values.get(person.id) ?? null, after } };
    values.set(person.id, after);
    const now = performance.now();
    if (now >= from) {
      if (writes === 0) cpu = processCpu(pid);
      writes += 1;
    }
    sentAt.set(after, now);
    const row = { id: person.id, kind: 'person', siteId: person.siteId, ops: [desk.op('edit', change)] };
    desk.push('people', [row]).catch(() => (failed += 1));
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const used = processCpu(pid) - cpu;
  const memory = processPeakMb(pid);
  for (const { stop } of listeners) stop();
  return {
    latencies,
    failed,
    missing: writes * count - latencies.length,
    cost: used / (writes * count),
    memory,
  };
}

export const figure: Figure = {
  name: 'live',
  title: 'A write is seen at other desks',
  how:
    'Desks without a browser sign in at the delivered service, listen on their live socket and pull when a notice comes, ' +
    'one pull at a time, as the workstation does; each delivery is under rights and in the audit log. From the push being ' +
    'sent to the document in the reply of another desk’s pull. One edited person per write; 300 people, so that a desk ' +
    'starts quickly. Desks, clients and service share the machine. Processor: of the service, per write and desk. Memory: the most that it has had, sign-ins included.',
  run: (log) =>
    inFolder(async (folder) => {
      const data = path.join(folder, 'data');
      await makeCentre(data, 'small');
      const rows: Measured[] = [];
      const goals: Goal[] = [];
      const notes: string[] = [];
      for (const [count, perSecond, limit] of [
        [scaled(22), scaled(22), undefined],
        [scaled(100), scaled(100), 10],
        [scaled(500), scaled(20), 50],
      ] as const) {
        const service = await serveCentre(data, folder);
        try {
          const account = accountOf(service, 'reception');
          const held = [...(await (await clientOf(service.url, account)).everything()).values()];
          const people = held.filter(({ kind }) => kind === 'person');
          const seen = await watch(service, account, people, count, perSecond);
          const name = `${count} desks, ${perSecond} writes a second`;
          const p95 = percentile(seen.latencies, 0.95);
          log(
            `${name}: p95 ${p95.toFixed(0)} ms, ${seen.cost.toFixed(2)} ms of processor, ${seen.failed} calls failed, ${seen.missing} not seen alone`,
          );
          rows.push(
            { name: `${name}, p95`, role: 'sivis', unit: 'ms', runs: [p95] },
            { name: `${name}, median`, role: 'sivis', unit: 'ms', runs: [percentile(seen.latencies, 0.5)] },
            { name: `${name}, processor`, role: 'sivis', unit: 'ms', runs: [seen.cost] },
            { name: `${name}, memory of the service`, role: 'sivis', unit: 'MB', runs: [seen.memory] },
          );
          notes.push(
            `${name}: ${seen.latencies.length} deliveries, ${seen.failed} calls failed; ${seen.missing} states were ` +
              'overtaken by a later write before a desk asked, or came after the end.',
          );
          if (limit !== undefined)
            goals.push({ text: `${name}, p95`, value: p95, unit: 'ms', limit, at: 'most' });
          if (count === scaled(100)) {
            const text = `${name}, memory of the service`;
            goals.push({ text, value: seen.memory, unit: 'MB', limit: MEMORY_MB, at: 'most' });
          }
        } finally {
          await service.stop();
        }
      }
      return { rows, goals, notes };
    }),
};
