import { newId } from '@sivis/shared/ids/ids.ts';
import type { Op } from '@sivis/shared/docs/op.ts';
import type { Kind } from '@sivis/shared/docs/kinds.ts';
import { diffFields } from '@sivis/shared/docs/op.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { viewOf } from '../core/localDoc.ts';
import type { OpWrite } from '../core/unsent.ts';
import { createDocStore } from './docStore.ts';
import { testDesk, until } from './testDesk.ts';
import { testService } from './testService.ts';

const SITE = newId();
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((desk) => desk.close()));
});

async function desk(
  service: ReturnType<typeof testService>,
  ...rest: [Parameters<typeof testDesk>[1]?, Parameters<typeof testDesk>[2]?]
) {
  const made = await testDesk(service.calls, ...rest);
  opened.push(made);
  return made;
}

function write(kind: Kind, id: string, before: object, after: object, opKind = 'edit'): OpWrite {
  const op: Op = {
    opId: newId(),
    kind: opKind,
    at: '2026-11-21T10:00:00.000Z',
    actor: newId(),
    device: newId(),
    changes: diffFields(before as never, after as never),
  };
  return { id, kind, siteId: SITE, op };
}

const anna = { familyName: 'Bērziņa', givenName: 'Anna' };

describe('sync', () => {
  it('receives what the service has, in pages, and knows when it has all', async () => {
    const service = testService();
    for (let index = 0; index < 2_300; index += 1) {
      service.put({ id: newId(), kind: 'person', siteId: SITE, fields: { ...anna, country: `${index}` } });
    }
    service.put({
      id: newId(),
      kind: 'site',
      siteId: SITE,
      fields: { name: 'Dubulti', code: 'D', order: 0 },
    });
    const one = await desk(service);
    await one.sync.start();
    let synced = false;
    one.sync.state.subscribe((state) => {
      synced = state.hasSynced;
    });
    await until(() => synced);
    // Not only received: on the desk, where the search and the lists find it.
    expect(one.store.count('people')).toBe(2_300);
    expect(service.log[0]).toBe('pull reference');
  }, 20_000);

  it('sends operations, takes the echo and has nothing pending then', async () => {
    const service = testService();
    const one = await desk(service);
    await one.sync.start();
    const id = newId();
    await one.store.write([write('person', id, {}, anna, 'create')]);
    expect(one.store.pending('people').size).toBe(1);
    await until(() => one.store.pending('people').size === 0);
    expect(one.store.get('people', id)).toMatchObject({ rev: 1, base: anna, ops: [] });
    expect(service.docs.get(id)?.fields).toEqual(anna);
    await one.store.write([write('person', id, anna, { ...anna, givenName: 'Zane' })]);
    await until(() => one.store.get('people', id)?.rev === 2);
    await one.sync.syncNow();
    expect(one.filed.filter((record) => record.type !== 'sent')).toEqual([]);
  });

  it('shows a change of another desk after a notice, with own unsent changes on top', async () => {
    const service = testService();
    const id = newId();
    service.put({ id, kind: 'person', siteId: SITE, fields: anna });
    const one = await desk(service);
    await one.sync.start();
    await until(() => one.store.get('people', id) !== undefined);
    one.usable.set(false);
    await one.store.write([write('person', id, anna, { ...anna, givenName: 'Zane' })]);
    service.put({ id, kind: 'person', siteId: SITE, fields: { ...anna, country: 'LV' } });
    one.usable.set(true);
    one.sync.touch(['people']);
    await until(() => service.docs.get(id)?.fields['givenName'] === 'Zane');
    await until(() => one.store.pending('people').size === 0);
    const doc = one.store.get('people', id);
    expect(doc && viewOf(doc)).toEqual({ ...anna, givenName: 'Zane', country: 'LV' });
  });

  it('files a refusal durably, gives the service’s state back and does not send it again', async () => {
    const service = testService((_, op) => (op.kind === 'create' ? 'noRight' : null));
    const one = await desk(service);
    await one.sync.start();
    const id = newId();
    await one.store.write([write('person', id, {}, anna, 'create')]);
    await until(() => one.filed.some((record) => record.type === 'rejection'));
    await until(() => one.store.pending('people').size === 0);
    expect(one.store.get('people', id)).toBeUndefined();
    const kept = await one.outbox.all<{ view: object }>('rejection');
    expect(kept[0]?.data.view).toEqual(anna);
    const pushes = service.log.filter((line) => line.startsWith('push')).length;
    await one.sync.syncNow();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(service.log.filter((line) => line.startsWith('push'))).toHaveLength(pushes);
  });

  it('keeps both values of a clash', async () => {
    const service = testService();
    const id = newId();
    service.put({ id, kind: 'person', siteId: SITE, fields: anna });
    const one = await desk(service);
    await one.sync.start();
    await until(() => one.store.get('people', id) !== undefined);
    service.put({ id, kind: 'person', siteId: SITE, fields: { ...anna, givenName: 'Aija' } });
    await one.store.write([write('person', id, anna, { ...anna, givenName: 'Zane' })]);
    await until(() => one.filed.some((record) => record.type === 'conflict'));
    await until(() => one.store.get('people', id)?.base['givenName'] === 'Aija');
    expect(one.filed.find((record) => record.type === 'conflict')).toMatchObject({
      id: `${id}.givenName`,
      base: 'Anna',
      mine: 'Zane',
      theirs: 'Aija',
    });
  });

  it('tries what waits again when what it refers to has arrived', async () => {
    const service = testService();
    const one = await desk(service);
    await one.sync.start();
    const personId = newId();
    const contactId = newId();
    const contact = { personId, contactKind: 'phone', value: '+371 20000017' };
    await one.store.write([write('contact', contactId, {}, contact, 'create')]);
    await until(() => service.log.some((line) => line.startsWith('push people')));
    expect(one.store.pending('people').size).toBe(1);
    service.put({ id: personId, kind: 'person', siteId: SITE, fields: anna });
    one.sync.touch(['people']);
    await until(() => service.docs.has(contactId));
    await until(() => one.store.pending('people').size === 0);
  });

  it('sends nothing once it is stopped, stops at once and goes on after a new start', async () => {
    const service = testService();
    const one = await desk(service);
    await one.sync.start();
    await one.sync.syncNow();
    one.usable.set(false);
    const id = newId();
    await one.store.write([write('person', id, {}, anna, 'create')]);
    const calls = service.log.length;
    const began = Date.now();
    await one.sync.stop();
    expect(Date.now() - began).toBeLessThan(1_000);
    one.usable.set(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(service.log).toHaveLength(calls);
    expect(one.store.pending('people').size).toBe(1);
    await one.sync.start();
    await until(() => service.docs.has(id));
  });

  it('loses nothing over a restart of the desk', async () => {
    const service = testService();
    const first = await testDesk(service.calls);
    first.usable.set(false);
    const id = newId();
    await first.store.write([write('person', id, {}, anna, 'create')]);
    await first.sync.start();
    await first.close();
    const second = await desk(service, first.key, first.storage);
    expect(second.store.pending('people').size).toBe(1);
    await second.sync.start();
    await until(() => service.docs.has(id));
    await until(() => second.store.pending('people').size === 0);
  });

  it('reconciles ids: fetches what was missed and erases what may no longer be here', async () => {
    const service = testService();
    const ids = Array.from({ length: 5 }, newId);
    for (const id of ids) service.put({ id, kind: 'person', siteId: SITE, fields: anna });
    const one = await desk(service);
    await one.sync.start();
    await until(() => one.store.count('people') === 5);
    await one.sync.syncNow();
    const [gone, missed] = ids as [string, string];
    service.docs.delete(gone);
    // A document whose place in the sequence was passed over.
    const late = newId();
    service.put({ id: late, kind: 'person', siteId: SITE, fields: anna });
    const doc = service.docs.get(late);
    if (doc) service.docs.set(late, { ...doc, seq: 0.5 });
    await one.sync.reconcile();
    await until(() => one.store.get('people', late) !== undefined);
    await until(() => one.store.get('people', gone) === undefined);
    expect(one.store.get('people', missed)).toBeDefined();
  });

  it('pushes again what a restored service lacks, also when ids are compared before the next pull', async () => {
    const before = testService();
    let service = before;
    const one = await desk({
      ...before,
      calls: {
        push: (...args) => service.calls.push(...args),
        ids: (...args) => service.calls.ids(...args),
        async pull(collection, request, signal) {
          const [epoch = '', seq = '0'] = request.checkpoint?.split(' ') ?? [];
          const now = service === before ? 'before' : 'after';
          const checkpoint = request.checkpoint === null || epoch !== now ? null : seq;
          const page = await service.calls.pull(collection, { ...request, checkpoint }, signal);
          const resync = request.checkpoint === null || epoch === now ? 'no' : 'epoch';
          return { ...page, resync, checkpoint: `${now} ${page.checkpoint}` };
        },
      },
    });
    const known = newId();
    before.put({ id: known, kind: 'person', siteId: SITE, fields: anna });
    await one.sync.start();
    await one.sync.syncNow();
    const id = newId();
    await one.store.write([write('person', id, {}, anna, 'create')]);
    await until(
      () => one.filed.some(({ type }) => type === 'sent') && one.store.pending('people').size === 0,
    );
    await one.sync.syncNow();
    service = testService();
    for (const other of [known, newId()])
      service.put({ id: other, kind: 'person', siteId: SITE, fields: anna });
    await one.sync.reconcile();
    await one.sync.syncNow();
    await until(() => service.docs.has(id));
  });

  it('is as new as the service when a page and an older answer meet', async () => {
    const service = testService();
    const id = newId();
    service.put({ id, kind: 'person', siteId: SITE, fields: anna });
    const pages = gate();
    const answers = gate();
    const { pull, push } = service.calls;
    service.calls.pull = async (...args) => {
      if (args[0] === 'people') await pages.pass();
      return pull(...args);
    };
    service.calls.push = async (...args) => {
      const answer = structuredClone(await push(...args));
      await answers.pass();
      return answer;
    };
    const one = await desk(service);
    await one.sync.start();
    await until(() => one.store.get('people', id) !== undefined);
    await one.sync.syncNow();
    pages.close();
    answers.close();
    one.sync.touch(['people']);
    await until(() => pages.waiting());
    await one.store.write([write('person', id, anna, { ...anna, givenName: 'Zane' })]);
    await until(() => answers.waiting());
    service.put({ id, kind: 'person', siteId: SITE, fields: { ...anna, givenName: 'Aija' } });
    pages.open();
    await new Promise((resolve) => setTimeout(resolve, 100));
    answers.open();
    await until(() => one.store.get('people', id)?.rev === 3);
    expect(one.store.get('people', id)).toMatchObject({ base: { givenName: 'Aija' }, ops: [] });
  });

  it.each([0, 10, 20, 30, 40])(
    'has nothing unanswered when an answer is written beside a page (%i ms)',
    async (ms) => {
      const service = testService();
      const id = newId();
      service.put({ id, kind: 'person', siteId: SITE, fields: anna });
      const pages = gate();
      const answers = gate();
      const { pull, push } = service.calls;
      service.calls.pull = async (...args) => {
        const page = await pull(...args);
        if (args[0] === 'people') await pages.pass();
        return page;
      };
      service.calls.push = async (...args) => {
        const answer = await push(...args);
        await answers.pass();
        return answer;
      };
      const one = await desk(service);
      await one.sync.start();
      await until(() => one.store.get('people', id) !== undefined);
      await one.sync.syncNow();
      service.put({ id, kind: 'person', siteId: SITE, fields: { ...anna, country: 'LV' } });
      pages.close();
      answers.close();
      one.sync.touch(['people']);
      await until(() => pages.waiting());
      await one.store.write([write('person', id, anna, { ...anna, givenName: 'Zane' })]);
      await until(() => answers.waiting());
      answers.open();
      await new Promise((resolve) => setTimeout(resolve, ms));
      pages.open();
      await until(() => one.store.pending('people').size === 0 && one.store.get('people', id)?.rev === 3);
    },
  );

  it('asks one question after the other', async () => {
    const service = testService();
    const person = newId();
    const reservation = newId();
    service.put({ id: person, kind: 'person', siteId: SITE, fields: anna });
    service.put({ id: reservation, kind: 'reservation', siteId: SITE, fields: {} });
    const { pull } = service.calls;
    let large = false;
    service.calls.pull = async (...args) => {
      const page = await pull(...args);
      const gone = { people: [person, 'person'], lodging: [reservation, 'reservation'] }[args[0] as string];
      if (!large || gone === undefined) return page;
      return { ...page, documents: [service.blank(...(gone as [string, string]))], removals: 40, held: 50 };
    };
    const one = await desk(service);
    await one.sync.start();
    await until(() => one.store.count('people') + one.store.count('lodging') === 2);
    await one.sync.syncNow();
    const asked: string[] = [];
    one.sync.question.subscribe((question) => {
      if (question !== null) asked.push(question.collection);
    });
    large = true;
    one.sync.touch(['people', 'lodging']);
    await until(() => asked.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    one.sync.answerRemoval(true);
    await until(() => asked.length === 2);
    one.sync.answerRemoval(true);
    await until(() => one.store.count('people') + one.store.count('lodging') === 0);
    expect(asked.sort()).toEqual(['lodging', 'people']);
  });

  it('shows all documents behind a damaged one', async () => {
    const service = testService();
    const ids = Array.from({ length: 2_100 }, newId).sort();
    for (const id of ids) service.put({ id, kind: 'person', siteId: SITE, fields: anna });
    const one = await desk(service);
    await one.sync.start();
    await until(() => one.store.count('people') === 2_100);
    await one.sync.stop();
    const stored = one.database.docs.people.internalStorageInstance as unknown as {
      internals: { documents: Map<string, { enc: string }> };
    };
    const damaged = stored.internals.documents.get(ids[5] ?? '');
    if (damaged === undefined) throw new Error('not stored');
    damaged.enc = `${damaged.enc.slice(0, -8)}AAAAAAA=`;
    const again = createDocStore(one.database);
    await again.load();
    expect(again.count('people')).toBe(2_099);
    expect(one.quarantined).toHaveLength(1);
    again.close();
  }, 20_000);
});

/** A door that lets calls pass while it is open; closed, it holds the first that comes. */
function gate() {
  let closed = false;
  let held: (() => void) | null = null;
  return {
    close: () => {
      closed = true;
    },
    open: () => {
      closed = false;
      held?.();
      held = null;
    },
    waiting: () => held !== null,
    pass: () =>
      closed
        ? new Promise<void>((resolve) => {
            held = resolve;
          })
        : Promise.resolve(),
  };
}
