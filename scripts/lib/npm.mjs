/** Calls npm the way it was called itself, whatever stands first in PATH. */
import { spawn } from 'node:child_process';
import { ROOT } from './project.mjs';

/**
 * The command that runs npm.
 * @param {Record<string, string | undefined>} [env] of a process that npm started, or of any other
 * @param {string} [platform]
 * @returns {{ command: string, args: string[], shell: boolean }}
 */
export function npmCommand(env = process.env, platform = process.platform) {
  if (env.npm_execpath !== undefined && /\.[cm]?js$/.test(env.npm_execpath)) {
    return { command: env.npm_node_execpath ?? process.execPath, args: [env.npm_execpath], shell: false };
  }
  // Started without npm: on Windows npm is a .cmd file, which only a shell starts.
  return { command: 'npm', args: [], shell: platform === 'win32' };
}

/**
 * Runs npm in the project and keeps its output for the case that it fails.
 * @param {string[]} args fixed words only: they may pass through a shell
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runNpm(args, { cwd = ROOT, env = process.env } = {}) {
  const npm = npmCommand(env);
  return new Promise((resolve) => {
    const child = spawn(npm.command, [...npm.args, ...args], {
      cwd,
      env,
      shell: npm.shell,
      windowsHide: true,
    });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-20_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}
