import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Makes names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; its rename is durable with the file.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Replaces a file as a whole: after a crash or a loss of power there is the old content or the new one.
 * @throws the file system's error; then the old content is still there
 */
export async function writeFileAtomically(file: string, content: string): Promise<void> {
  const temporary = `${file}.new`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(path.dirname(file));
}
