import { describe, expect, it } from 'vitest';
import { KINDS, KIND_NAMES } from '@sivis/shared/docs/kinds.ts';
import { fieldLabel, kindName, valueText } from './fieldWords.ts';
import { NO_NAMES, type Names } from './names.ts';
import { recordTitle } from './recordTitle.ts';

const names: Names = {
  ...NO_NAMES,
  person: (id) => (id === 'p1' ? 'BĒRZIŅA, Anna' : null),
  bed: (id) => (id === 'b1' ? '214 B' : null),
};

describe('words of fields', () => {
  it('has a label for every field of every kind', () => {
    const missing = KIND_NAMES.flatMap((kind) =>
      Object.keys(KINDS[kind].schema.shape)
        .filter((field) => fieldLabel(kind, field) === field)
        .map((field) => `${kind}.${field}`),
    );
    expect(missing).toEqual([]);
    expect(KIND_NAMES.filter((kind) => kindName(kind) === kind)).toEqual([]);
  });

  it('shows dates, instants, states, money, flags and ids as people read them', () => {
    expect(valueText('person', 'birthDate', '1985-07-14', names)).toBe('14.07.1985');
    expect(valueText('stay', 'checkedInAt', '2026-11-21T08:03:41.000Z', names)).toBe('21.11.2026 10:03');
    expect(valueText('stay', 'state', 'in_house', names)).toBe('Mājā');
    expect(valueText('reservation', 'pricePerNight', 4250, names)).toBe('42,50 €');
    expect(valueText('stay', 'unconfirmed', true, names)).toBe('jā');
    expect(valueText('stay', 'personId', 'p1', names)).toBe('BĒRZIŅA, Anna');
    expect(valueText('person', 'alerts', ['noStairs', 'latex'], names)).toBe('bez kāpnēm; lateksa alerģija');
    expect(valueText('person', 'sex', null, names)).toBe('—');
    expect(valueText('person', 'alerts', [], names)).toBe('—');
  });

  it('shows the parts of a stay with bed and nights; no number of a bed that is not known', () => {
    const segments = [
      { id: 's1', bedId: 'b1', from: '2026-11-14', to: '2026-11-20' },
      { id: 's2', bedId: null, from: '2026-11-20', to: '2026-11-28' },
    ];
    expect(valueText('stay', 'segments', segments, names)).toBe(
      '214 B 14.11.2026–20.11.2026; bez gultas 20.11.2026–28.11.2026',
    );
    expect(valueText('task', 'bedId', '0190-3f2a', names)).toBe('gulta ārpus jūsu darba loka');
  });

  it('says what was seen of key and belongings when a guest left', () => {
    const seen = { keyReturned: false, belongings: true, note: 'atslēgu atsūtīs' };
    expect(valueText('stay', 'checkout', seen, names)).toBe(
      'Atslēga nav atdota, Mantas paņemtas, atslēgu atsūtīs',
    );
    expect(valueText('stay', 'checkout', { belongings: false }, names)).toBe('Mantas nav pārbaudītas');
  });

  it('shows what a newer service sends as it is', () => {
    expect(valueText('stay', 'state', 'teleported', names)).toBe('teleported');
    expect(fieldLabel('stay', 'somethingNew')).toBe('somethingNew');
  });

  it('calls a record by what its reader may know', () => {
    const fields = { personId: 'p1', arriveDate: '2026-11-14', departDate: '2026-11-28' };
    expect(recordTitle('stay', fields, names)).toBe('Uzturēšanās 14.11.–28.11. · BĒRZIŅA, Anna');
    expect(recordTitle('stay', { ...fields, personId: 'p2' }, names)).toBe('Uzturēšanās 14.11.–28.11.');
  });
});
