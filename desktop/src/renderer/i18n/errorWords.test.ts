import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ERRORS, SivisError } from '@sivis/shared/protocol/errors.ts';
import { violation } from '@sivis/shared/rules/violation.ts';
import { WORDS } from '@sivis/shared/rules/words.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { codeText, errorText } from './errorWords.ts';
import { switchLocale } from './locale.svelte.ts';

const DESKTOP = path.resolve(import.meta.dirname, '../..');

/** Errors that say that the program itself is wrong: they reach a developer, and a user as "did not work". */
const OF_DEVELOPERS = new Set(['ClearFieldError', 'ForbiddenKeysError']);

const literals = (type: string): string[] => [...type.matchAll(/'([^']+)'/g)].map(([, code]) => code ?? '');

/** Every class of errors of the workstation with the codes that it can carry, read from the sources. */
function errorClasses(): { name: string; codes: string[] }[] {
  const files = readdirSync(DESKTOP, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('generated'),
  );
  const sources = files.map((file) => readFileSync(path.join(DESKTOP, file), 'utf8'));
  const aliases = new Map(
    sources.flatMap((source) =>
      [...source.matchAll(/type (\w+) =([^;]+);/g)].map(([, name = '', type = '']) => [name, type] as const),
    ),
  );
  return sources.flatMap((source) =>
    [...source.matchAll(/class (\w+) extends Error \{(.*?)\n\}/gs)].map(([, name = '', body = '']) => {
      const type = /readonly code(?:: | = )([^;]+);/.exec(body)?.[1] ?? '';
      const parts = type.split('|').map((part) => part.trim());
      return {
        name,
        codes: parts.flatMap((part) =>
          part.startsWith("'") ? literals(part) : literals(aliases.get(part) ?? reasonsOfHost(part)),
        ),
      };
    }),
  );
}

/** Without comments: their apostrophes are no strings. */
const bridgeContract = (): string =>
  readFileSync(path.join(DESKTOP, 'preload/contract.ts'), 'utf8').replaceAll(/\/\*.*?\*\//gs, '');

/** The closed lists of the bridge, by the name of their type. */
function reasonsOfHost(type: string): string {
  const contract = bridgeContract();
  const name = type.slice(0, 1).toLowerCase() + type.slice(1);
  return new RegExp(`const ${name} = z\\.enum\\(\\[(.*?)\\]\\)`, 's').exec(contract)?.[1] ?? '';
}

afterEach(() => {
  switchLocale('lv');
});

function bothLanguages(code: string): [lv: string | null, en: string | null] {
  switchLocale('lv');
  const lv = codeText(code);
  switchLocale('en');
  return [lv, codeText(code)];
}

describe('words of errors', () => {
  it('has Latvian and English words for every code of every error that can reach a user', () => {
    const classes = errorClasses().filter(({ name }) => !OF_DEVELOPERS.has(name));
    expect(classes.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'UndoError',
        'SecondWindowError',
        'KeyStoreError',
        'NoAnswerError',
        'HostError',
      ]),
    );
    for (const { name, codes } of classes) {
      expect(codes, `${name} has codes`).not.toEqual([]);
      for (const code of codes) {
        const [lv, en] = bothLanguages(code);
        expect(lv, `${name} ${code}`).toMatch(/\p{L}{3}/u);
        expect(en, `${name} ${code}`).toMatch(/\p{L}{3}/u);
        expect(lv, `${name} ${code}`).not.toBe(en);
      }
    }
  });

  it('has words for every refusal of the bridge to the computer', () => {
    const contract = bridgeContract();
    const listed = [...contract.matchAll(/z\.enum\(\[(.*?)\]\)/gs)].flatMap(([, list = '']) =>
      literals(list),
    );
    const told = listed.filter((code) => code !== 'allow' && code !== 'deny');
    expect(told).toContain('no-secure-storage');
    for (const code of told) expect(codeText(code), code).not.toBeNull();
  });

  it('has them for every code of the service and every rule', () => {
    for (const code of Object.keys(ERRORS)) {
      const [lv, en] = bothLanguages(code);
      expect([lv, en], code).not.toContain(null);
      expect(lv, code).not.toBe(en);
    }
    for (const [code, words] of Object.entries(WORDS)) expect(words.lv, code).not.toBe(words.en);
  });

  it('never shows the text of an error, which may quote data', () => {
    expect(errorText(new Error('Bērziņa 329999-99901'))).toMatchObject({ code: 'UNKNOWN' });
    expect(errorText(new Error('Bērziņa 329999-99901')).text).not.toContain('Bērziņa');
    expect(errorText(undefined).code).toBe('UNKNOWN');
    expect(errorText(Object.assign(new Error(), { code: 'ENOENT' })).code).toBe('UNKNOWN');
    expect(errorText(new SivisError('STORE_FULL')).text).toBe(ERRORS.STORE_FULL.lv);
  });

  it('adds what a rule says to what was refused by it', () => {
    const taken = violation('I1', 'bedTaken', { bed: '214 A', from: '01.12.2026', to: '05.12.2026' });
    const error = Object.assign(new Error(), { code: 'UNDO_RULES', violations: [taken] });
    expect(errorText(error).text).toContain('214 A');
  });
});
