// The browser tests: the built page with its worker in Chromium. `cargo xtask test` serves the site and sets TENSHOT_URL (the
// address of the site, ending in "/") and CHROMIUM (the browser's path).

import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { ARGUMENTS, EXECUTABLE, SITE, WEBGPU } from './support/chromium.mjs';

export default defineConfig({
  testDir: '.',
  // Every test keeps one core busy with training: a second one runs beside it where there is a second core, and no more, as
  // software adapters and the browser itself want some, too.
  workers: Math.min(2, availableParallelism()),
  fullyParallel: true,
  // The longest test begins first, or all others would be done and wait for it.
  projects: [
    { name: 'webgpu', testMatch: 'webgpu.spec.mjs' },
    { name: 'page', testIgnore: 'webgpu.spec.mjs' },
  ],
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
    // Routes do not see what a service worker fetches, and a page that it answers asks the site for nothing: tests that count
    // requests or meddle with them would test nothing. offline.spec.mjs allows it.
    serviceWorkers: 'block',
    launchOptions: { executablePath: EXECUTABLE, args: [...ARGUMENTS, ...WEBGPU] },
  },
});
