// What keeps the page's main thread during a live run: prints {"seconds", "tasks", "frames"} as JSON, with each task of 50 ms
// or more as a browser tells of it, and the long frames with the scripts in them. Started by `cargo xtask lighthouse`, which
// sets TENSHOT_URL and CHROMIUM.

import { chromium } from '@playwright/test';
import { ARGUMENTS, EXECUTABLE, SITE } from './support/chromium.mjs';

/** By then what a visit begins with is over, in milliseconds. */
const SETTLED = 5_000;

/** No run takes so long. */
const WHOLE_RUN = 10 * 60_000;

const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
try {
  // Without the service worker, as in the tests.
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.addInitScript(() => {
    globalThis.seen = { tasks: [], frames: [] };
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) seen.tasks.push({ at: startTime, ms: duration });
    }).observe({ type: 'longtask' });
    new PerformanceObserver((list) => {
      for (const { startTime, duration, styleAndLayoutStart, renderStart, scripts } of list.getEntries()) {
        seen.frames.push({
          at: startTime,
          ms: duration,
          layoutAndPaint: styleAndLayoutStart && startTime + duration - styleAndLayoutStart,
          render: renderStart && startTime + duration - renderStart,
          scripts: scripts.map(({ invoker, duration, sourceURL }) => ({ invoker, ms: duration, of: sourceURL.split('/').pop() })),
        });
      }
    }).observe({ type: 'long-animation-frame' });
  });
  await page.goto(`${SITE}?device=cpu&seed=1`);
  await page.locator('[data-testid="engine"][data-state="ready"]').waitFor({ state: 'attached', timeout: 90_000 });
  await page.waitForTimeout(SETTLED);

  const begun = await page.evaluate(() => {
    seen.tasks = [];
    seen.frames = [];
    return performance.now();
  });
  await page.locator('[data-testid="primary"][data-action="start"]').click();
  await page.locator('[data-testid="primary"]:not([data-action="start"])').waitFor({ state: 'attached' });
  await page.locator('[data-testid="primary"][data-action="start"]').waitFor({ state: 'attached', timeout: WHOLE_RUN });
  const { tasks, frames, seconds } = await page.evaluate((begun) => ({ ...seen, seconds: (performance.now() - begun) / 1000 }), begun);
  const since = (list) => list.map((entry) => ({ ...entry, at: entry.at - begun }));
  console.log(JSON.stringify({ seconds, tasks: since(tasks), frames: since(frames) }, null, 2));
} finally {
  await browser.close();
}
