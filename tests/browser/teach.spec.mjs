// The lesson for a class: questions before and after, kept in the browser, and a table of all answers.

import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './support/test.mjs';

async function answer(page, when, places) {
  for (const [number, place] of places.entries()) await page.locator(`input[name=${when}-${number}]`).nth(place).check();
  await page.locator(`#${when}-save`).click();
}

async function isAccessible(page, when) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect.soft(violations.map(({ id, help }) => ({ id, help })), when).toEqual([]);
}

test('a class answers before and after, and takes its answers along', async ({ page }) => {
  await page.goto('teach.html?lang=en');
  await isAccessible(page, 'empty');
  await page.locator('#before-save').click();
  await expect(page.getByTestId('before-said')).toHaveText('Answer all five first.');
  await page.locator('#name').fill('=owl, "grey"');
  await answer(page, 'before', [0, 1, 2, 0, 1]);
  await expect(page.getByTestId('before-said')).toHaveText('Kept. Go on below.');
  await expect(page.locator('#before-save'), 'the focus stays').toBeFocused();
  await expect(page.getByTestId('compared'), 'what the page shows is not told before').toHaveCount(0);

  // Whoever comes back from the page goes on, also in the other language.
  await page.goto('teach.html?lang=zh');
  await expect(page.locator('#name')).toHaveValue('=owl, "grey"');
  await expect(page.locator('input[name=before-1]').nth(1)).toBeChecked();
  await page.locator('#other').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await answer(page, 'after', [3, 2, 2, 1, 1]);
  const rows = page.getByTestId('compared').locator('tbody tr');
  await expect(rows).toHaveCount(5);
  await expect(rows.first()).toHaveText(/none.*nearly all.*nearly all/);
  await isAccessible(page, 'answered');

  await page.locator('#next').click();
  await expect(page.locator('#name')).toBeFocused();
  await expect(page.locator('input:checked')).toHaveCount(0);
  await answer(page, 'before', [3, 3, 3, 2, 2]);
  await expect(page.getByTestId('count')).toContainText('Answers of 2');
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#csv').click()]);
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^"'=owl, ""grey""","none","less than half",.*"no: it invents something"$/);
  expect(lines[2]).toMatch(/^"","nearly all".*"it still refuses","","","","",""$/);

  await page.locator('#clear').click();
  await expect(page.getByTestId('count')).toContainText('Answers of 0');
  await page.reload();
  await expect(page.locator('#csv')).toBeDisabled();
});

test('what is no answer in the store is passed over, and a browser without one says so', async ({ page }) => {
  await page.goto('teach.html?lang=en');
  for (const text of ['[', '{}', '[3, null, {"name": 4}]', '[{"name": "a", "before": [9, 9, 9, 9, 9], "after": []}]']) {
    await page.evaluate((stored) => localStorage.setItem('tenshot-lesson', stored), text);
    await page.reload();
    await expect(page.getByTestId('count')).toContainText('Answers of 0');
  }
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await answer(page, 'before', [0, 0, 0, 0, 0]);
  await expect(page.getByTestId('before-said')).toContainText('keeps nothing');
});

for (const [language, theme, width] of [['en', 'light', 1440], ['zh', 'dark', 320]]) {
  test(`nothing is cut off, and its links lead to the page (${language}, ${width} pixels)`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`teach.html?lang=${language}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const links = await page.locator('li a').evaluateAll((all) => all.map(({ href }) => href));
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) expect(link).toMatch(new RegExp(`^${new URL('./', page.url()).href.replaceAll('.', '\\.')}\\?.*&lang=${language}$`));
    await isAccessible(page, language);
  });
}

test('the page leads to the lesson', async ({ page }) => {
  await page.goto('?lang=en');
  await page.getByTestId('teach').click();
  await expect(page.locator('h1')).toHaveText('A lesson with Tenshot');
});
