/**
 * Which folder may import what. One pure function decides, an ESLint rule asks it for every static import,
 * re-export and dynamic import, so that a boundary cannot be crossed by writing the path in another way.
 */
import path from 'node:path';

/** Folders from the most particular to the most general; the first that a file lies in is its zone. */
const ZONES = [
  ['shared', 'shared/src/'],
  ['service', 'sync-service/'],
  ['main', 'desktop/src/main/'],
  ['preload', 'desktop/src/preload/'],
  ['ui', 'desktop/src/renderer/ui/'],
  ['core', 'desktop/src/renderer/data/core/'],
  ['data', 'desktop/src/renderer/data/'],
  ['host', 'desktop/src/renderer/host/'],
  ['i18n', 'desktop/src/renderer/i18n/'],
  ['modules', 'desktop/src/renderer/modules/'],
  ['app', 'desktop/src/renderer/app/'],
  ['renderer', 'desktop/src/renderer/'],
];

const RENDERER = ['ui', 'core', 'data', 'host', 'i18n', 'modules', 'app', 'renderer'];

/** Own zones that a zone may import besides itself. */
const MAY_IMPORT = {
  shared: [],
  service: ['shared'],
  main: ['shared', 'preload'],
  preload: ['shared'],
  ui: ['i18n', 'shared'],
  core: ['data', 'shared'],
  data: ['core', 'host', 'i18n', 'shared'],
  host: ['shared'],
  i18n: ['shared'],
  modules: ['ui', 'data', 'core', 'host', 'i18n', 'shared'],
  app: [...RENDERER, 'shared'],
  renderer: [...RENDERER, 'shared'],
};

const NO_RXDB = new Set(['rxdb', 'rxjs', 'dexie']);

/**
 * What a screen needs of the shell: the address, the registry of commands, the type of a screen, the words of the sync
 * state. A module takes it through one file of its own, so that what it needs is seen in one place.
 */
const SHELL_CONTRACT =
  /^desktop\/src\/renderer\/app\/(live\.svelte|keys\.svelte|router\.svelte|context|screen|syncWords)\.ts$/;
const MODULE_SHELL = /\/modules\/[^/]+\/shell\.ts$/;

/** Areas of shared that hold no domain, so that components may use them. */
const UI_SHARED = /^shared\/src\/(text|time)\//;

/**
 * The zone of a file.
 * @param {string} file path relative to the project, with forward slashes
 * @returns {string | undefined} undefined for files no rule speaks of (scripts, configuration, e2e)
 */
export function zoneOf(file) {
  return ZONES.find(([, prefix]) => file.startsWith(prefix))?.[0];
}

/** Where a specifier points inside the project, or undefined for a package or a Node module. */
function projectTarget(file, specifier) {
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(file), specifier);
  if (specifier.startsWith('@sivis/shared/')) return 'shared/src/' + specifier.slice('@sivis/shared/'.length);
  if (specifier.startsWith('@sivis/sync-service')) return 'sync-service/';
  if (specifier.startsWith('@sivis/desktop')) return 'desktop/src/main/';
  return undefined;
}

function packageName(specifier) {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

function packageViolation(zone, specifier, isTest) {
  const name = packageName(specifier);
  const inBrowser = RENDERER.includes(zone);
  if (specifier.startsWith('node:')) {
    if (isTest || zone === 'service' || zone === 'main') return undefined;
    return `${zone} runs in the browser too: no Node module`;
  }
  if (name === 'electron' && zone !== 'main' && zone !== 'preload')
    return 'electron belongs to main and preload';
  if (zone === 'core' && NO_RXDB.has(name))
    return 'data/core knows no RxDB: it runs in the simulation without it';
  if (zone === 'ui' && NO_RXDB.has(name)) return 'ui knows no data';
  if (!inBrowser && name === 'svelte') return 'Svelte belongs to the renderer';
  return undefined;
}

function isTestFile(file) {
  return /\.test\.ts$/.test(file);
}

function moduleOf(target) {
  return /\/modules\/([^/]+)\//.exec(target)?.[1];
}

function projectViolation(zone, file, target, typeOnly) {
  if (zone === 'ui' && target.startsWith('shared/') && !UI_SHARED.test(target)) {
    return 'ui knows no domain: of shared only text and time';
  }
  const to = zoneOf(target);
  if (to === undefined) {
    const helper = isTestFile(file) || target.endsWith('/package.json');
    return helper ? undefined : `${zone} stays inside the product's sources`;
  }
  if (to === 'preload' && zone === 'host') {
    return typeOnly ? undefined : 'main and renderer meet in the types of preload: write `import type`';
  }
  if (zone === 'core' && /\/data\/rxdb\//.test(target))
    return 'data/core knows no RxDB: it runs in the simulation without it';
  const ofShell = MODULE_SHELL.test(file) && SHELL_CONTRACT.test(target);
  if (to !== zone && !ofShell && !MAY_IMPORT[zone].includes(to)) return `${zone} may not import ${to}`;
  const [own, other] = [moduleOf(file), moduleOf(target)];
  if (
    zone === 'modules' &&
    other !== undefined &&
    own !== other &&
    !/\/modules\/[^/]+\/index\.ts$/.test(target)
  ) {
    return 'a module is used through its index.ts';
  }
  return undefined;
}

/**
 * Says why an import is not allowed.
 * @param {{ file: string, specifier: string, typeOnly?: boolean }} use file relative to the project with
 *   forward slashes; the specifier as written; whether it is `import type`
 * @returns {string | undefined} the reason in a few words, undefined when the import is allowed
 */
export function boundaryViolation({ file, specifier, typeOnly = false }) {
  const zone = zoneOf(file);
  if (zone === undefined) return undefined;
  const target = projectTarget(file, specifier);
  if (target === undefined) return packageViolation(zone, specifier, isTestFile(file));
  return projectViolation(zone, file, target, typeOnly);
}

/**
 * The ESLint rule around {@link boundaryViolation}.
 * @param {string} root the project's folder
 */
export function boundaryRule(root) {
  return {
    meta: { type: 'problem', schema: [], messages: { crossed: '{{reason}} ({{specifier}})' } },
    create(context) {
      const file = path.relative(root, context.filename).split(path.sep).join('/');
      const check = (source, typeOnly) => {
        if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
        const reason = boundaryViolation({ file, specifier: source.value, typeOnly });
        if (reason !== undefined) {
          context.report({ node: source, messageId: 'crossed', data: { reason, specifier: source.value } });
        }
      };
      return {
        ImportDeclaration: (node) => check(node.source, node.importKind === 'type'),
        ExportNamedDeclaration: (node) => check(node.source, node.exportKind === 'type'),
        ExportAllDeclaration: (node) => check(node.source, node.exportKind === 'type'),
        ImportExpression: (node) => check(node.source, false),
        TSImportType: (node) => check(node.source ?? node.argument?.literal, true),
      };
    },
  };
}
