import { describe, expect, it } from 'vitest';
import { KIND_NAMES, KINDS } from '../docs/kinds.ts';
import { TEXT_KINDS } from '../texts/texts.ts';
import { can, redact, type Subject, type Target } from './can.ts';
import { RIGHTS, rightsRow, SERVICE_KINDS, VERBS, type AccessKind } from './rights.ts';
import { ROLES } from './roles.ts';

const kinds: AccessKind[] = [...KIND_NAMES, ...TEXT_KINDS, ...SERVICE_KINDS];
const site = 'site-1';
const subject = (role: Subject['role']): Subject => ({ userId: 'me', role, siteIds: [site] });
const own = (kind: AccessKind): Target => ({
  kind,
  siteIds: [site],
  care: [{ siteId: site, specialistIds: ['me'] }],
  ownerId: 'me',
  createdBy: 'me',
  actorId: 'me',
  personal: false,
});
const other = (kind: AccessKind): Target => ({
  kind,
  siteIds: ['site-2'],
  care: [
    { siteId: 'site-2', specialistIds: ['me'] },
    { siteId: site, specialistIds: ['you'] },
  ],
  ownerId: 'you',
  ownerRole: 'nobody',
  createdBy: 'you',
  actorId: 'you',
  personal: true,
});

describe('the rights table', () => {
  it('gives each role at most one row per kind, and only built kinds', () => {
    const seen = new Set<string>();
    for (const row of RIGHTS) {
      for (const kind of row.kinds) {
        expect(kinds).toContain(kind);
        expect(seen.has(`${row.role}/${kind}`)).toBe(false);
        seen.add(`${row.role}/${kind}`);
      }
    }
  });

  it('names only fields that the kind has', () => {
    for (const row of RIGHTS) {
      for (const kind of row.kinds) {
        if (!(kind in KINDS)) continue;
        const known = Object.keys(KINDS[kind as keyof typeof KINDS].schema.shape);
        for (const verb of VERBS) {
          const fields = row[verb];
          if (fields === undefined || fields === '*') continue;
          for (const field of fields) expect(known).toContain(field);
        }
      }
    }
  });

  it('is what the decision says, cell by cell', () => {
    const cell = (role: Subject['role'], kind: AccessKind): string =>
      VERBS.filter((verb) => rightsRow(role, kind)?.[verb] !== undefined)
        .map((verb) => ({ view: 'V', create: 'C', update: 'U' })[verb])
        .join('') || '–';
    const table = Object.fromEntries(
      ROLES.map((role) => [role, Object.fromEntries(kinds.map((kind) => [kind, cell(role, kind)]))]),
    );
    expect(table).toEqual({
      reception: {
        person: 'VCU',
        contact: 'VCU',
        reservation: 'VCU',
        stay: 'VCU',
        block: 'VCU',
        task: 'VCU',
        site: 'V',
        building: 'V',
        floor: 'V',
        room: 'V',
        bed: 'V',
        staff: 'V',
        shiftLog: 'VCU',
        teamLog: 'VCU',
        clientNote: '–',
        protectedNote: '–',
        audit: 'V',
        user: '–',
        device: '–',
        quarantine: '–',
      },
      dutyManager: {
        person: 'VCU',
        contact: 'VCU',
        reservation: 'VCU',
        stay: 'VCU',
        block: 'VCU',
        task: 'VCU',
        site: 'VCU',
        building: 'VCU',
        floor: 'VCU',
        room: 'VCU',
        bed: 'VCU',
        staff: 'V',
        shiftLog: 'VCU',
        teamLog: 'VCU',
        clientNote: '–',
        protectedNote: '–',
        audit: 'V',
        user: '–',
        device: '–',
        quarantine: 'VU',
      },
      specialist: {
        person: 'V',
        contact: 'V',
        reservation: 'V',
        stay: 'V',
        block: 'V',
        task: 'V',
        site: 'V',
        building: 'V',
        floor: 'V',
        room: 'V',
        bed: 'V',
        staff: 'V',
        shiftLog: '–',
        teamLog: 'VCU',
        clientNote: 'VCU',
        protectedNote: 'VCU',
        audit: 'V',
        user: '–',
        device: '–',
        quarantine: '–',
      },
      catering: {
        person: '–',
        contact: '–',
        reservation: 'V',
        stay: 'V',
        block: 'V',
        task: 'V',
        site: 'V',
        building: 'V',
        floor: 'V',
        room: 'V',
        bed: '–',
        staff: 'V',
        shiftLog: '–',
        teamLog: 'VCU',
        clientNote: '–',
        protectedNote: '–',
        audit: 'V',
        user: '–',
        device: '–',
        quarantine: '–',
      },
      it: {
        person: '–',
        contact: '–',
        reservation: '–',
        stay: '–',
        block: '–',
        task: '–',
        site: 'VC',
        building: 'V',
        floor: 'V',
        room: 'V',
        bed: 'V',
        staff: 'V',
        shiftLog: '–',
        teamLog: '–',
        clientNote: '–',
        protectedNote: '–',
        audit: 'V',
        user: 'VCU',
        device: 'VCU',
        quarantine: '–',
      },
      auditor: {
        person: '–',
        contact: '–',
        reservation: '–',
        stay: '–',
        block: '–',
        task: '–',
        site: 'V',
        building: '–',
        floor: '–',
        room: '–',
        bed: '–',
        staff: 'V',
        shiftLog: '–',
        teamLog: '–',
        clientNote: '–',
        protectedNote: '–',
        audit: 'V',
        user: 'V',
        device: 'V',
        quarantine: '–',
      },
    });
  });

  it('denies by default: no row, no right; another site, no right', () => {
    for (const role of ROLES) {
      for (const kind of kinds) {
        for (const verb of VERBS) {
          const row = rightsRow(role, kind);
          const inside = can(subject(role), verb, own(kind));
          expect(inside.allowed, `${role} ${verb} ${kind}`).toBe(row?.[verb] !== undefined);
          const outside = can(subject(role), verb, other(kind));
          expect(outside.allowed, `${role} ${verb} ${kind} elsewhere`).toBe(
            row?.[verb] !== undefined && row.scope === 'all',
          );
        }
      }
    }
  });

  it('reception sees alerts but never writes them; nobody writes what the service keeps', () => {
    const target = own('person');
    expect(can(subject('reception'), 'update', target, ['alerts'])).toMatchObject({
      allowed: false,
      denial: 'field-not-allowed',
    });
    expect(can(subject('dutyManager'), 'update', target, ['alerts']).allowed).toBe(true);
    for (const field of ['provisional', 'flags', 'aliases']) {
      expect(can(subject('dutyManager'), 'update', target, [field]).allowed).toBe(false);
    }
  });

  it('C3.22, K10: the kitchen gets meals and a diet code, never who it is', () => {
    const stay = {
      personId: 'p',
      reservationId: 'r',
      segments: [],
      arriveDate: '2026-11-21',
      departDate: '2026-12-05',
      dietCode: 'GL',
      note: 'x',
      checkin: {},
      checkout: { keyReturned: true, belongings: true },
    };
    expect(Object.keys(redact('catering', 'stay', stay)).sort()).toEqual([
      'arriveDate',
      'departDate',
      'dietCode',
    ]);
    expect(redact('it', 'stay', stay)).toEqual({});
  });
});
