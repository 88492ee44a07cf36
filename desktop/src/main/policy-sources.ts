import type { Log } from './log.ts';
import type { Policies, PolicySource } from './policies.ts';
import { resolvePolicies } from './policies.ts';
import { POLICY_FOLDER, readPolicyFiles } from './policy-files.ts';
import { readPolicyRegistry } from './policy-registry.ts';
import { readSettings } from './settings.ts';

export interface PolicyEnvironment {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly packaged: boolean;
  readonly userData: string;
}

function machineSources({ platform, env }: PolicyEnvironment, log: Log): readonly PolicySource[] {
  if (platform === 'win32') return readPolicyRegistry(env['SystemRoot'] ?? 'C:\\Windows');
  const { sources, refused } = readPolicyFiles(POLICY_FOLDER);
  for (const { file, problem } of refused) log('policy-file-refused', { file, problem });
  return sources;
}

/** The environment counts in an unpackaged program only: whoever sets it there owns the program anyway. */
function developmentSource({ env, packaged }: PolicyEnvironment): readonly PolicySource[] {
  const url = env['SIVIS_SERVICE_URL'];
  if (packaged || url === undefined) return [];
  return [{ level: 'development', name: 'SIVIS_SERVICE_URL', values: { ServerUrl: url } }];
}

/** Reads every source of this system and decides; what is wrong with them goes to the log. */
export function readPolicies(environment: PolicyEnvironment, log: Log): Policies {
  const policies = resolvePolicies([
    ...machineSources(environment, log),
    ...developmentSource(environment),
    { level: 'user', name: 'settings.json', values: readSettings(environment.userData) },
  ]);
  for (const { source, key, problem } of policies.problems) log('policy-ignored', { source, key, problem });
  return policies;
}
