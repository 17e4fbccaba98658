// Records, as a visitor downloads them.

import { readFile } from 'node:fs/promises';

/** The record that a button downloads, and the name of its file, which is not kept. */
export async function downloaded(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const record = JSON.parse(await readFile(await download.path(), 'utf8'));
  await download.delete();
  return { name: download.suggestedFilename(), record };
}
