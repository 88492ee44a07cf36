import { describe, expect, it } from 'vitest';
import type { AuditEntryView } from '@sivis/shared/protocol/messages/audit.ts';
import { auditContent, groupedHash, hasMasked, metIn, receivedAfter } from './auditEntry.ts';
import { NO_NAMES, type Names } from './names.ts';

const names: Names = { ...NO_NAMES, bed: (id) => (id === 'b1' ? '212 B' : '214 B') };
const entry: AuditEntryView = {
  seq: 7,
  at: '2026-11-21T08:03:41.200Z',
  happenedAt: '2026-11-21T08:03:41.000Z',
  actorId: 'u1',
  actorName: 'Agnese Liepiņa',
  actorRole: 'reception',
  deviceId: 'd1',
  deviceName: 'Reģ-2',
  offline: false,
  ip: '',
  session: '',
  action: 'update',
  kind: 'task',
  objectId: '',
  objectRev: 1,
  subjectName: '',
  personId: '',
  result: 'accepted',
  reason: '',
  app: '',
  changes: [],
  detail: {},
  labels: {},
  leafHash: '9f3c71aa04de',
};

describe('an audit entry in words', () => {
  it('shows what was before and after, by field', () => {
    const changes = [{ field: 'bedId', before: 'b1', after: 'b2', masked: false }];
    expect(auditContent({ ...entry, changes }, names, 'lv')).toBe('Gulta: 212 B → 214 B');
  });

  it('says that something is hidden instead of leaving it out', () => {
    const changes = [{ field: 'alerts', before: null, after: null, masked: true }];
    const masked = { ...entry, kind: 'person', changes };
    expect(auditContent(masked, names, 'lv')).toBe('Norādes: slēpts');
    expect(hasMasked(masked)).toBe(true);
  });

  it('names the screen, the filter and the number of a read', () => {
    const detail = { screen: 'clients', filter: 'bērz', count: 3 };
    const read = { ...entry, action: 'search', kind: '', result: 'ok', detail };
    expect(auditContent(read, names, 'lv')).toBe('Klienti · „bērz” · 3 ieraksti');
    const list = { ...read, action: 'list', detail: { screen: 'clients', filter: 'inHouse', count: 214 } };
    expect(auditContent(list, names, 'lv')).toBe('Klienti · mājā · 214 ierakstu');
  });

  it('names the rule of a refusal', () => {
    expect(auditContent({ ...entry, action: 'reject', result: 'C3.2' }, names, 'lv')).toContain(
      'noteikums C3.2',
    );
  });

  it('tells how much later the service received it', () => {
    expect(receivedAfter(entry, 'lv')).toBe('+0,2\u00a0s');
    expect(receivedAfter({ ...entry, happenedAt: '2026-11-21T05:03:41.200Z' }, 'lv')).toBe('+3\u00a0h');
    expect(receivedAfter({ ...entry, happenedAt: '2026-11-21T08:03:42.200Z' }, 'lv')).toBe('−1\u00a0s');
  });

  it('groups the hash and collects who is named', () => {
    expect(groupedHash('9f3c71aa04de')).toBe('9f3c 71aa 04de');
    expect([...metIn([entry]).actors]).toEqual([['u1', 'Agnese Liepiņa']]);
    expect(metIn([entry]).people.size).toBe(0);
  });
});
