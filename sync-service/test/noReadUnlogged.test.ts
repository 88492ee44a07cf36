import { describe, expect, it } from 'vitest';
import type { Subject } from '@sivis/shared/access/can.ts';
import { ROLES, type Role } from '@sivis/shared/access/roles.ts';
import { COLLECTIONS } from '@sivis/shared/docs/kinds.ts';
import { newId } from '@sivis/shared/ids/ids.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { PATHS, pullPath, pushPath } from '@sivis/shared/protocol/paths.ts';
import { rigaDate } from '@sivis/shared/time/plainDate.ts';
import { opOf, send, startService, type Session } from './liveService.ts';
import { canariesIn, makeWorld } from './rightsWorld.ts';

const today = rigaDate(Date.now());

describe('when the log takes no entry', { timeout: 60_000 }, () => {
  it('no reading is answered, by no route', async () => {
    const service = await startService();
    const site = service.siteId;
    const sessions = new Map<Role, Session>();
    for (const role of ROLES) {
      await service.user(role.toLowerCase(), role);
      sessions.set(role, await service.signIn(role.toLowerCase()));
    }
    const reception = sessions.get('reception')!;
    const me: Subject = { userId: reception.tokens.user.id, role: 'reception', siteIds: [site] };
    const world = makeWorld({ me, other: newId(), site, otherSite: newId() }, today);
    for (const { id, kind, fields, siteId, createdBy } of world)
      await service.put(kind, fields, { id, siteId, createdBy });
    const guest = world.find((doc) => doc.kind === 'person' && doc.variant === 'own')!;
    const first = (await service.auditAfter(0))[0];
    const { write } = service.store;
    service.store.write = () => Promise.reject(new SivisError('STORE_FULL'));
    const empty = opOf(reception, 'edit', { country: { before: null, after: null } });
    const readings: [Role, string, unknown][] = [
      ...COLLECTIONS.map((name): [Role, string, unknown] => [
        'reception',
        pullPath(name),
        { checkpoint: null, limit: 500 },
      ]),
      ['reception', PATHS.searchPeople, { text: guest.fields['familyName'], limit: 50 }],
      ['reception', PATHS.personCard, { personId: guest.id }],
      [
        'reception',
        pushPath('people'),
        { rows: [{ id: guest.id, kind: 'person', siteId: site, ops: [empty] }] },
      ],
      ['auditor', PATHS.auditQuery, { limit: 500 }],
      ['auditor', PATHS.auditOpen, { seq: first?.seq, reason: 'Klientes sūdzība nr. 7' }],
      ['auditor', PATHS.users, undefined],
      ['it', PATHS.devices, undefined],
    ];
    const canaries = world.flatMap((doc) => Object.values(doc.fields).flatMap(canariesIn));
    for (const [role, route, body] of readings) {
      const session = sessions.get(role)!;
      const reply = await send(service.base, route, { session, ...(body === undefined ? {} : { body }) });
      expect([route, reply.status, reply.body['code']]).toEqual([route, 507, 'STORE_FULL']);
      expect(canaries.filter((part) => reply.text.includes(part))).toEqual([]);
      expect(reply.text).not.toContain('Darbinieks');
    }
    service.store.write = write;
    await service.stop();
  });
});
