import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { LIMITS } from './limits.ts';
import type { Level, PolicySource } from './policies.ts';

/** Where the administration of a Linux workstation puts its policies. */
export const POLICY_FOLDER = '/etc/sivis-workstation/policies';

export interface RefusedFile {
  readonly file: string;
  readonly problem: 'owner' | 'writable' | 'too-large' | 'not-json' | 'unreadable';
}

export interface PolicyFiles {
  readonly sources: readonly PolicySource[];
  readonly refused: readonly RefusedFile[];
}

/** A policy that others than its owner could have written is anybody's wish. */
function ownershipProblem(file: string, owner: number): RefusedFile['problem'] | undefined {
  const { uid, mode } = statSync(file);
  if (uid !== owner) return 'owner';
  return (mode & 0o022) === 0 ? undefined : 'writable';
}

function readPolicy(file: string, owner: number): Record<string, unknown> | RefusedFile['problem'] {
  try {
    const problem = ownershipProblem(file, owner);
    if (problem !== undefined) return problem;
    if (statSync(file).size > LIMITS.policyFileBytes) return 'too-large';
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : 'not-json';
  } catch (error) {
    return error instanceof SyntaxError ? 'not-json' : 'unreadable';
  }
}

function jsonFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return names.sort().map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

function readLevel(folder: string, level: Level, owner: number): PolicyFiles {
  const files = jsonFiles(folder);
  if (files.length === 0) return { sources: [], refused: [] };
  const folderProblem = ownershipProblem(folder, owner);
  if (folderProblem !== undefined)
    return { sources: [], refused: [{ file: folder, problem: folderProblem }] };
  const sources: PolicySource[] = [];
  const refused: RefusedFile[] = [];
  for (const file of files) {
    const read = readPolicy(file, owner);
    if (typeof read === 'string') refused.push({ file, problem: read });
    else sources.push({ level, name: file, values: read });
  }
  return { sources, refused };
}

/**
 * Reads `managed/*.json` and `recommended/*.json` in the order of their names. Files and folders that are
 * not root's own, or that others may write, are refused and named; a missing folder is no policy.
 * @param folder usually {@link POLICY_FOLDER}
 * @param owner user id that must own them; 0 is root
 */
export function readPolicyFiles(folder: string, owner = 0): PolicyFiles {
  const levels = [
    readLevel(path.join(folder, 'managed'), 'mandatory', owner),
    readLevel(path.join(folder, 'recommended'), 'recommended', owner),
  ];
  return { sources: levels.flatMap((l) => l.sources), refused: levels.flatMap((l) => l.refused) };
}
