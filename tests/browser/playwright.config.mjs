// The browser tests: the built page with its worker in Chromium. `cargo xtask test` serves the site and sets TENSHOT_URL (the
// address of the site, ending in "/") and CHROMIUM (the browser's path).

import { defineConfig } from '@playwright/test';
import { ARGUMENTS, EXECUTABLE, SITE, WEBGPU } from './support/chromium.mjs';

export default defineConfig({
  testDir: '.',
  // Every test keeps a core busy with training: side by side they would only slow each other down.
  workers: 1,
  // What fails once has failed: a second try would hide what only happens now and then.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 3 * 60_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    baseURL: SITE,
    locale: 'en-US',
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    navigationTimeout: 30_000,
    launchOptions: { executablePath: EXECUTABLE, args: [...ARGUMENTS, ...WEBGPU] },
  },
});
