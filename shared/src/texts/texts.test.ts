import { describe, expect, it } from 'vitest';
import type { Subject } from '../access/can.ts';
import { ROLES, type Role } from '../access/roles.ts';
import { isId } from '../ids/ids.ts';
import { textAccess, textId, TEXT_KINDS, type TextKind, type TextSubject } from './texts.ts';

const TODAY = '2026-11-21';
const subject = (role: Role, more: Partial<Subject> = {}): Subject => ({
  userId: 'me',
  role,
  siteIds: ['site'],
  ...more,
});
const ofDay = (kind: TextKind, day = TODAY): TextSubject => ({
  kind,
  siteId: 'site',
  day,
  personId: '',
  authorId: '',
});
const ofClient = (kind: TextKind, authorId = ''): TextSubject => ({
  kind,
  siteId: '',
  day: '',
  personId: 'client',
  authorId,
});
const MINE = [{ siteId: 'site', specialistIds: ['me'] }];

describe('texts', () => {
  it('are open to the roles of the table and to nobody else', () => {
    const table = Object.fromEntries(
      TEXT_KINDS.map((kind) => [
        kind,
        ROLES.filter((role) => {
          const text = kind.endsWith('Log')
            ? ofDay(kind)
            : ofClient(kind, kind === 'protectedNote' ? 'me' : '');
          const access = textAccess(subject(role), text, MINE, TODAY);
          expect(access).not.toBe('read');
          return access === 'write';
        }),
      ]),
    );
    expect(table).toEqual({
      shiftLog: ['reception', 'dutyManager'],
      teamLog: ['reception', 'dutyManager', 'specialist', 'catering'],
      clientNote: ['specialist'],
      protectedNote: ['specialist'],
    });
  });

  it('of another site, of a client of others or of another author are closed', () => {
    for (const role of ROLES) {
      for (const kind of ['shiftLog', 'teamLog'] as const)
        expect(textAccess(subject(role, { siteIds: ['other'] }), ofDay(kind), [], TODAY)).toBe('none');
      for (const kind of ['clientNote', 'protectedNote'] as const) {
        for (const care of [
          [],
          [{ siteId: 'site', specialistIds: ['you'] }],
          [{ siteId: 'other', specialistIds: ['me'] }],
        ])
          expect(textAccess(subject(role), ofClient(kind, 'me'), care, TODAY)).toBe('none');
      }
      expect(textAccess(subject(role), ofClient('protectedNote', 'you'), MINE, TODAY)).toBe('none');
      expect(textAccess(subject(role), ofClient('protectedNote'), MINE, TODAY)).toBe('none');
    }
  });

  it('of a day are written from the day before until the day after', () => {
    const on = (day: string): string => textAccess(subject('reception'), ofDay('shiftLog', day), [], TODAY);
    expect(['2026-11-19', '2026-11-20', TODAY, '2026-11-22', '2026-11-23'].map(on)).toEqual([
      'read',
      'write',
      'write',
      'write',
      'read',
    ]);
  });

  it('have one name each, which names nobody', () => {
    const all = [
      ...['shiftLog', 'teamLog'].flatMap((kind) => [
        ofDay(kind as TextKind),
        ofDay(kind as TextKind, '2026-11-22'),
      ]),
      ofClient('clientNote'),
      ofClient('protectedNote', 'me'),
      ofClient('protectedNote', 'you'),
    ];
    const names = all.map(textId);
    expect(new Set(names).size).toBe(all.length);
    for (const name of names) expect(isId(name)).toBe(true);
    expect(textId(ofClient('clientNote'))).toBe(names[4]);
  });
});
