import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SECURITY_POINTS } from './security-checklist.ts';

const desktop = path.resolve(import.meta.dirname, '../..');

/** The sources of a folder below src, tests and their helpers left out. */
function sources(folder: string, extension: RegExp): string {
  const base = path.join(desktop, 'src', folder);
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .filter((name) => extension.test(name) && !/\.test\.ts$|testing|generated|security-checklist/.test(name))
    .map((name) => readFileSync(path.join(base, name), 'utf8'))
    .join('\n');
}

const main = sources('main', /\.ts$/);
const preload = sources('preload', /\.ts$/);
const renderer = sources('renderer', /\.(?:ts|svelte|html)$/);
const builder = readFileSync(path.join(desktop, '../electron-builder.yml'), 'utf8');

const STATIC: Readonly<Record<string, () => void>> = {
  noWebview: () => {
    expect(renderer).not.toMatch(/<webview/);
  },

  noShell: () => {
    // One use: the sign-in in the browser, behind a list of what an address may be and a question (outside-sign-in.ts).
    expect((main + preload).match(/shell\.\w+\(/g)).toEqual(['shell.openExternal(']);
    expect(preload).not.toMatch(/\bshell\b\s*[,}.]|openExternal/);
    expect(preload).not.toMatch(/\bremote\b|require\(/);
  },

  pinnedElectron: () => {
    const { devDependencies } = JSON.parse(readFileSync(path.join(desktop, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const version = devDependencies['electron'];
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(builder).toContain(`electronVersion: ${version}\n`);
  },

  allFuses: () => {
    const block = /^electronFuses:\n((?: {2}.*\n)+)/m.exec(builder)?.[1] ?? '';
    const lines = [...block.matchAll(/^ {2}(\w+): (true|false)$/gm)];
    const fuses = Object.fromEntries(
      lines.map(([, name = '', state = '']): [string, string] => [name, state]),
    );
    expect(fuses).toEqual({
      runAsNode: 'false',
      enableCookieEncryption: 'true',
      enableNodeOptionsEnvironmentVariable: 'false',
      enableNodeCliInspectArguments: 'false',
      enableEmbeddedAsarIntegrityValidation: 'true',
      onlyLoadAppFromAsar: 'true',
      loadBrowserProcessSpecificV8Snapshot: 'false',
      grantFileProtocolExtraPrivileges: 'false',
    });
  },
};

/** By number; what the table calls static. */
const STATIC_OF: Readonly<Record<number, string>> = {
  11: 'noWebview',
  15: 'noShell',
  16: 'pinnedElectron',
  19: 'allFuses',
};

const HOW = {
  'stand-in': 'seen in the running workstation',
  static: 'read in the sources',
  unit: 'tried in a unit test',
} as const;

/** docs/security-electron.md. */
function page(): string {
  const points = SECURITY_POINTS.map(({ number, title, how, seen, unit, runtime }) =>
    [
      `### ${number}. ${title}`,
      '',
      `- ${how.map((one) => HOW[one]).join(', ')}: ${seen}`,
      ...(unit === undefined ? [] : [`- unit test: \`${path.posix.join('desktop/src/main', unit)}\``]),
      ...(runtime === undefined ? [] : [`- needs the runtime: ${runtime}`]),
    ].join('\n'),
  );
  const open = SECURITY_POINTS.filter((point) => point.runtime !== undefined);
  return `# Electron's security checklist and how each point is checked

Made from \`desktop/src/main/security-checklist.ts\`; \`npx vitest run --project desktop security-checklist -u\` writes it anew.

"Seen in the running workstation" means the built main and preload in the whole-system tests
(\`desktop/e2e/electron\`): on Electron where its runtime is installed, otherwise on the stand-in over Chromium
(\`desktop/test-electron\`). The run says which of the two it was. What a stand-in cannot show is named, and is looked
at on Electron itself before a release.

## The twenty points

${points.join('\n\n')}

## Needs the runtime

Not shown without Electron, and therefore not claimed:

${open.map((point) => `- ${point.number}. ${point.title}: ${point.runtime}`).join('\n')}
- The stand-in has no menus, keys of menus, tray, notifications or dialogs of a real desktop, one window only, and
  Chromium's version instead of Electron's.
- Its key store is a file; DPAPI, libsecret and KWallet are the system's.
`;
}

describe('the twenty points', () => {
  it('are all there', () => {
    expect(SECURITY_POINTS.map((p) => p.number)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it.each(SECURITY_POINTS.filter(({ how }) => how.includes('static')))(
    '$number $title: static',
    ({ number }) => {
      STATIC[STATIC_OF[number]!]!();
    },
  );

  it.each(SECURITY_POINTS.filter(({ how }) => how.includes('unit')))('$number $title: $unit', ({ unit }) => {
    expect(existsSync(path.join(import.meta.dirname, unit!))).toBe(true);
  });

  it('stand in the handbook as they stand here', async () => {
    await expect(page()).toMatchFileSnapshot('../../../docs/security-electron.md');
  });

  it('names what only Electron itself can show', () => {
    const open = SECURITY_POINTS.filter((p) => p.runtime !== undefined);
    const lines = open.map((p) => `  ${p.number}. ${p.title}: ${p.runtime}`);
    process.stdout.write(`Needs the Electron runtime, not checked here:\n${lines.join('\n')}\n`);
    expect(open.length).toBeGreaterThan(0);
  });
});

describe('beyond the list', () => {
  it('answers no certificate error, takes no part of the command line and starts no crash upload', () => {
    expect(main).not.toMatch(/['"]certificate-error['"]|setCertificateVerifyProc/);
    expect(main).not.toMatch(/process\.argv|commandLine|crashReporter|setAsDefaultProtocolClient/);
  });

  it('listens to no channel outside the contract', () => {
    expect(main).not.toMatch(/ipcMain\.(?:on|once|handleOnce)\(/);
    expect(main.match(/door\.handle\(/g)).toHaveLength(1);
    expect(main).not.toMatch(/ipcMain\.handle\(/);
  });

  it('gives preload one line to the page', () => {
    expect(preload.match(/exposeInMainWorld\(/g)).toHaveLength(1);
    expect(preload).not.toMatch(/ipcRenderer\.(?:send|sendSync|postMessage)\b/);
  });

  it('packs no updater', () => {
    expect(builder).toContain('publish: null\n');
    expect(main).not.toMatch(/autoUpdater/);
  });
});
