import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/**
 * A message without a plural category is shown as its key and no compiler warns (Latvian "zero" is also 10 to 20,
 * 30, 100 …), so the files are read and compared here.
 */
const desktop = new URL('../../../', import.meta.url);
const settings = JSON.parse(readFileSync(new URL('project.inlang/settings.json', desktop), 'utf8')) as {
  baseLocale: string;
  locales: string[];
  'plugin.inlang.messageFormat': { pathPattern: string[] };
};
const patterns = settings['plugin.inlang.messageFormat'].pathPattern;

interface Variants {
  readonly declarations?: readonly string[];
  readonly selectors?: readonly string[];
  readonly match: Readonly<Record<string, string>>;
}
type Messages = Readonly<Record<string, string | readonly Variants[]>>;

function read(pattern: string, locale: string): Messages {
  const path = pattern.replace('{locale}', locale);
  const raw = JSON.parse(readFileSync(new URL(path, desktop), 'utf8')) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(raw).filter(([key]) => key !== '$schema')) as Messages;
}

const area = (pattern: string): string => /([a-z]+)\.json$/.exec(pattern)![1]!;
const needed: Readonly<Record<string, readonly string[]>> = {
  lv: ['zero', 'one', 'other'],
  en: ['one', 'other'],
};

/** The variables a message needs, so that both languages get the same ones. */
function variables(message: string | readonly Variants[]): string[] {
  const texts =
    typeof message === 'string' ? [message] : message.flatMap((entry) => Object.values(entry.match));
  const names = texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!));
  const inputs =
    typeof message === 'string'
      ? []
      : message
          .flatMap((entry) => entry.declarations ?? [])
          .filter((declaration) => declaration.startsWith('input '))
          .map((declaration) => declaration.slice(6));
  return [...new Set([...names, ...inputs])].sort();
}

/** Plural selectors of a message, with the categories its variants name. */
function plurals(variants: Variants): { name: string; categories: string[] }[] {
  return (variants.declarations ?? [])
    .map((declaration) => /^local (\w+) = \w+: plural/.exec(declaration)?.[1])
    .filter((name) => name !== undefined)
    .map((name) => ({
      name,
      categories: Object.keys(variants.match).flatMap((condition) =>
        condition
          .split(',')
          .map((part) => part.trim().split('='))
          .filter(([selector]) => selector === name)
          .map(([, category]) => category ?? ''),
      ),
    }));
}

describe.each(patterns)('%s', (pattern) => {
  const byLocale = Object.fromEntries(settings.locales.map((locale) => [locale, read(pattern, locale)]));
  const base = byLocale[settings.baseLocale]!;

  it('has the same keys in every language', () => {
    for (const locale of settings.locales) {
      expect(Object.keys(byLocale[locale]!).sort(), locale).toEqual(Object.keys(base).sort());
    }
  });

  it('begins every key with its area, so that two files never share one', () => {
    for (const key of Object.keys(base)) expect(key).toMatch(new RegExp(`^${area(pattern)}_[a-z0-9_]+$`));
  });

  it('needs the same variables in every language', () => {
    for (const locale of settings.locales) {
      for (const [key, message] of Object.entries(byLocale[locale]!)) {
        expect(variables(message), `${locale} ${key}`).toEqual(variables(base[key]!));
      }
    }
  });

  it('has every plural category of the language', () => {
    for (const locale of settings.locales) {
      for (const [key, message] of Object.entries(byLocale[locale]!)) {
        if (typeof message === 'string') {
          expect(message.trim(), `${locale} ${key}`).not.toBe('');
          continue;
        }
        for (const variants of message) {
          for (const { name, categories } of plurals(variants)) {
            if (categories.includes('*')) continue;
            expect([...new Set(categories)].sort(), `${locale} ${key} ${name}`).toEqual(
              [...needed[locale]!].sort(),
            );
          }
        }
      }
    }
  });
});

describe('the categories of this test', () => {
  it.each(Object.entries(needed))('are those of %s', (locale, categories) => {
    const seen = new Set(
      Array.from({ length: 200 }, (_, count) => new Intl.PluralRules(locale).select(count)),
    );
    expect([...seen].sort()).toEqual([...categories].sort());
  });
});
