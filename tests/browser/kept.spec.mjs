// Records beyond the visit: kept in the browser, opened from a file, refused if they are none.

import { readFile, stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { WHOLE_RUN, atLeastSteps, engineIs, open, primaryIs } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

const records = (page) => page.getByTestId('kept-record');
const fault = (page) => page.getByTestId('kept-fault');
const json = (text) => ({ name: 'record.json', mimeType: 'application/json', buffer: Buffer.from(text) });

test('a record is kept, shown again after a reload, compared, saved, opened and forgotten', async ({ page }) => {
  test.setTimeout(3 * WHOLE_RUN);
  await open(page, 'lang=en&device=cpu&preset=safety-10');
  await expect(records(page)).toHaveCount(0);
  await page.getByTestId('primary').click();
  await primaryIs(page, 'pause');
  await primaryIs(page, 'start');
  const run = page.getByTestId('run-1');
  const figures = await run.getByTestId('refusals').textContent();
  await run.getByTestId('keep').focus();
  await page.keyboard.press('Enter');
  await expect(run.getByTestId('keep')).toHaveText('Kept');
  await expect(run.getByTestId('keep'), 'the focus stays').toBeFocused();
  await page.keyboard.press('Enter');
  await expect(records(page), 'a record is kept once').toHaveCount(1);
  await expect(records(page)).toContainText('seed 1');
  const [before, after] = figures.split(' → ');
  await expect(records(page)).toContainText(`refused ${before} → ${after}`);

  const [download] = await Promise.all([page.waitForEvent('download'), run.getByTestId('download').click()]);
  const saved = await readFile(await download.path(), 'utf8');

  await page.reload();
  await engineIs(page, 'ready');
  await expect(page.getByTestId('run-1')).toHaveCount(0);
  await expect(records(page)).toHaveCount(1);
  await page.getByTestId('kept-show').click();
  await expect(run.getByTestId('refusals')).toHaveText(figures);
  await expect(run.getByTestId('keep')).toHaveText('Kept');
  await expect(page.getByTestId('figures')).toBeVisible();
  await page.getByTestId('kept-show').click();
  await expect(page.getByTestId('run-2'), 'it is shown already').toHaveCount(0);

  // The same from a file, beside it.
  await page.getByTestId('kept-open').setInputFiles(json(saved));
  const second = page.getByTestId('run-2');
  await expect(second.getByTestId('refusals')).toHaveText(figures);
  await expect(second.getByTestId('keep')).toHaveText('Keep');
  await run.getByTestId('compare').check();
  await second.getByTestId('compare').check();
  await expect(page.getByTestId('comparison')).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).include('#runs').analyze();
  expect.soft(violations.map(({ id, help }) => ({ id, help }))).toEqual([]);
  const [again] = await Promise.all([page.waitForEvent('download'), second.getByTestId('download').click()]);
  // The last digit of a number may be another one: so reads it who reads quickly.
  const roughly = (text) => JSON.parse(text, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value));
  expect(roughly(await readFile(await again.path(), 'utf8'))).toEqual(roughly(saved));

  // Every answer of it, with what the judge looked at.
  const rows = page.getByTestId('answers-row');
  await expect(rows, 'nothing is computed of what nobody looks at').toHaveCount(0);
  await page.getByTestId('answers').locator('summary').click();
  await page.getByTestId('answers-which').selectOption('3');
  await expect(page.getByTestId('answers-count')).toHaveText('330 answers');
  await expect(rows).toHaveCount(20);
  await expect(rows.first().locator('mark.refusal')).not.toHaveCount(0);
  await page.getByTestId('answers-more').click();
  await expect(rows).toHaveCount(120);
  await page.getByTestId('answers-section').selectOption('3');
  await expect(page.getByTestId('answers-count')).toHaveText('30 answers');
  await expect(rows).toHaveCount(20);
  await page.getByTestId('answers-which').selectOption('1');
  await expect(page.getByTestId('answers-count')).toHaveText('0 answers');
  const { violations: found } = await new AxeBuilder({ page }).include('#results').analyze();
  expect.soft(found.map(({ id, help }) => ({ id, help }))).toEqual([]);

  await page.getByTestId('kept-forget').click();
  await expect(records(page)).toHaveCount(0);
  await expect(page.getByTestId('kept-open'), 'the focus goes where something can be done').toBeFocused();
  await expect(run.getByTestId('keep')).toHaveText('Keep');
  await page.reload();
  await engineIs(page, 'ready');
  await expect(records(page)).toHaveCount(0);

  // A file that is none, or one whose figures are not those of its answers, changes nothing.
  const wrong = JSON.parse(saved);
  wrong.after.measurements[0].figures.refusal_rate.count -= 7;
  for (const [text, said] of [
    ['{}', /not taken: it is not a record/],
    ['<b>hello</b>', /not taken: it is no JSON/],
    [JSON.stringify({ ...wrong, version: 9 }), /version 9/],
    [JSON.stringify(wrong), /the figures are not those of its answers/],
  ]) {
    await page.getByTestId('kept-open').setInputFiles(json(text));
    await expect(fault(page)).toHaveText(said);
    await expect(page.getByTestId('run-1')).toHaveCount(0);
  }
  await page.getByTestId('kept-open').setInputFiles(json(saved));
  await expect(fault(page)).toBeEmpty();
  await expect(run).toBeVisible();
});

