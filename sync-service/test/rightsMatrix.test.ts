import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { can, redact, seesField, type Subject } from '@sivis/shared/access/can.ts';
import { rightsRow, type AccessKind } from '@sivis/shared/access/rights.ts';
import { ROLES } from '@sivis/shared/access/roles.ts';
import type { Fields } from '@sivis/shared/docs/json.ts';
import { COLLECTIONS, collectionOf, KIND_NAMES, type Kind } from '@sivis/shared/docs/kinds.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import type { AuditEntryView } from '@sivis/shared/protocol/messages/audit.ts';
import type { PushRowResult, WireDoc } from '@sivis/shared/protocol/messages/sync.ts';
import { idsPath, PATHS, pullPath, pushPath } from '@sivis/shared/protocol/paths.ts';
import { referencesOf } from '@sivis/shared/rules/judge.ts';
import { addDays, rigaDate } from '@sivis/shared/time/plainDate.ts';
import { isHealthField } from '../src/audit/healthFields.ts';
import {
  createRow,
  opOf,
  PASSWORD,
  send,
  startService,
  type AuditLine,
  type LiveService,
  type Reply,
  type Row,
  type Session,
} from './liveService.ts';
import {
  answer,
  canariesIn,
  fieldNames,
  fullFields,
  isTied,
  makeWorld,
  mayHold,
  maySee,
  NEEDED,
  type WorldDoc,
} from './rightsWorld.ts';

/**
 * Every role against every built kind, over the running service. What is expected comes from the rights table by
 * `can()` alone; a right that is added, taken or mistaken anywhere in the service shows here without a new test.
 */

const today = rigaDate(Date.now());

const BLANK = { deleted: true, rev: 0, siteId: '', fields: {} };
const pick = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));

/** Documents with content anywhere in a reply. */
function docsIn(value: unknown): WireDoc[] {
  if (typeof value !== 'object' || value === null) return [];
  const doc = value as Partial<WireDoc>;
  const here = doc.deleted === false && typeof doc.fields === 'object' ? [value as WireDoc] : [];
  return [...here, ...Object.values(value).flatMap(docsIn)];
}

interface Seen {
  readonly what: string;
  readonly reply: Reply;
  /** Audit entries that were written between request and reply. */
  readonly logged: readonly AuditLine[];
}

