import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ROLES } from '@sivis/shared/access/roles.ts';
import type { Site } from '@sivis/shared/lodging/places.ts';
import { SivisError } from '@sivis/shared/protocol/errors.ts';
import { userCreateSchema } from '@sivis/shared/protocol/messages/administration.ts';
import { toInstant } from '@sivis/shared/time/clock.ts';
import { entryLine, exportRows } from '../audit/export.ts';
import { EXPORT_FORMATS, exportLine } from '../audit/siem.ts';
import { serviceWho } from '../audit/auditLog.ts';
import { randomPassword } from '../identity/passwords.ts';
import { issueDeviceCode } from '../identity/enrolment.ts';
import { ephemeralKeys } from '../identity/keys.ts';
import type { IdentityDeps } from '../identity/parts.ts';
import { createSite, newSiteSchema } from '../identity/sites.ts';
import { createUser, updateUser, userView } from '../identity/users.ts';
import { SERVICE_LIMITS } from '../limits.ts';
import { createBackup } from './backup.ts';
import { examineStore } from './doctor/store.ts';
import type { CommandContext, CommandHandler, CommandResult } from './seam.ts';
import { VERSION } from './version.ts';

/** Commands that need the open store; they run inside the serving process when there is one. */
export const COMMANDS = {
  userCreate: 'admin user create',
  userReset: 'admin user reset',
  userDisable: 'admin user disable',
  userList: 'admin user list',
  siteCreate: 'admin site create',
  siteList: 'admin site list',
  deviceCode: 'device enrol',
  auditExport: 'audit export',
  backupCreate: 'backup create',
  doctor: 'doctor',
} as const;

function identityOf(context: CommandContext): IdentityDeps {
  return {
    store: context.store,
    clock: context.clock,
    audit: context.audit,
    accessChanged: context.accessChanged,
    // No token is signed, no secret opened and no sign-in counted by a command.
    keys: ephemeralKeys(),
    addressAttempts: SERVICE_LIMITS.addressAttempts,
    openEnrolment: false,
  };
}

const failed = (code: string, detail: Readonly<Record<string, string | number>> = {}): CommandResult => ({
  exit: 1,
  value: { error: { code, ...detail } },
});

async function guarded(work: () => Promise<CommandResult>): Promise<CommandResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SivisError) return failed(error.code, error.detail);
    if (error instanceof z.ZodError)
      return { exit: 2, value: { error: { code: 'usage', field: String(error.issues[0]?.path[0] ?? '') } } };
    throw error;
  }
}

const createArgs = z.strictObject({
  user: userCreateSchema.shape.user,
  name: userCreateSchema.shape.name,
  role: z.enum(ROLES),
  sites: z.array(z.string()).optional(),
  password: z.string().optional(),
});

const userCreate: CommandHandler = (context, args) =>
  guarded(async () => {
    const { sites, password, ...user } = createArgs.parse(args);
    const known = await context.store.read((tx) => tx.docsOfKind('site'));
    const siteIds = sites ?? known.map((site) => site.id);
    const stranger = siteIds.find((id) => !known.some((site) => site.id === id));
    if (stranger !== undefined) return failed('unknown-site', { site: stranger });
    const chosen = password ?? randomPassword();
    const who = serviceWho(context.clock.now(), VERSION);
    const view = await createUser(identityOf(context), who, { ...user, siteIds, password: chosen });
    context.say(`Lietotājs ${view.user} izveidots.`);
    if (password === undefined) context.say(`Parole (redzama tikai tagad): ${chosen}`);
    return {
      exit: 0,
      value: {
        id: view.id,
        user: view.user,
        role: view.role,
        ...(password === undefined ? { password: chosen } : {}),
      },
    };
  });

const nameArgs = z.strictObject({ user: z.string(), password: z.string().optional() });

const userReset: CommandHandler = (context, args) =>
  guarded(async () => {
    const { user: name, password } = nameArgs.parse(args);
    const user = await context.store.read((tx) => tx.userByName(name));
    if (user === undefined) return failed('NOT_FOUND', { user: name });
    const chosen = password ?? randomPassword();
    await updateUser(identityOf(context), serviceWho(context.clock.now(), VERSION), {
      id: user.id,
      password: chosen,
    });
    context.say(`Lietotāja ${name} parole nomainīta, sesijas beigtas.`);
    if (password === undefined) context.say(`Parole (redzama tikai tagad): ${chosen}`);
    return { exit: 0, value: { user: name, ...(password === undefined ? { password: chosen } : {}) } };
  });

