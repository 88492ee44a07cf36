import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { idField } from '@sivis/shared/docs/fieldTypes.ts';
import { serviceWho } from '../audit/auditLog.ts';
import { loadKeys } from '../identity/keys.ts';
import { technical } from '../identity/parts.ts';
import { verifyPassword } from '../identity/passwords.ts';
import { openSealedTo } from '../identity/sealedTo.ts';
import type { UserRow } from '../store/store.ts';
import type { CommandHandler, CommandResult } from './seam.ts';
import { VERSION } from './version.ts';

export const RECOVER_KEY = 'recover key';

/** What a desk saves when somebody cannot open her data there. */
const requestSchema = z.strictObject({
  format: z.literal('sivis-key-request/1'),
  deviceId: idField,
  place: z.string().max(100),
  sealed: z.string(),
});
const keySchema = z.strictObject({ place: z.string(), dataKey: z.base64() });

const argsSchema = z.strictObject({
  file: z.string(),
  users: z.tuple([z.string(), z.string()]),
  passwords: z.tuple([z.string(), z.string()]),
});

const WORDS = {
  usage: 'Vajadzīgi divi lietotāji un viņu paroles, katra savā rindā. Nekas nav izsniegts.',
  unreadable: 'Pieprasījums nav nolasāms vai ir domāts citam servisam. Nekas nav izsniegts.',
  'unknown-device': 'Pieprasījumā minētā darbstacija nav zināma. Nekas nav izsniegts.',
  'same-person': 'Vajadzīgi divi dažādi cilvēki. Nekas nav izsniegts.',
  roles: 'Vajadzīgs viens no IT un viens maiņas vadītājs vai auditors. Nekas nav izsniegts.',
  password: 'Lietotājs vai parole nav pareiza. Nekas nav izsniegts.',
} as const;

/**
 * Releases the data key of one person at one desk (security.md 5.4): two people with their passwords, one of IT and a
 * duty manager or auditor. What is shown is the key; the desk opens with it and a new password. Every attempt is in the log.
 */
export const recoverKey: CommandHandler = async (context, args) => {
  const { store, audit, clock } = context;
  const who = serviceWho(clock.now(), VERSION);
  const refuse = async (
    code: keyof typeof WORDS,
    people: readonly UserRow[] = [],
  ): Promise<CommandResult> => {
    context.say(WORDS[code]);
    const detail = { by: people.map(({ id }) => id).join(' ') };
    await audit.auditRead(store, who, technical('keyRelease', code, { kind: 'device', detail }));
    return { exit: code === 'usage' ? 2 : 1, value: { error: { code } } };
  };

  const given = argsSchema.safeParse(args);
  if (!given.success) return refuse('usage');
  const { file, users, passwords } = given.data;
  const found = await store.read(async (tx) => [
    await tx.userByName(users[0]),
    await tx.userByName(users[1]),
  ]);
  const people = found.filter((user) => user !== undefined);
  const [first, second] = people;
  for (const [index, password] of passwords.entries())
    if (!(await verifyPassword(password, found[index]?.passwordHash))) return refuse('password', people);
  if (first === undefined || second === undefined || people.some(({ disabled }) => disabled))
    return refuse('password', people);
  if (first.id === second.id) return refuse('same-person', people);
  const roles = people.map(({ role }) => role);
  const other = roles.some((role) => role === 'dutyManager' || role === 'auditor');
  if (!roles.includes('it') || !other) return refuse('roles', people);

  let request: z.infer<typeof requestSchema>;
  let dataKey: string;
  try {
    request = requestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const { recovery } = loadKeys(context.dataDir);
    const opened = keySchema.parse(JSON.parse(openSealedTo(recovery, 'sivis-key/1', request.sealed)));
    if (opened.place !== request.place) throw new Error('the key of another place');
    dataKey = opened.dataKey;
  } catch {
    return refuse('unreadable', people);
  }
  const { deviceId } = request;
  if ((await store.read((tx) => tx.device(deviceId))) === undefined) return refuse('unknown-device', people);
  // In the log before it is shown.
  await audit.auditRead(
    store,
    who,
    technical('keyRelease', 'ok', {
      kind: 'device',
      objectId: deviceId,
      detail: { by: `${first.id} ${second.id}`, place: request.place },
    }),
  );
  context.say('Atjaunošanas kods (redzams tikai tagad; nododiet to tikai šīs darbstacijas lietotājam):');
  context.say(dataKey);
  return { exit: 0, value: { deviceId, code: dataKey } };
};
