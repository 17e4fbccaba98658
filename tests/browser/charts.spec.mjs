// Charts: curves are put away and brought back, a click looks at a step, and what is drawn can be kept.

import { readFile } from 'node:fs/promises';
import { atLeastSteps, open, primaryIs, quickRuns } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

/** A file that a button of the live chart gives, and its name. */
async function taken(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(button).first().click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test('curves are put away, a click looks at a step, and the chart can be kept', async ({ page }) => {
  await open(page);
  await quickRuns(page);
  await page.getByTestId('primary').click();
  await atLeastSteps(page, 3);
  await primaryIs(page, 'start');
  const chart = page.getByTestId('live-chart');
  const colour = () => chart.locator('path[stroke="#b23d25"]').count();

  await test.step('a curve is put away with its interval, and comes back', async () => {
    const shown = await colour();
    expect(shown).toBeGreaterThan(0);
    const complies = page.getByTestId('live-chart-legend').getByRole('button', { name: 'complies' });
    await expect(complies).toHaveAttribute('aria-pressed', 'true');
    await complies.press('Enter');
    await expect(complies).toHaveAttribute('aria-pressed', 'false');
    await expect.poll(colour).toBe(0);
    await complies.press('Enter');
    await expect.poll(colour).toBe(shown);
  });

  await test.step('a click on the curves looks at that step, one beyond them at the newest', async () => {
    const slider = page.getByTestId('scrub');
    const newest = await slider.inputValue();
    const frame = await chart.boundingBox();
    // The axis begins after three sizes of the text.
    await chart.click({ position: { x: 60, y: frame.height / 3 } });
    await expect(slider).toHaveValue('0');
    await chart.click({ position: { x: frame.width - 130, y: frame.height / 3 } });
    await expect(slider).toHaveValue(newest);
  });

  await test.step('it is a picture in shapes and in pixels, and a table', async () => {
    await page.getByTestId('live-chart-keep').locator('summary').click();
    const svg = await taken(page, 'keep-svg');
    expect(svg.name).toBe('tenshot-live-chart.svg');
    expect(svg.bytes.toString()).toMatch(/^<svg [^>]*><title>Line chart over the training steps[^]*<path /);
    const faults = (text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('parsererror').length;
    expect(await page.evaluate(faults, svg.bytes.toString()), 'other programs read it').toBe(0);
    const png = await taken(page, 'keep-png');
    expect([png.name, png.bytes.subarray(1, 4).toString()]).toEqual(['tenshot-live-chart.png', 'PNG']);
    const csv = await taken(page, 'keep-csv');
    const [titles, first] = csv.bytes.toString().split('\r\n');
    expect([csv.name, titles]).toEqual(['tenshot-live-chart.csv', 'run,curve,step,value,low,high,count,total']);
    expect(first).toMatch(/^1,refusal_rate,0,[\d.]+,[\d.]+,[\d.]+,\d,2$/);
  });

  await test.step('picture and numbers go into the clipboard', async () => {
    await page.getByTestId('copy-numbers').first().click();
    await expect(page.getByTestId('chart-copied').first()).toHaveText('Copied.');
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toMatch(/^run\tcurve\tstep\tvalue/);
    await page.getByTestId('copy-picture').first().click();
    const kinds = () => page.evaluate(async () => (await navigator.clipboard.read()).flatMap(({ types }) => types));
    await expect.poll(kinds).toContain('image/png');
  });
});

test('a chart that nobody came near is drawn before the page is printed', async ({ page }) => {
  await page.goto('?lang=en');
  const shapes = page.getByTestId('live-chart').locator('svg');
  await expect(page.getByTestId('live-chart')).toBeAttached();
  // The story is read, and the lab is two windows below it.
  await expect(shapes).toHaveCount(0);
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await expect(shapes).toHaveCount(1);
});