const userDisable: CommandHandler = (context, args) =>
  guarded(async () => {
    const { user: name } = nameArgs.parse(args);
    const user = await context.store.read((tx) => tx.userByName(name));
    if (user === undefined) return failed('NOT_FOUND', { user: name });
    await updateUser(identityOf(context), serviceWho(context.clock.now(), VERSION), {
      id: user.id,
      disabled: true,
    });
    context.say(`Lietotājs ${name} slēgts, sesijas beigtas.`);
    return { exit: 0, value: { user: name, disabled: true } };
  });

const userList: CommandHandler = async (context) => {
  const users = (await context.store.read((tx) => tx.users())).map((user) => userView(user, false));
  for (const user of users) {
    context.say([user.user, user.role, user.name, user.disabled ? 'slēgts' : ''].join('\t').trimEnd());
  }
  return { exit: 0, value: { users: users as never } };
};

const deviceArgs = z.strictObject({ name: z.string().trim().min(1).max(60) });

const deviceCode: CommandHandler = (context, args) =>
  guarded(async () => {
    const { name } = deviceArgs.parse(args);
    const who = serviceWho(context.clock.now(), VERSION);
    const { code, expiresAt } = await issueDeviceCode(identityOf(context), who, { name });
    context.say(`Pieslēgšanas kods (vienreizējs, 15 minūtes): ${code}`);
    return { exit: 0, value: { code, expiresAt } };
  });

const siteCreate: CommandHandler = (context, args) =>
  guarded(async () => {
    const site = newSiteSchema.parse(args);
    const who = serviceWho(context.clock.now(), VERSION);
    const id = await context.store.write((tx) => createSite(tx, context.audit, who, site));
    context.say(`Centrs „${site.name}” izveidots: ${id}`);
    return { exit: 0, value: { id, ...site } };
  });

const siteList: CommandHandler = async (context) => {
  const sites = (await context.store.read((tx) => tx.docsOfKind('site'))).map(({ id, fields }) => {
    const { name, code } = fields as unknown as Site;
    return { id, name, code };
  });
  for (const { id, name, code } of sites) context.say([id, code, name].join('\t'));
  return { exit: 0, value: { sites } };
};

const exportArgs = z.strictObject({
  withPayload: z.boolean(),
  format: z.enum(EXPORT_FORMATS).default('jsonl'),
  from: z.string().optional(),
  to: z.string().optional(),
  subject: z.string().optional(),
});

const auditExport: CommandHandler = (context, args) =>
  guarded(async () => {
    const { withPayload, format, ...filter } = exportArgs.parse(args);
    // Who takes the values out of the house is in the log before they leave it.
    await context.audit.auditRead(context.store, serviceWho(context.clock.now(), VERSION), {
      action: 'auditExport',
      kind: 'audit',
      objectId: '',
      personIds: [],
      personal: withPayload,
      result: 'ok',
      detail: {
        withPayload,
        format,
        from: filter.from ?? '',
        to: filter.to ?? '',
        subject: filter.subject ?? '',
      },
    });
    let entries = 0;
    for await (const row of exportRows(context.store, filter)) {
      context.say(
        format === 'jsonl'
          ? entryLine(row, withPayload)
          : exportLine(format, row.seq, row.envelope, { version: VERSION, host: hostname() }),
      );
      entries += 1;
    }
    return { exit: 0, value: { entries } };
  });

const backupArgs = z.strictObject({ to: z.string().optional() });

const backupCreate: CommandHandler = (context, args) =>
  guarded(async () => {
    const nowMs = context.clock.now();
    const { to } = backupArgs.parse(args);
    const target = to ?? path.join(context.dataDir, 'backups', toInstant(nowMs).replaceAll(/[:.]/g, '-'));
    await context.audit.auditRead(context.store, serviceWho(nowMs, VERSION), {
      action: 'backup',
      kind: 'store',
      objectId: '',
      personIds: [],
      personal: false,
      result: 'ok',
    });
    const result = await createBackup(context.store, context.dataDir, target, nowMs);
    if (result.exit === 0) context.say(`Kopija: ${target}`);
    return result;
  });

/** All of them by name. */
export function registerCommands(handlers: Map<string, CommandHandler>): void {
  handlers.set(COMMANDS.userCreate, userCreate);
  handlers.set(COMMANDS.userReset, userReset);
  handlers.set(COMMANDS.userDisable, userDisable);
  handlers.set(COMMANDS.userList, userList);
  handlers.set(COMMANDS.siteCreate, siteCreate);
  handlers.set(COMMANDS.siteList, siteList);
  handlers.set(COMMANDS.deviceCode, deviceCode);
  handlers.set(COMMANDS.auditExport, auditExport);
  handlers.set(COMMANDS.backupCreate, backupCreate);
  handlers.set(COMMANDS.doctor, examineStore);
}
