import { newId } from '@sivis/shared/ids/ids.ts';
import { describe, expect, it } from 'vitest';
import { checkNewPerson, EMPTY_PERSON, isComplete, personDrafts, personFields } from './bookingForm.ts';

const FULL = {
  ...EMPTY_PERSON,
  familyName: ' Bērziņa ',
  givenName: 'Anna',
  sex: 'F',
  personalCode: '32999999911',
  birthDate: '1985-07-14',
};

describe('a new client', () => {
  it('needs names, sex, birth date and a code or a document', () => {
    expect(checkNewPerson(EMPTY_PERSON).missing).toEqual([
      'familyName',
      'givenName',
      'sex',
      'birthDate',
      'personalCode',
    ]);
    expect(isComplete(checkNewPerson(FULL))).toBe(true);
    const foreign = { ...FULL, personalCode: '', noCode: true };
    expect(checkNewPerson(foreign).missing).toEqual(['documentNumber']);
    expect(personFields({ ...foreign, documentNumber: 'X1' })).toMatchObject({ documentNumber: 'X1' });
    expect(personFields({ ...foreign, documentNumber: 'X1' })).not.toHaveProperty('personalCode');
  });

  it('is refused with a code of a wrong shape and only warned of a wrong check digit', () => {
    expect(checkNewPerson({ ...FULL, personalCode: '1407' }).codeMalformed).toBe(true);
    const mismatch = checkNewPerson({ ...FULL, personalCode: '140765-00000' });
    expect(mismatch.codeMalformed).toBe(false);
    expect(isComplete(mismatch)).toBe(true);
  });

  it('is one command with her phone, names trimmed and the code with its hyphen', () => {
    const [id, site] = [newId(), newId()];
    const drafts = personDrafts({ ...FULL, phone: ' 20000001 ' }, id, site);
    expect(drafts.map(({ kind, op }) => [kind, op])).toEqual([
      ['person', 'create'],
      ['contact', 'create'],
    ]);
    expect(drafts[0]?.id).toBe(id);
    expect(drafts[0]?.changes['familyName']?.after).toBe('Bērziņa');
    expect(drafts[0]?.changes['personalCode']?.after).toBe('329999-99911');
    expect(drafts[1]?.changes['value']?.after).toBe('20000001');
    expect(personDrafts(FULL, id, site)).toHaveLength(1);
  });
});
