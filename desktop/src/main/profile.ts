import path from 'node:path';

export interface ProfileInput {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What Electron calls `appData`: ~/.config, ~/Library/Application Support, %APPDATA%. */
  readonly appData: string;
  readonly packaged: boolean;
}

export type Profile =
  | { readonly ok: true; readonly folder: string }
  /** On a network drive a database breaks; on a roaming one two computers would overwrite each other. */
  | { readonly ok: false; readonly reason: 'network-path' };

/** SIVIS_DESK: a second desk on one computer, of an unpackaged program only. */
function deskSuffix(env: ProfileInput['env'], packaged: boolean): string {
  const desk = packaged ? undefined : env['SIVIS_DESK'];
  return desk !== undefined && /^[2-9]$/.test(desk) ? `-desk-${desk}` : '';
}

/**
 * Where this user's desk keeps its data. On Windows the local folder, never the roaming one.
 */
export function profileFolder({ platform, env, appData, packaged }: ProfileInput): Profile {
  const windows = platform === 'win32';
  const base = windows ? (env['LOCALAPPDATA'] ?? appData) : appData;
  if (windows && /^[\\/]{2}/.test(base)) return { ok: false, reason: 'network-path' };
  const flavour = windows ? path.win32 : path.posix;
  return { ok: true, folder: flavour.join(base, `SIVIS${deskSuffix(env, packaged)}`) };
}