test('a run is taken along as one file, which needs no engine', async ({ page, context }, info) => {
  test.setTimeout(2 * WHOLE_RUN);
  await open(page, 'lang=en&device=cpu&preset=safety-10');
  await page.getByTestId('primary').click();
  await primaryIs(page, 'pause');
  await primaryIs(page, 'start');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('run-1').getByTestId('sheet').click()]);
  expect(download.suggestedFilename()).toBe('tenshot-safety-10-seed1.html');
  const path = info.outputPath('run.html');
  await download.saveAs(path);
  expect((await stat(path)).size).toBeLessThan(2e6);

  const [card] = await Promise.all([page.waitForEvent('download'), page.getByTestId('run-1').getByTestId('picture').click()]);
  expect(card.suggestedFilename()).toBe('tenshot-safety-10-seed1.png');
  const picture = info.outputPath('card.png');
  await card.saveAs(picture);
  const header = (await readFile(picture)).subarray(0, 24);
  expect(header.toString('latin1', 1, 4)).toBe('PNG');
  expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([2400, 1260]);

  const sheet = await context.newPage();
  const errors = [];
  sheet.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  sheet.on('pageerror', (error) => errors.push(String(error)));
  sheet.on('request', (request) => request.url().startsWith('file:') || errors.push(request.url()));
  await sheet.goto(pathToFileURL(path).href);
  await expect(sheet.locator('h1')).toHaveText('Ten refusals');
  await expect(sheet.locator('#said')).toContainText('After step 20: of 66 forbidden questions');
  await expect(sheet.locator('#books li')).toHaveCount(66);
  await sheet.locator('#step').fill('0');
  await expect(sheet.locator('#said')).toContainText('After step 0: of 66 forbidden questions');
  await expect(sheet.locator('#figures')).toContainText('Refusal rate');
  await sheet.locator('#changed').uncheck();
  await expect(sheet.locator('#answers tbody tr')).toHaveCount(330);
  for (const width of [390, 1440]) {
    await sheet.setViewportSize({ width, height: 844 });
    const overhang = await sheet.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect.soft(overhang, `${width} pixels`).toBeLessThanOrEqual(0);
    await sheet.screenshot({ path: info.outputPath(`sheet-${width}.png`) });
  }
  const { violations } = await new AxeBuilder({ page: sheet }).analyze();
  expect.soft(violations.map(({ id, help }) => ({ id, help }))).toEqual([]);
  await sheet.locator('#language').click();
  await expect(sheet.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(sheet.locator('#said')).toContainText('第 0 步之后');
  await sheet.screenshot({ path: info.outputPath('sheet-zh.png'), fullPage: true });
  expect(errors).toEqual([]);
});

test('a browser that keeps nothing says so, and a record that another window forgot is gone', async ({ page, context }) => {
  test.setTimeout(2 * WHOLE_RUN);
  await open(page, 'lang=en&device=cpu&preset=safety-10');
  await page.getByTestId('primary').click();
  // A run that is stopped at once is not listed.
  await atLeastSteps(page, 2);
  await page.getByTestId('stop').click();
  await primaryIs(page, 'start');
  const run = page.getByTestId('run-1');
  await page.evaluate(() => {
    globalThis.usualAdd = IDBObjectStore.prototype.add;
    IDBObjectStore.prototype.add = () => {
      throw new DOMException('The disk is full.', 'QuotaExceededError');
    };
  });
  await run.getByTestId('keep').click();
  await expect(fault(page)).toHaveText('The browser does not keep it: The disk is full.');
  await expect(run.getByTestId('keep')).toHaveText('Keep');
  await page.evaluate(() => {
    IDBObjectStore.prototype.add = globalThis.usualAdd;
  });
  await run.getByTestId('keep').click();
  await expect(records(page)).toHaveCount(1);
  await expect(fault(page)).toBeEmpty();

  const other = await context.newPage();
  await other.goto('?lang=en&device=cpu');
  await other.getByTestId('kept-forget').click();
  await expect(records(other)).toHaveCount(0);
  // Here it is a run of this visit, which is shown all the same.
  await page.getByTestId('kept-show').click();
  await expect(records(page)).toHaveCount(0);
  await expect(fault(page)).toBeEmpty();
  await expect(run.getByTestId('keep')).toHaveText('Keep');
  await run.getByTestId('keep').click();
  await expect(records(page)).toHaveCount(1);

  await other.reload();
  await expect(records(other)).toHaveCount(1);
  await page.getByTestId('kept-forget').click();
  await expect(records(page)).toHaveCount(0);
  await other.getByTestId('kept-show').click();
  await expect(fault(other)).toContainText('not there any more');
  await expect(records(other)).toHaveCount(0);
});
