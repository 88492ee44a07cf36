import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Level, PolicyKey } from './policies.ts';
import { LEVELS, POLICIES, resolvePolicies } from './policies.ts';

const SAMPLES: Record<PolicyKey, readonly [unknown, unknown, unknown, unknown]> = {
  ServerUrl: ['https://a.lv', 'https://b.lv', 'https://c.lv', 'https://d.lv'],
  LockAfterMinutes: [1, 2, 3, 4],
  OfflineSignInDays: [1, 2, 3, 4],
  AllowPrint: ['deny', 'allow', 'deny', 'allow'],
  AllowDevTools: [true, false, true, false],
  HardwareAcceleration: [false, true, false, true],
};

function source(level: Level, values: Record<string, unknown>, name: string = level) {
  return { level, name, values };
}

describe('precedence', () => {
  it('without any source everything is at its default', () => {
    const { effective, problems } = resolvePolicies([]);
    for (const key of Object.keys(POLICIES) as PolicyKey[]) {
      expect(effective[key]).toEqual({ value: POLICIES[key].default, level: 'default', source: 'default' });
    }
    expect(problems).toEqual([]);
  });

  const cases = (Object.keys(POLICIES) as PolicyKey[]).flatMap((key) =>
    LEVELS.flatMap((high, i) => LEVELS.slice(i + 1).map((low) => [key, high, low] as const)),
  );
  it.each(cases)('%s: %s goes before %s, in whichever order they were read', (key, high, low) => {
    const winner = key !== 'ServerUrl' && high === 'user' ? low : high;
    const pair = [high, low].map((level) => source(level, { [key]: SAMPLES[key][LEVELS.indexOf(level)] }));
    for (const sources of [pair, pair.toReversed()]) {
      expect(resolvePolicies(sources).effective[key]).toEqual({
        value: SAMPLES[key][LEVELS.indexOf(winner)],
        level: winner,
        source: winner,
      });
    }
  });

  it('of two files of one level the later wins, key by key', () => {
    const { effective } = resolvePolicies([
      source('mandatory', { ServerUrl: 'https://a.lv', LockAfterMinutes: 3 }, '10.json'),
      source('mandatory', { ServerUrl: 'https://b.lv' }, '20.json'),
    ]);
    expect(effective.ServerUrl.value).toBe('https://b.lv');
    expect(effective.LockAfterMinutes.value).toBe(3);
  });
});

describe('the lower of two', () => {
  it.each(['LockAfterMinutes', 'OfflineSignInDays'] as const)(
    '%s, in whichever order they were read',
    (key) => {
      const pair = [
        source('mandatory', { [key]: 7 }, '10.json'),
        source('mandatory', { [key]: 3 }, '20.json'),
      ];
      for (const sources of [pair, pair.toReversed()]) {
        expect(resolvePolicies(sources).effective[key]).toEqual({
          value: 3,
          level: 'mandatory',
          source: '20.json',
        });
      }
    },
  );

  it('is not looked for among what is only proposed', () => {
    const sources = [
      source('mandatory', { LockAfterMinutes: 7 }),
      source('recommended', { LockAfterMinutes: 3 }),
    ];
    expect(resolvePolicies(sources).effective.LockAfterMinutes.value).toBe(7);
  });
});

describe('bad values', () => {
  it.each([
    ['ServerUrl', 'http://sivis.example.lv'],
    ['ServerUrl', 7],
    ['ServerUrl', null],
    ['LockAfterMinutes', 0],
    ['LockAfterMinutes', 61],
    ['LockAfterMinutes', '5'],
    ['LockAfterMinutes', 2.5],
    ['OfflineSignInDays', 0],
    ['OfflineSignInDays', 15],
    ['AllowPrint', 'no'],
    ['AllowPrint', false],
    ['AllowDevTools', 'false'],
    ['AllowDevTools', 2],
  ] as const)('%s = %j is named, and the next source is asked', (key, bad) => {
    const { effective, problems } = resolvePolicies([
      source('mandatory', { [key]: bad }),
      source('recommended', { [key]: SAMPLES[key][3] }),
    ]);
    expect(effective[key]).toEqual({ value: SAMPLES[key][3], level: 'recommended', source: 'recommended' });
    expect(problems).toEqual([{ source: 'mandatory', key, problem: 'bad-value' }]);
  });

  it('names keys that nothing reads, also those of an object', () => {
    const { problems } = resolvePolicies([source('mandatory', { Server: 'x', constructor: 1 })]);
    expect(problems.map((p) => [p.key, p.problem])).toEqual([
      ['Server', 'unknown-key'],
      ['constructor', 'unknown-key'],
    ]);
  });

  it('lets the user set the server and nothing else', () => {
    const { effective, problems } = resolvePolicies([
      source('user', { ServerUrl: 'https://a.lv', AllowDevTools: true }),
    ]);
    expect(effective.ServerUrl.value).toBe('https://a.lv');
    expect(effective.AllowDevTools.value).toBe(false);
    expect(problems).toEqual([{ source: 'user', key: 'AllowDevTools', problem: 'not-for-this-level' }]);
  });

  it('takes 0 and 1 for a boolean, as the registry writes it', () => {
    const { effective } = resolvePolicies([
      source('mandatory', { AllowDevTools: 1, HardwareAcceleration: 0 }),
    ]);
    expect([effective.AllowDevTools.value, effective.HardwareAcceleration.value]).toEqual([true, false]);
  });
});

describe('what administrators are told', () => {
  const installers = path.resolve(import.meta.dirname, '../../../installers');
  const read = (file: string) => readFileSync(path.join(installers, file), 'utf8');

  it.each(['managed', 'recommended'])('the sample of %s policies has no problem', (level) => {
    const values = JSON.parse(read(`linux/policies/${level}/10-sivis.json`)) as Record<string, unknown>;
    expect(resolvePolicies([source('mandatory', values)]).problems).toEqual([]);
  });

  it.each(['linux/README.md', 'windows/README.md'])(
    '%s names the policies that are read, and no other',
    (file) => {
      const rows = [...read(file).matchAll(/^\| `([A-Z]\w+)` +\|/gm)].map((m) => m[1]);
      expect(rows).toEqual(Object.keys(POLICIES));
    },
  );
});
