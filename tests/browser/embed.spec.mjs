// The page within another one.

import { createServer } from 'node:http';
import { SITE } from './support/chromium.mjs';
import { stepsMade } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

/** A page of another site: a host of its own, with this in it. Returns its address, and how to end it. */
async function elsewhere(markup) {
  const body = `<!doctype html><title>A course</title><link rel="icon" href="data:,"><body>${markup}</body>`;
  const server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(body));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  // By this name it is another site than the page's.
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

test('the markup that the page gives puts a run into a page of another site', async ({ page }) => {
  await page.goto('?lang=en&device=cpu&preset=identity-10&seed=4');
  const maker = page.getByTestId('embed-maker');
  await maker.locator('summary').click();
  await page.getByTestId('embed-ask').check();
  await page.getByTestId('embed-height').fill('720');
  await page.getByTestId('embed-height').blur();
  const markup = await page.getByTestId('embed-markup').inputValue();
  expect(markup).toContain(
    `src="${SITE}?lang=en&amp;embed=controls,stage,ask&amp;device=cpu&amp;preset=identity-10&amp;seed=4"`,
  );
  expect(markup).toContain('height="720"');

  const course = await elsewhere(markup);
  await page.goto(course.url);
  const frame = page.frameLocator('iframe');
  await expect(frame.getByTestId('engine')).toHaveAttribute('data-state', 'ready', { timeout: 90_000 });
  for (const panel of ['.desk', '.stage', '.ask']) await expect(frame.locator(panel)).toBeVisible();
  for (const other of ['.head', '.tour', '.opening', '.results', '.runs', '.story', '.race']) {
    await expect(frame.locator(other)).toHaveCount(0);
  }
  await frame.getByTestId('step').click();
  await expect.poll(() => stepsMade(frame), { timeout: 60_000 }).toBe(1);

  await test.step('the whole page has the same settings', async () => {
    const [whole] = await Promise.all([page.waitForEvent('popup'), frame.getByTestId('embed-whole').click()]);
    await expect(whole.getByTestId('preset-identity-10')).toBeChecked();
    await expect(whole.getByTestId('seed')).toHaveValue('4');
    await whole.close();
  });
  course.close();
});

test('the story alone begins again at its end, and leads nowhere else', async ({ page }) => {
  await page.goto('?lang=en&embed=tour&beat=7');
  await expect(page.getByTestId('tour-dot-7')).toHaveAttribute('aria-current', 'step');
  await expect(page.getByTestId('tour-skip')).toHaveCount(0);
  await expect(page.getByTestId('tour-next')).toHaveText('From the beginning');
  await page.getByTestId('tour-next').click();
  await expect(page.getByTestId('tour-dot-1')).toHaveAttribute('aria-current', 'step');
  await expect(page).toHaveURL(/\?lang=en&embed=tour$/);
  await expect(page.getByTestId('primary')).toHaveCount(0);
});

test('the last panel of a frame cannot be taken out of it', async ({ page }) => {
  await page.goto('?lang=en&device=cpu');
  await page.getByTestId('embed-maker').locator('summary').click();
  await page.getByTestId('embed-controls').uncheck();
  await page.getByTestId('embed-stage').click();
  await expect(page.getByTestId('embed-stage')).toBeChecked();
  await page.getByTestId('embed-height').fill('12');
  await expect(page.getByTestId('embed-height-wrong')).toContainText('200');
});
