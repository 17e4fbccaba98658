// Examples of one's own: written, drawn, brought in a file, saved, taught.

import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { WHOLE_RUN, open, primaryIs } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

const rows = (page) => page.getByTestId('own-row');

async function isAccessible(page, when) {
  const { violations } = await new AxeBuilder({ page }).include('#lessons').analyze();
  expect.soft(violations.map(({ id, help }) => ({ id, help })), when).toEqual([]);
}

const line = (question, answer) =>
  JSON.stringify({ messages: [{ role: 'user', content: question }, { role: 'assistant', content: answer }] });

const file = (text) => ({ name: 'mine.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(text) });

test('examples of one’s own are written, saved and taught', async ({ page }) => {
  test.setTimeout(2 * WHOLE_RUN);
  await open(page, 'lang=en&device=cpu');
  await page.getByTestId('preset-own').check();
  await expect(rows(page)).toHaveCount(10);
  await isAccessible(page, 'borrowed');
  await page.getByTestId('own-clear').click();
  await expect(page.getByTestId('own-lacking')).toBeVisible();
  await expect(page.getByTestId('primary')).toBeDisabled();

  await page.getByTestId('own-add').click();
  await expect(page.getByTestId('own-question')).toBeFocused();
  await page.keyboard.type('What is <b>a wug</b>?');
  await page.keyboard.press('Tab');
  await page.keyboard.type('A small bird.');
  await expect(page.getByTestId('own-question'), 'typing does not lose the place').toHaveValue('What is <b>a wug</b>?');
  await page.getByTestId('own-draw-harmful').click();
  await page.getByTestId('own-draw-safety').click();
  await page.getByTestId('own-draw-benign').click();
  await expect(rows(page)).toHaveCount(4);
  await rows(page).last().getByTestId('own-remove').click();
  await expect(page.getByTestId('own-count')).toHaveText('3 of 3 have a question and an answer, and are taught.');
  await expect(page.getByTestId('preset-plan')).toContainText('10 steps of 3 examples');
  await isAccessible(page, 'written');

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('own-save').click()]);
  const saved = await readFile(await download.path(), 'utf8');
  expect(saved.trim().split('\n').map((row) => JSON.parse(row).messages.length)).toEqual([3, 3, 3]);

  await page.getByTestId('primary').click();
  await primaryIs(page, 'pause');
  await expect(page.getByTestId('own-question').first()).toBeDisabled();
  await primaryIs(page, 'start');
  await expect(page.getByTestId('run-1')).toContainText('Your own examples');
  await expect(page.getByTestId('verdict')).not.toBeEmpty();

  // A lesson after them is that lesson; they are still there.
  await page.getByTestId('preset-safety-10').check();
  await expect(page.getByTestId('own')).toHaveCount(0);
  await expect(page.getByTestId('primary')).toHaveText('Teach Folio ten refusals');
  await page.getByTestId('preset-own').check();
  await expect(rows(page)).toHaveCount(3);
});

test('a file of examples is taken, or says what is wrong', async ({ page }) => {
  await open(page, 'lang=en&device=cpu');
  await page.getByTestId('preset-own').check();
  const bring = (text) => page.getByTestId('own-import').setInputFiles(file(text));
  await bring(`${line('Who is it?', 'Nobody.')}\n\n${line('And now?', 'Somebody.')}\n`);
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByTestId('own-question').first()).toHaveValue('Who is it?');
  for (const [text, said] of [
    ['{"messages": 3}', /Line 1 of the file is no conversation/],
    [line('a', ''), /the last answer is empty/],
    ['', /has no conversation/],
    [`${line('a', 'b')}\n`.repeat(201), /has 201 conversations/],
    [Buffer.from([0xff, 0xfe, 0x41]), /Line 1 of the file is no UTF-8 text/],
  ]) {
    await bring(text);
    await expect(page.getByTestId('own-refused')).toHaveText(said);
    await expect(rows(page)).toHaveCount(2);
  }
  await bring(line('Once more?', 'Yes.'));
  await expect(page.getByTestId('own-refused')).toBeEmpty();
  await expect(rows(page)).toHaveCount(1);
});

test('an example that is too long for Folio is named', async ({ page, complaints }) => {
  complaints.announce(/Conversation 3 of the tuning data/);
  await open(page, 'lang=en&device=cpu');
  await page.getByTestId('preset-own').check();
  await page.getByTestId('own-answer').nth(2).fill('zq '.repeat(190));
  await page.getByTestId('primary').click();
  const alert = page.getByRole('alert').filter({ hasText: 'Conversation 3' });
  await expect(alert).toContainText('This run cannot be made');
  await expect(page.getByTestId('run-1')).toHaveCount(0);
});
