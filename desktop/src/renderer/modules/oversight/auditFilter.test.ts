import { describe, expect, it } from 'vitest';
import { auditQuerySchema } from '@sivis/shared/protocol/messages/audit.ts';
import { ACCESS_ACTIONS, auditQuery, periodSpan, type AuditFilter } from './auditFilter.ts';

const NOTHING: AuditFilter = {
  person: null,
  actor: null,
  device: null,
  group: null,
  span: null,
  accessOnly: false,
};
const ID = '01900000-0000-7000-8000-000000000001';

describe('the question to the audit log', () => {
  it('asks for everything without a filter', () => {
    expect(auditQuery(NOTHING)).toEqual({ limit: 200 });
  });

  it('is what the service reads, with every filter set', () => {
    const query = auditQuery(
      {
        person: { id: ID, name: 'BĒRZIŅA, Anna' },
        actor: { id: ID, name: 'Agnese' },
        device: { id: ID, name: 'Reģ-2' },
        group: 'changes',
        span: { from: '2026-11-21', to: '2026-11-21' },
        accessOnly: false,
      },
      17,
    );
    expect(auditQuerySchema.parse(query)).toMatchObject({
      personId: ID,
      actions: ['create', 'update', 'undo', 'displace', 'import'],
      from: '2026-11-20T22:00:00.000Z',
      to: '2026-11-21T22:00:00.000Z',
      before: 17,
    });
    expect(JSON.stringify(query)).not.toContain('BĒRZIŅA');
  });

  it('a client’s access history shows the desks’ entries of reading only', () => {
    const query = auditQuery({ ...NOTHING, group: 'changes', accessOnly: true });
    expect(query.actions).toEqual([...ACCESS_ACTIONS]);
    expect(ACCESS_ACTIONS).toEqual(['view', 'list', 'search', 'print', 'export']);
  });

  it('asks for replication only when it is wanted', () => {
    expect(auditQuery({ ...NOTHING, group: 'replication' })).toMatchObject({
      replication: true,
      actions: ['replicate'],
    });
  });

  it('counts periods back from today, both days within', () => {
    expect(periodSpan('today', '2026-11-21')).toEqual({ from: '2026-11-21', to: '2026-11-21' });
    expect(periodSpan('week', '2026-11-21')).toEqual({ from: '2026-11-15', to: '2026-11-21' });
    expect(periodSpan('month', '2026-11-21')?.from).toBe('2026-10-23');
    expect(periodSpan('all', '2026-11-21')).toBeNull();
  });
});
