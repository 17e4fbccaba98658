// The page with other texts than its own, on a projector, and used at random: `?strings=`, `?projector`, `?fuzz=`, `?fuzzKeys=`. Every
// night for longer: TENSHOT_FUZZ_SECONDS says how long each of them is, TENSHOT_FUZZ_SEED what is done.

import { open, primaryIs } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

const SECONDS = Number(process.env.TENSHOT_FUZZ_SECONDS ?? 8);
const SEED = Number(process.env.TENSHOT_FUZZ_SEED ?? 1);

test.setTimeout(4 * 60_000 + 2_000 * SECONDS);

/** By how many pixels the page is wider than its window. */
const overhang = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const [width, height] of [[390, 844], [1440, 900]]) {
  test(`texts of twice the length fit into ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    for (const lang of ['en', 'zh']) {
      await page.goto(`?device=cpu&lang=${lang}&strings=double`);
      // The last that is drawn.
      await expect(page.locator('footer')).toBeVisible();
      expect(await overhang(page), lang).toBeLessThanOrEqual(0);
      const title = await page.locator('h1').textContent();
      expect(title.slice(0, title.length / 2).trim(), 'the title stands there twice').toBe(title.slice(title.length / 2).trim());
      await page.getByTestId('preset-own').evaluate((choice) => choice.click());
      await expect(page.getByTestId('own')).toBeVisible();
      expect(await overhang(page), `${lang}, own examples`).toBeLessThanOrEqual(0);
      for (const beat of [2, 4, 7]) {
        await page.goto(`?device=cpu&lang=${lang}&strings=double&stage=talk&beat=${beat}`);
        await expect(page.getByTestId('stage-line')).toBeVisible();
        expect(await overhang(page), `${lang}, beat ${beat} on the stage`).toBeLessThanOrEqual(0);
      }
    }
  });
}

test('markup in a text is shown and does nothing', async ({ page }) => {
  await open(page, 'device=cpu&strings=xss&preset=safety-10');
  await expect(page.locator('h1')).toContainText('<script>');
  await page.getByTestId('primary').click();
  await primaryIs(page, 'pause');
  await primaryIs(page, 'start');
  expect(await page.evaluate(() => globalThis.tenshotMarkup)).toBeUndefined();
  await expect(page.locator('img[src=x], main script')).toHaveCount(0);
  await expect(page).toHaveURL(/strings=xss/);
});

test('long texts and texts from right to left leave the page usable', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const strings of ['long', 'rtl']) {
    await open(page, `device=cpu&strings=${strings}`);
    await expect(page.getByTestId('primary')).toBeEnabled();
    await expect(page.getByTestId('primary')).toBeInViewport();
  }
});

test('on a projector type is larger, and ink is black on white whatever the theme', async ({ page }) => {
  await page.goto('?device=cpu&theme=dark');
  await expect(page.getByTestId('primary')).toBeVisible();
  const look = () =>
    page.evaluate(() => {
      const { backgroundColor, color, fontSize } = getComputedStyle(document.documentElement);
      return { backgroundColor, color, size: parseFloat(fontSize) };
    });
  const usual = await look();
  await page.goto('?device=cpu&theme=dark&projector');
  await expect(page.getByTestId('primary')).toBeVisible();
  const projected = await look();
  expect(projected).toMatchObject({ backgroundColor: 'rgb(255, 255, 255)', color: 'rgb(0, 0, 0)' });
  expect(projected.size).toBeGreaterThan(1.15 * usual.size);
  expect(await overhang(page)).toBeLessThanOrEqual(0);
});

for (const [lang, hands] of [['en', 'fuzz'], ['zh', 'fuzz'], ['en', 'fuzzKeys']]) {
  test(`used at random it neither fails nor goes away (${lang}, ${hands})`, async ({ page, context, complaints }) => {
    // What the visitor is told is no fault here: a question that is too long, a device that is not there.
    complaints.announce(/^the page shows/);
    const gone = [];
    page.on('framenavigated', (frame) => frame === page.mainFrame() && gone.push(frame.url()));
    // A device on which each step takes seconds would be all that is tried.
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined }));
    await page.goto(`?device=cpu&lang=${lang}&${hands}=${SEED}`);
    await expect.poll(() => page.evaluate(() => Number(document.documentElement.dataset.tenshotFuzz ?? 0))).toBeGreaterThan(20);
    await page.waitForTimeout(1_000 * SECONDS);
    const before = await page.evaluate(() => Number(document.documentElement.dataset.tenshotFuzz));
    await expect.poll(() => page.evaluate(() => Number(document.documentElement.dataset.tenshotFuzz))).toBeGreaterThan(before + 5);
    expect(new Set(gone.map((url) => new URL(url).pathname)).size, 'it is still the same page').toBe(1);
    // On a stage there is a key that opens the presenter's notes.
    const others = context.pages().filter((other) => other !== page);
    expect(others.filter((other) => !/[?&]notes=1/.test(other.url()))).toEqual([]);
    await expect(page.locator('h1')).toBeVisible();
    console.log(`${lang}, ${hands}: ${before} acts`);
  });
}
