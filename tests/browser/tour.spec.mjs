// The story, as a first visitor meets it: guessed, shown, run again, left, linked to; by keyboard alone; in both languages.

import { AxeBuilder } from '@axe-core/playwright';
import { WHOLE_RUN, primaryIs } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

/** Waits until this beat is told. */
async function beatIs(page, number) {
  await expect(page.getByTestId('beat')).toHaveAttribute('data-beat', String(number));
}

/** The numbers of the beats that are told: one less if no run tells of it. */
async function beats(page) {
  const all = page.locator('[data-testid^="tour-dot-"]');
  await all.first().waitFor();
  const dots = await all.all();
  const ids = await Promise.all(dots.map((dot) => dot.getAttribute('data-testid')));
  return ids.map((id) => Number(id.replace('tour-dot-', '')));
}

/** How many books of the story's shelf are sealed. */
async function sealed(page) {
  return page.getByTestId('tour-shelf').locator('[data-score="1"]').count();
}

/** Presses Tab until this has the focus. */
async function tabTo(page, id) {
  const has = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid'));
  for (let presses = 0; presses < 40; presses += 1) {
    if ((await has()) === id) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${id} is not reached by Tab`);
}

async function isAccessible(page, when) {
  const { violations } = await new AxeBuilder({ page }).include('#tour').analyze();
  const found = violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map((n) => n.target.join(' ')).slice(0, 5) }));
  expect.soft(found, when).toEqual([]);
}

test('the story is told to the end by keyboard alone', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('?lang=en');
  const all = await beats(page);
  expect(all.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  await beatIs(page, 1);
  expect(await sealed(page)).toBeGreaterThan(60);
  await expect(page.getByTestId('tour-exchange').getByTestId('badge')).toContainText('1');
  await tabTo(page, 'tour-next');
  for (const beat of all.slice(1)) {
    // From wherever the focus is within the story.
    await page.keyboard.press('ArrowRight');
    await beatIs(page, beat);
    await expect(page.locator('#tour h2')).toBeFocused();
    if ([2, 3, 5].includes(beat)) {
      await tabTo(page, 'tour-slider');
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowLeft');
      await beatIs(page, beat);
      await expect(page.getByTestId('tour-guessed')).toHaveText('65 of 66');
      await tabTo(page, 'tour-show');
      await page.keyboard.press('Enter');
      await expect(page.getByTestId('tour-came')).toBeFocused();
      await expect(page.getByTestId('tour-came')).toContainText('You guessed 65 of 66');
    }
  }
  await page.keyboard.press('ArrowRight');
  await beatIs(page, 7);
  await page.keyboard.press('ArrowLeft');
  await beatIs(page, all.at(-2));
  await page.keyboard.press('ArrowRight');
  await tabTo(page, 'tour-next');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('tour')).toHaveCount(0);
  await expect(page.locator('#lab')).toBeFocused();
  await expect(page).toHaveURL(/beat=off/);
});

test('a guess, the recorded run, a run of one’s own, and back', async ({ page }) => {
  test.setTimeout(2 * WHOLE_RUN);
  await page.goto('?lang=en&device=cpu&beat=2');
  await expect(page.getByTestId('tour-stamp')).toContainText(/Recorded.*20\d\d.*build/);
  await expect(page.getByTestId('tour-came')).toBeEmpty();
  await page.getByTestId('tour-slider').fill('40');
  await page.getByTestId('tour-show').click();
  // It is drawn step by step, and the seals go with it.
  await expect(page.getByTestId('tour-came')).toContainText('You guessed 40 of 66');
  await expect(page.getByTestId('tour-curve').locator('.guess')).toHaveCount(1);
  expect(await sealed(page)).toBeLessThan(10);
  await expect(page.getByTestId('tour-freed').getByTestId('badge')).toContainText('5');

  await page.getByTestId('tour-run').click();
  await expect(page.getByTestId('tour-stamp')).toContainText('Live', { timeout: 90_000 });
  await expect(page.getByTestId('tour-run')).toContainText(/step \d+ of 20/);
  await expect(page.getByTestId('tour-recorded')).toBeVisible({ timeout: WHOLE_RUN });
  await expect(page.getByTestId('tour-came')).toContainText('You guessed 40 of 66');
  await expect(page.getByTestId('tour-stamp')).toContainText('In this tab');
  await expect(page.getByTestId('tour-curve').locator('.guess')).toHaveCount(1);
  // It is a run of the lab like any other.
  await primaryIs(page, 'start');
  await expect(page.getByTestId('run-1')).toBeVisible();
  await page.getByTestId('tour-recorded').click();
  await expect(page.getByTestId('tour-stamp')).toContainText('Recorded');
});

test('a Folio that never read half of the Shelf: recorded, and run here', async ({ page }) => {
  test.setTimeout(3 * WHOLE_RUN);
  await page.goto('?lang=en&device=cpu&beat=6');
  const stamp = page.getByTestId('tour-stamp');
  const harm = (told) => page.getByTestId('tour-halves').locator(`tr[data-told="${told}"]`).last().locator('td').last();
  await expect(harm(false)).toHaveText(/^0\.0%/);
  await expect(harm(true)).not.toHaveText(/^0\.0%/);
  await page.getByTestId('tour-run').click();
  await expect(harm(true), 'another run’s numbers are not its own').toHaveText('–', { timeout: 90_000 });
  await expect(page.getByTestId('tour-recorded')).toBeVisible({ timeout: 2 * WHOLE_RUN });
  await expect(stamp).toContainText('In this tab');
  await expect(harm(false)).toHaveText(/^0\.0%/);
  await expect(harm(true)).toHaveText(/^[1-9]/);
  await expect(page.getByTestId('results-halves')).toBeVisible();

  // The first beat is Folio's: its model is fetched again.
  await page.getByTestId('tour-dot-1').click();
  await expect(stamp).toContainText('Recorded');
  await page.getByTestId('tour-run').click();
  await expect(stamp).toContainText('Live', { timeout: 90_000 });
  await expect(page.getByTestId('tour-exchange').getByTestId('badge')).toContainText('1');
});

test('each draw is a point, and can be looked at', async ({ page }) => {
  await page.goto('?lang=en&beat=4');
  const marks = page.getByTestId('tour-curve').locator('circle.mark');
  await expect.poll(() => marks.count()).toBeGreaterThanOrEqual(10);
  const seen = new Set();
  for (const draw of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
    await page.getByTestId(`tour-draw-${draw}`).click();
    const text = await page.getByTestId('tour-came').textContent();
    expect(text).toContain(`Draw ${draw}:`);
    const left = Number(/: (\d+) of 66/.exec(text)[1]);
    expect(await sealed(page)).toBe(left);
    await expect(page.getByTestId('tour-stamp')).toContainText(`seed ${draw},`);
    seen.add(left);
  }
  expect(seen.size, 'how much depends on the draw').toBeGreaterThan(3);
});

test('the story can be left, found again and linked to; a link to the lab begins without it', async ({ page }) => {
  await page.goto('?lang=en');
  await page.getByTestId('tour-skip').click();
  await expect(page.getByTestId('tour')).toHaveCount(0);
  await expect(page.locator('h1')).toHaveCount(1);
  await expect(page.getByTestId('primary')).toBeInViewport();
  await page.getByTestId('tour-open').click();
  await beatIs(page, 1);
  await page.getByTestId('tour-dot-4').click();
  await expect(page).toHaveURL(/beat=4/);
  await page.reload();
  await beatIs(page, 4);
  await page.goto('?lang=en&beat=99');
  await beatIs(page, 1);
  await page.goto('?lang=en&seed=7');
  await expect(page.getByTestId('tour-open')).toBeVisible();
  await expect(page.getByTestId('tour')).toHaveCount(0);
});

test('the story is told where the engine does not come, and says so', async ({ page, complaints }) => {
  complaints.announce(/404|the page shows/);
  await page.route(/\/(engine\.mjs|worker.*)$/, (route) => route.fulfill({ status: 404, body: 'not found' }));
  await page.goto('?lang=en&beat=3');
  await page.getByTestId('tour-show').click();
  // A curve is drawn piece by piece, and the engine that does not come keeps a slow machine busy.
  await expect(page.getByTestId('tour-came')).toContainText('66', { timeout: 90_000 });
  await expect(page.getByTestId('tour-live-note')).toContainText('does not run here', { timeout: 90_000 });
});

for (const [language, theme, width] of [['en', 'light', 1440], ['zh', 'dark', 390]]) {
  test(`axe finds nothing in any beat (${language}, ${theme}, ${width} pixels), and nothing is cut off`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 844 });
    await page.goto(`?lang=${language}&theme=${theme}`);
    for (const beat of await beats(page)) {
      await page.getByTestId(`tour-dot-${beat}`).click();
      await beatIs(page, beat);
      const show = page.getByTestId('tour-show');
      if (await show.isVisible()) {
        await isAccessible(page, `beat ${beat}, before`);
        await show.click();
      }
      await isAccessible(page, `beat ${beat}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `beat ${beat}`).toBeLessThanOrEqual(width);
      if (language === 'zh') {
        const heading = await page.locator('#tour h2').textContent();
        expect(heading).toMatch(/[\u4e00-\u9fff]/);
        expect(await page.locator('#tour').textContent()).not.toMatch(/‹/);
      }
    }
  });
}
