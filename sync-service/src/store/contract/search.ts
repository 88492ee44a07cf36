import { describe, expect, it } from 'vitest';
import { TODAY, SITES, makeDoc, testId } from '../contractWorld.ts';
import type { Store } from '../store.ts';
import { scopeOf } from '../visibility.ts';
import { RECEPTION, person, type TestStores } from './testStores.ts';

/** The search for people. */
export function searchContract({ open }: TestStores): void {
  describe('search', () => {
    const search = (store: Store, text: string) =>
      store.read((tx) => tx.searchPeople(text, 10, scopeOf(RECEPTION, 'person', TODAY)));

    it('folds, meets other forms of a name, and puts the best first', async () => {
      const store = await open();
      await store.write(async (tx) => {
        await tx.putDoc(person(1, 'Bērziņš', 'Jānis'));
        await tx.putDoc(person(2, 'Bērziņa', 'Anna'));
        await tx.putDoc(person(3, 'Bērzkalne', 'Inga'));
        await tx.putDoc(
          person(4, 'Kalniņa', 'Bērta', { formerNames: [{ familyName: 'Bērziņa', givenName: 'Bērta' }] }),
        );
        await tx.putDoc({ ...person(5, 'Bērziņš', 'Citur'), siteId: SITES[1] });
      });
      const at = async (text: string) => (await search(store, text)).ids.map((id) => Number(id.slice(-8)));
      const forms = await at('Bērziņš');
      expect(forms.slice(0, 2)).toEqual([1, 2]);
      expect([...forms].sort()).toEqual([1, 2, 3, 4]);
      expect((await at('berzina')).slice(0, 3)).toEqual([2, 4, 1]);
      expect(await at('anna bērz')).toEqual([2]);
      expect(await at('BĒRZ')).toEqual([2, 1, 3, 4]);
      expect(await at('jan berz')).toEqual([1]);
      expect(await at('zzz')).toEqual([]);
      expect((await search(store, 'berz')).total).toBe(4);
      expect(await at('"*) OR (')).toEqual([]);
    });

    it('finds fragments of a personas kods and of a phone', async () => {
      const store = await open();
      await store.write(async (tx) => {
        await tx.putDoc(
          person(1, 'Liepa', 'Ilze', {
            personalCode: '329999-90011',
            previousPersonalCodes: ['010118-20027'],
          }),
        );
        await tx.putDoc(person(2, 'Ozola', 'Anna'));
        await tx.putDoc(
          makeDoc(testId(8, 1), 'contact', SITES[0], {
            personId: testId(3, 2),
            contactKind: 'phone',
            value: '+371 2612 3456',
          }),
        );
      });
      const at = async (text: string) => (await search(store, text)).ids.map((id) => Number(id.slice(-8)));
      expect(await at('329999-9')).toEqual([1]);
      expect(await at('90011')).toEqual([1]);
      expect(await at('9990')).toEqual([1]);
      expect(await at('010118')).toEqual([1]);
      expect(await at('2612 34')).toEqual([2]);
      expect(await at('26123456')).toEqual([2]);
      expect(await at('+371 26123456')).toEqual([2]);
      expect(await at('ozola 3456')).toEqual([2]);
      expect(await at('12')).toEqual([]);
      expect(await store.read((tx) => tx.peopleWithCode('329999-90011'))).toEqual([testId(3, 1)]);
      expect(await store.read((tx) => tx.peopleWithCode('010118-20027'))).toEqual([testId(3, 1)]);
    });

    it('follows a changed name, code and phone', async () => {
      const store = await open();
      await store.write(async (tx) => {
        await tx.putDoc(
          makeDoc(testId(8, 1), 'contact', SITES[0], {
            personId: testId(3, 1),
            contactKind: 'phone',
            value: '26123456',
          }),
        );
        await tx.putDoc(person(1, 'Liepa', 'Ilze', { personalCode: '329999-90011' }));
      });
      expect((await search(store, '26123')).total).toBe(1);
      await store.write(async (tx) => {
        await tx.putDoc({ ...person(1, 'Kļava', 'Ilze', { personalCode: '329999-90022' }), rev: 2 });
        await tx.putDoc(
          makeDoc(testId(8, 1), 'contact', SITES[0], {
            personId: testId(3, 1),
            contactKind: 'phone',
            value: '29999999',
          }),
        );
      });
      for (const gone of ['liepa', '90011', '26123']) expect((await search(store, gone)).total).toBe(0);
      for (const there of ['klava', '90022', '29999']) expect((await search(store, there)).total).toBe(1);
    });
  });
}
