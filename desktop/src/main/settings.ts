import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from './atomic-file.ts';

const schema = z.looseObject({ ServerUrl: z.string().optional() });

/** The user's own settings, as a source of policies. */
export type Settings = z.infer<typeof schema>;

function fileOf(folder: string): string {
  return path.join(folder, 'settings.json');
}

/** @returns what the user set; nothing when the file is missing or damaged (it can be set again) */
export function readSettings(folder: string): Settings {
  try {
    return schema.parse(JSON.parse(readFileSync(fileOf(folder), 'utf8')));
  } catch {
    return {};
  }
}

/** @throws the file system's error; the old settings are then still there */
export async function writeSettings(folder: string, settings: Settings): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFileAtomically(fileOf(folder), `${JSON.stringify(settings, null, 2)}\n`);
}
