import { describe, expect, it } from 'vitest';
import { commandWord, opWord, waitingText } from './opWords.ts';

const NOW = Date.parse('2026-11-21T10:00:00.000Z');
const op = (kind: string, at: string, ...fields: string[]) => ({ kind, at, fields });

describe('what waits on this desk, in words', () => {
  it('names a command by what it is about and an edit by its fields', () => {
    expect(opWord('stay', 'stay.move', ['segments'])).toBe('gulta');
    expect(opWord('person', 'edit', ['familyName', 'country'])).toBe('uzvārds un valsts');
    expect(opWord('person', 'create', ['familyName'])).toBe('jauns ieraksts');
  });

  it('has no word of its own for an edit: the log shows its fields', () => {
    expect(commandWord('stay.checkIn')).toBe('ierašanās reģistrēta');
    expect(commandWord('edit')).toBeNull();
    expect(commandWord('toString')).toBeNull();
  });

  it('says what was changed here and when, once for all records of a card', () => {
    const text = waitingText(
      [
        { kind: 'person', pending: null },
        { kind: 'stay', pending: [op('stay.move', '2026-11-21T07:40:00.000Z', 'segments')] },
        {
          kind: 'contact',
          pending: [
            op('edit', '2026-11-21T07:52:00.000Z', 'value'),
            op('edit', '2026-11-21T07:51:00.000Z', 'value'),
          ],
        },
      ],
      NOW,
    );
    expect(text).toContain('09:52: gulta un ');
    expect(waitingText([{ kind: 'stay', pending: null }], NOW)).toBeNull();
  });

  it('tells the day of what waits longer than today', () => {
    const waiting = { kind: 'stay' as const, pending: [op('stay.dates', '2026-11-20T07:52:00.000Z')] };
    expect(waitingText([waiting], NOW)).toContain('20.11.2026');
  });
});
