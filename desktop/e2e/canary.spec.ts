import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { WireDoc } from './support/serviceClient.ts';
import { search, searchField } from './support/shell.ts';
import { expect, test } from './support/test.ts';

/** How a text may stand in a file: bytes of UTF-8, of UTF-16 (as browsers store strings), or escaped in JSON. */
function spellings(text: string): Buffer[] {
  const escaped = [...text]
    .map((letter) =>
      letter > '\u007f' ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
    )
    .join('');
  const forms = [text, text.toLowerCase(), text.toUpperCase()];
  return [
    ...forms.flatMap((form) => [Buffer.from(form, 'utf8'), Buffer.from(form, 'utf16le')]),
    Buffer.from(escaped),
    Buffer.from(encodeURIComponent(text)),
  ];
}

/** The files below a folder that hold one of the spellings. */
async function filesWith(folder: string, wanted: readonly Buffer[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const content = await readFile(file);
    if (wanted.some((bytes) => content.includes(bytes))) found.push(path.relative(folder, file));
  }
  return found;
}

/** Somebody of today's lists whose surname is nobody else's: found on the disk, it can only be this person. */
function canaryOf(docs: ReadonlyMap<string, WireDoc>): { id: string; familyName: string; stayId: string } {
  const people = [...docs.values()].filter(({ kind }) => kind === 'person');
  for (const stay of docs.values()) {
    if (stay.kind !== 'stay' || stay.fields['state'] !== 'in_house') continue;
    const person = docs.get(String(stay.fields['personId']));
    const familyName = (person?.fields['familyName'] ?? '') as string;
    const alone = people.filter(({ fields }) => fields['familyName'] === familyName).length === 1;
    if (person !== undefined && alone && /[ā-ž]/.test(familyName)) {
      return { id: person.id, familyName, stayId: stay.id };
    }
  }
  throw new Error('the centre has no guest whose surname is alone');
}

test('no surname and no personal code can be read from the disk of a desk', async ({ house }) => {
  const client = await house.client(house.account('reception'));
  const docs = await client.everything();
  const canary = canaryOf(docs);
  const code = (docs.get(canary.id)?.fields['personalCode'] ?? '') as string;

  const desk = await house.desk('reception', { own: true });
  await search(desk.page, canary.familyName, canary.familyName.toUpperCase());
  await searchField(desk.page).fill('');
  await desk.synced();

  // Locked and killed: what was in the browser's memory is not written on the way out.
  await desk.page.keyboard.press('Control+l');
  await expect(desk.page.getByRole('heading', { name: 'Darbstacija ir bloķēta' })).toBeVisible();
  await desk.kill();

  const profile = house.folder('desk-1');
  // The search looks in the right place: the ids, which may be read, are there.
  expect(await filesWith(profile, [Buffer.from(canary.id), Buffer.from(canary.id, 'utf16le')])).not.toEqual(
    [],
  );
  expect(await filesWith(profile, spellings(canary.familyName))).toEqual([]);
  if (code !== '') expect(await filesWith(profile, spellings(code))).toEqual([]);
});