describe.each(ROLES.map((role) => ({ role })))('the role $role', { timeout: 60_000 }, ({ role }) => {
  let service: LiveService;
  let me: Subject;
  let session: Session;
  let world: WorldDoc[];
  let otherUser: string;
  const otherSite = newId();
  const seen: Seen[] = [];

  const ask = async (route: string, body?: unknown): Promise<Seen> => {
    const size = await service.auditSize();
    const reply = await send(service.base, route, { session, ...(body === undefined ? {} : { body }) });
    const entry = { what: `${route} ${reply.status}`, reply, logged: await service.auditAfter(size) };
    seen.push(entry);
    return entry;
  };

  beforeAll(async () => {
    service = await startService();
    const userId = await service.user('es', role);
    otherUser = await service.user('kolega', 'specialist');
    me = { userId, role, siteIds: [service.siteId] };
    world = makeWorld({ me, other: otherUser, site: service.siteId, otherSite }, today);
    for (const { id, kind, fields, siteId, createdBy } of world)
      await service.put(kind, fields, { id, siteId, createdBy });
    // Each document was made by me once and by a stranger once, as far as the log knows.
    for (const actor of [userId, otherUser]) {
      const subject = { userId: actor, role, siteIds: [service.siteId] };
      const who = { subject, deviceId: newId(), sessionId: '', ip: '10.0.0.1', app: '1', nowMs: Date.now() };
      await service.store.write(async (tx) => {
        for (const doc of world) {
          const personId = doc.kind === 'person' ? doc.id : doc.fields['personId'];
          await service.deps.audit.recordAudit(tx, who, {
            action: 'create',
            kind: doc.kind,
            objectId: doc.id,
            siteId: doc.siteId,
            personIds: typeof personId === 'string' ? [personId] : [],
            result: 'accepted',
            changes: Object.entries(doc.fields).map(([field, after]) => ({ field, before: null, after })),
          });
        }
      });
    }
    session = await service.signIn('es');
  }, 60_000);
  afterAll(() => service.stop());

  const may = (verb: 'view' | 'create' | 'update', kind: AccessKind): boolean =>
    rightsRow(role, kind)?.[verb] !== undefined;
  const held = (): WorldDoc[] => world.filter((doc) => mayHold(me, world, doc, today));
  const sorted = (docs: readonly { readonly id: string }[]): string[] => docs.map(({ id }) => id).sort();

  it('reads in the log what the table says, and no value more', async () => {
    const scope = rightsRow(role, 'audit')?.scope;
    const { reply } = await ask(PATHS.auditQuery, { limit: 500, actions: ['create'] });
    expect(reply.status).toBe(200);
    const entries = reply.body['entries'] as AuditEntryView[];
    const permitted = new Set<string>();
    const byDoc = new Map(world.map((doc) => [doc.id, doc]));
    const all = (await service.auditAfter(0)).filter((line) => line.envelope.action === 'create');
    const visible = all.filter(
      ({ envelope }) =>
        can(me, 'view', {
          kind: 'audit',
          siteIds: [envelope.site],
          actorId: envelope.actor,
          personal: envelope.personal,
        }).allowed,
    );
    expect(entries.map((entry) => entry.seq).sort()).toEqual(visible.map((line) => line.seq).sort());
    expect(reply.body['total']).toBe(visible.length);
    const linesBySeq = new Map(all.map((line) => [line.seq, line]));
    for (const entry of entries) {
      const line = linesBySeq.get(entry.seq);
      const doc = byDoc.get(line?.payload?.objectId ?? '')!;
      const personId = line?.payload?.personIds[0];
      const person = personId === undefined ? undefined : byDoc.get(personId);
      const known = scope === 'all' || person === undefined || maySee(me, world, person);
      for (const change of entry.changes) {
        const health = isHealthField(doc.kind, change.field);
        const shown =
          scope === 'all'
            ? !health
            : scope === 'technical'
              ? false
              : known && seesField(role, doc.kind, change.field) && !(scope === 'ownUnit' && health);
        const where = `${role} ${doc.kind} ${doc.variant} ${change.field}`;
        expect([where, change.masked]).toEqual([where, !shown]);
        expect(change.after, where).toEqual(shown ? doc.fields[change.field] : null);
        if (shown) for (const part of canariesIn(doc.fields[change.field]!)) permitted.add(part);
      }
      for (const [id, label] of Object.entries(entry.labels)) {
        const meant = byDoc.get(id);
        if (meant === undefined) continue;
        const where = `${role} is told what ${meant.kind} ${meant.variant} is called`;
        expect([where, scope === 'all' || maySee(me, world, meant)]).toEqual([where, true]);
        // A name of a place or a person and nothing else of it; of a stay its guest's, who may be seen as well.
        const guest = byDoc.get(meant.fields['personId'] as string) ?? meant;
        const names = ['familyName', 'givenName', 'name', 'number', 'label'].flatMap((field) =>
          canariesIn(guest.fields[field] ?? null),
        );
        expect([where, scope === 'all' || maySee(me, world, guest)]).toEqual([where, true]);
        expect([where, names.every((part) => label.toLowerCase().includes(part.toLowerCase()))]).toEqual([
          where,
          true,
        ]);
        for (const part of names) permitted.add(part);
      }
      const named = scope !== 'technical' && person !== undefined && known;
      expect(entry.subjectName !== '', `${doc.kind} ${doc.variant}`).toBe(named);
      if (named)
        for (const field of ['familyName', 'givenName']) permitted.add(person?.fields[field] as string);
    }
    const text = reply.text.toLowerCase();
    for (const doc of world) {
      for (const [field, value] of Object.entries(doc.fields)) {
        for (const part of canariesIn(value)) {
          const where = `${doc.kind} ${doc.variant} ${field}`;
          if (!permitted.has(part)) expect(text.includes(part.toLowerCase()), where).toBe(false);
        }
      }
    }
    seen.pop();
  });

  it('opens masked values only as the auditor', async () => {
    const line = (await service.auditAfter(0)).find(
      ({ envelope }) => envelope.kind === 'person' && envelope.fields.includes('alerts'),
    );
    const { reply, logged } = await ask(PATHS.auditOpen, {
      seq: line?.seq,
      reason: 'Klientes sūdzība nr. 7',
    });
    const allowed = rightsRow(role, 'audit')?.scope === 'all';
    expect(reply.status).toBe(allowed ? 200 : 403);
    expect(logged.some(({ envelope }) => envelope.action === 'auditOpen')).toBe(allowed);
    if (allowed) seen.pop();
  });

  it('pulls exactly what it may hold, cut to what it may see', async () => {
    for (const collection of COLLECTIONS) {
      const docs: WireDoc[] = [];
      let checkpoint: unknown = null;
      for (let more = true; more;) {
        const { reply } = await ask(pullPath(collection), { checkpoint, limit: 9 });
        expect(reply.status).toBe(200);
        expect([reply.body['removals'], reply.body['resync']]).toEqual([0, 'no']);
        docs.push(...(reply.body['documents'] as WireDoc[]));
        ({ checkpoint, more } = reply.body as { checkpoint: unknown; more: boolean });
      }
      const expected = held().filter((doc) => collectionOf(doc.kind) === collection);
      expect(sorted(docs), `${role} ${collection}`).toEqual(sorted(expected));
      for (const doc of expected) {
        const got = docs.find(({ id }) => id === doc.id);
        expect(got?.fields, `${doc.kind} ${doc.variant}`).toEqual(redact(role, doc.kind, doc.fields));
      }
      const { reply } = await ask(idsPath(collection), { after: '', limit: 20_000 });
      expect(reply.body['ids']).toEqual(sorted(expected));
      const again = await ask(pullPath(collection), { checkpoint, limit: 9 });
      expect([again.reply.body['documents'], again.reply.body['held']]).toEqual([[], expected.length]);
    }
  });

  it('finds and opens exactly the people whom it may see', async () => {
    const people = world.filter((doc) => doc.kind === 'person');
    const ofPerson = (kind: Kind, id: string): WorldDoc[] =>
      world.filter((doc) => doc.kind === kind && doc.fields['personId'] === id && maySee(me, world, doc));
    for (const person of people) {
      const may = maySee(me, world, person);
      const offered = rightsRow(role, 'person') !== undefined;
      const card = await ask(PATHS.personCard, { personId: person.id });
      expect(card.reply.status, person.variant).toBe(may ? 200 : offered ? 404 : 403);
      const search = await ask(PATHS.searchPeople, { text: person.fields['familyName'], limit: 50 });
      expect(search.reply.status).toBe(offered ? 200 : 403);
      const found = (search.reply.body['hits'] ?? []) as {
        person: WireDoc;
        stays: WireDoc[];
        contacts: WireDoc[];
      }[];
      const hit = found.find((entry) => entry.person.id === person.id);
      expect(hit !== undefined, person.variant).toBe(may);
      for (const entry of found)
        expect(
          maySee(
            me,
            world,
            people.find(({ id }) => id === entry.person.id)!,
          ),
        ).toBe(true);
      if (offered && !may) expect(search.reply.body['total']).toBe(found.length);
      for (const one of may ? [hit, card.reply.body as unknown as typeof hit] : []) {
        expect(one?.person.fields).toEqual(redact(role, 'person', person.fields));
        for (const [kind, docs] of [
          ['stay', one?.stays],
          ['contact', one?.contacts],
        ] as const) {
          expect(sorted(docs ?? [])).toEqual(sorted(ofPerson(kind, person.id)));
          for (const doc of docs ?? [])
            expect(doc.fields).toEqual(redact(role, kind, world.find(({ id }) => id === doc.id)!.fields));
        }
      }
    }
  });

  it('reads and changes users and devices as the table says', async () => {
    const expected = (verb: 'view' | 'create' | 'update', kind: AccessKind): number =>
      may(verb, kind) ? 200 : 403;
    const users = await ask(PATHS.users);
    expect(users.reply.status).toBe(expected('view', 'user'));
    expect(users.reply.text.includes('Darbinieks kolega')).toBe(may('view', 'user'));
    const devices = await ask(PATHS.devices);
    expect(devices.reply.status).toBe(expected('view', 'device'));
    expect(devices.reply.text.includes(session.deviceId)).toBe(may('view', 'device'));
    const user = {
      user: 'jauns',
      name: 'Jauna Testa',
      role: 'reception',
      siteIds: me.siteIds,
      password: PASSWORD,
    };
    expect((await ask(PATHS.userCreate, user)).reply.status).toBe(expected('create', 'user'));
    expect((await ask(PATHS.userUpdate, { id: otherUser, name: 'Cits Vārds' })).reply.status).toBe(
      expected('update', 'user'),
    );
    expect((await ask(PATHS.deviceCode, { name: 'Jauns galds' })).reply.status).toBe(
      expected('create', 'device'),
    );
    const target = session.deviceId;
    expect((await ask(PATHS.deviceUpdate, { id: target, name: 'Cits galds' })).reply.status).toBe(
      expected('update', 'device'),
    );
    expect((await ask(PATHS.deviceErase, { id: target, mode: 'offboard' })).reply.status).toBe(
      expected('update', 'device'),
    );
    const kept = await service.store.read(async (tx) => [
      (await tx.userByName('jauns')) !== undefined,
      (await tx.user(otherUser))?.name === 'Cits Vārds',
      (await tx.device(target))?.name === 'Cits galds',
    ]);
    expect(kept).toEqual([may('create', 'user'), may('update', 'user'), may('update', 'device')]);
  });

  /** Sends rows in one push and says what became of each. */
  const push = async (
    collection: (typeof COLLECTIONS)[number],
    rows: readonly Row[],
  ): Promise<PushRowResult[]> => {
    if (rows.length === 0) return [];
    const { reply } = await ask(pushPath(collection), { rows });
    expect(reply.status).toBe(200);
    return reply.body['rows'] as PushRowResult[];
  };
  /** What the role refuses whatever the document is. */
  const byRole = (kind: Kind, field: string): 'no-right' | 'field-not-allowed' | null => {
    const update = rightsRow(role, kind)?.update;
    if (update === undefined) return 'no-right';
    return update === '*' || update.includes(field) ? null : 'field-not-allowed';
  };
  const isDenied = (result: PushRowResult | undefined): boolean =>
    result?.ops[0]?.rejection?.rule === 'rights';

  it('changes each single field of each document as the table says', async () => {
    for (const collection of COLLECTIONS) {
      const cells = world
        .filter((doc) => collectionOf(doc.kind) === collection)
        .flatMap((doc) => fieldNames(doc.kind).map((field) => ({ doc, field })))
        .map(({ doc, field }) => {
          const allowed = answer(me, 'update', world, doc, [field]);
          const before = doc.fields[field] ?? null;
          // What others refer to is sent without a change where it is allowed, so that the world stays as it is.
          const after =
            allowed.allowed && isTied(doc.kind, field) ? before : (fullFields(doc.kind)[field] ?? newId());
          const op = opOf(session, 'edit', { [field]: { before, after } });
          const row: Row = { id: doc.id, kind: doc.kind, siteId: doc.siteId, ops: [op] };
          return { doc, field, allowed, after, row, where: `${role} ${doc.kind} ${doc.variant} ${field}` };
        });
      const results = await push(
        collection,
        cells.map(({ row }) => row),
      );
      for (const [at, { allowed, where, field, doc }] of cells.entries()) {
        const result = results[at];
        if (allowed.allowed) {
          expect([where, result?.outcome, result?.ops]).toMatchObject([where, 'accepted', {}]);
          continue;
        }
        // What somebody may not see, never had and did not make is answered like what is not there.
        const wanted = {
          'no-right': ['rejected', 'noRight'],
          'out-of-scope': doc.createdBy === me.userId ? ['rejected', 'outOfScope'] : ['waits', undefined],
          'field-not-allowed': ['rejected', 'fieldNotAllowed'],
        }[byRole(doc.kind, field) ?? allowed.denial];
        expect([where, result?.outcome, result?.ops[0]?.rejection?.code]).toEqual([where, ...wanted]);
        if (allowed.denial === 'field-not-allowed')
          expect(result?.ops[0]?.rejection?.params).toEqual({ field });
      }
      const stored = await service.store.read((tx) => tx.docs(cells.map(({ doc }) => doc.id)));
      for (const { doc, field, allowed, after, where } of cells) {
        const now = stored.find(({ id }) => id === doc.id)?.fields[field] ?? null;
        // A code that nobody else has makes a person certain: the service takes the mark away.
        if (field === 'provisional') continue;
        expect(now, where).toEqual(allowed.allowed ? after : (doc.fields[field] ?? null));
      }
    }
  });

  it('makes documents as the table says, and ties them to nobody whom it may not see', async () => {
    const people = world.filter((doc) => doc.kind === 'person');
    const reservationOf = (person: WorldDoc): string => {
      const stay = world.find((doc) => doc.kind === 'stay' && doc.fields['personId'] === person.id);
      const made = world.find((doc) => doc.kind === 'reservation' && doc.variant === person.variant);
      return (stay?.fields['reservationId'] ?? made?.id) as string;
    };
    const places = (siteId: string) =>
      Object.fromEntries(world.filter((doc) => doc.siteId === siteId).map((doc) => [doc.kind, doc.id]));
    let day = 500;
    const drafts: { kind: Kind; siteId: string; fields: Fields; note: string }[] = [];
    for (const siteId of [service.siteId, otherSite]) {
      const { building, floor, room, bed } = places(siteId) as Record<Kind, string>;
      for (const kind of KIND_NAMES) {
        const ties = { bedId: bed, parents: {} };
        const parents: Fields =
          kind === 'floor'
            ? { buildingId: building }
            : kind === 'room'
              ? { buildingId: building, floorId: floor }
              : kind === 'bed'
                ? { roomId: room }
                : {};
        const about = kind === 'contact' || kind === 'stay' ? people : [undefined];
        for (const person of about) {
          day += 2;
          const full = fullFields(kind, {
            ...ties,
            parents,
            from: addDays(today, day),
            to: addDays(today, day + 1),
            ...(kind === 'stay' ? { bedId: null } : {}),
            ...(person === undefined ? {} : { personId: person.id, reservationId: reservationOf(person) }),
          });
          const needed = pick(full, NEEDED[kind]);
          const note = person?.variant ?? '';
          drafts.push({ kind, siteId, fields: needed, note });
          if (person !== undefined && person.variant !== 'own') continue;
          for (const field of fieldNames(kind)) {
            if (NEEDED[kind].includes(field) || full[field] === undefined || kind === 'stay') continue;
            drafts.push({ kind, siteId, fields: { ...needed, [field]: full[field] }, note });
          }
        }
      }
    }
    for (const collection of COLLECTIONS) {
      const cells = drafts
        .filter(({ kind }) => collectionOf(kind) === collection)
        .map((draft) => {
          const row = createRow(session, draft.kind, draft.siteId, draft.fields);
          const doc: WorldDoc = { ...draft, id: row.id, createdBy: me.userId, variant: 'new' };
          const allowed = answer(me, 'create', world, doc, Object.keys(draft.fields)).allowed;
          const tied = referencesOf(draft.kind, draft.fields).every(({ id }) =>
            world.some((other) => other.id === id && maySee(me, world, other)),
          );
          const where = `${role} ${draft.kind} ${draft.siteId === otherSite ? 'there' : 'here'} ${draft.note} ${Object.keys(draft.fields).at(-1)}`;
          const canName = referencesOf(draft.kind, draft.fields).every(
            ({ kind }) => rightsRow(role, kind) !== undefined,
          );
          const knows = referencesOf(draft.kind, draft.fields).every(({ id }) =>
            world.some(
              (other) => other.id === id && (maySee(me, world, other) || other.createdBy === me.userId),
            ),
          );
          const refusal = allowed && canName && !knows ? 'waits' : 'rejected';
          return { row, doc, expected: allowed && tied, refusal, where };
        });
      const results = await push(
        collection,
        cells.map(({ row }) => row),
      );
      for (const [at, { expected, refusal, where }] of cells.entries()) {
        const result = results[at];
        const outcome = expected ? 'accepted' : refusal;
        expect([where, result?.outcome, isDenied(result)]).toEqual([where, outcome, outcome === 'rejected']);
      }
      const stored = new Set(
        (await service.store.read((tx) => tx.docs(cells.map(({ row }) => row.id)))).map(({ id }) => id),
      );
      for (const { row, expected, where } of cells)
        expect([where, stored.has(row.id)]).toEqual([where, expected]);
    }
  });

  it('learns nothing of a document by an operation that it may not do', async () => {
    const rows = world.map((doc) => ({ id: doc.id, kind: doc.kind, siteId: doc.siteId, ops: [null] }));
    const renamed = world.map((doc) => createRow(session, doc.kind, doc.siteId, fullFields(doc.kind)));
    const taken = renamed.map((row, at) => ({ ...row, id: world[at]!.id }));
    for (const list of [rows, taken]) {
      const { reply } = await ask(pushPath('people'), { rows: list });
      for (const [at, result] of (reply.body['rows'] as PushRowResult[]).entries()) {
        const doc = world[at]!;
        expect(result.outcome).toBe('rejected');
        if (!maySee(me, world, doc)) expect([doc.variant, result.master]).toMatchObject([doc.variant, BLANK]);
      }
    }
  });

  it('was sent no byte of what it may not see', () => {
    const forbidden = world.flatMap((doc) =>
      Object.entries(doc.fields)
        .filter(([field]) => !maySee(me, world, doc) || !seesField(role, doc.kind, field))
        .flatMap(([field, value]) =>
          canariesIn(value).map((part) => ({
            part: part.toLowerCase(),
            where: `${doc.kind} ${doc.variant} ${field}`,
          })),
        ),
    );
    expect(seen.length).toBeGreaterThan(20);
    for (const { what, reply } of seen) {
      const text = reply.text.toLowerCase();
      const leaks = forbidden.filter(({ part }) => text.includes(part)).map(({ where }) => where);
      expect([what, leaks]).toEqual([what, []]);
    }
  });

  it('was sent nothing that was not in the log before', () => {
    for (const { what, reply, logged } of seen) {
      const ids = new Set(docsIn(reply.body).map(({ id }) => id));
      const named = new Set(
        logged.flatMap(({ envelope, payload }) => {
          if (envelope.actor !== me.userId) return [];
          const delivered = envelope.action === 'replicate' ? payload?.detail['ids'] : [payload?.objectId];
          return (delivered ?? []) as string[];
        }),
      );
      expect([what, [...ids].filter((id) => !named.has(id))]).toEqual([what, []]);
    }
  });
});

it('knows every kind that the rights know', () => {
  expect(Object.keys(NEEDED).sort()).toEqual([...KIND_NAMES].sort());
  for (const kind of KIND_NAMES) {
    const missing = fieldNames(kind).filter(
      (field) => fullFields(kind)[field] === undefined && !isTied(kind, field),
    );
    expect([kind, missing]).toEqual([kind, []]);
  }
});
