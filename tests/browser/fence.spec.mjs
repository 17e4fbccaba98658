// The page's policy holds in its worker, too: nothing there reaches another place than the site.

import { createServer } from 'node:http';
import { SITE } from './support/chromium.mjs';
import { open } from './support/page.mjs';
import { expect, test } from './support/test.mjs';
import { site } from './support/worker.mjs';

/** A server elsewhere, which would gladly tell everybody everything. */
async function elsewhere() {
  const heard = [];
  const server = createServer((request, response) => {
    heard.push(request.url);
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/javascript' }).end('export default 1;');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, heard, close: () => server.close() };
}

/** Tries every way out of a worker; returns those that led out. */
async function waysOut(url) {
  const opened = (socket) =>
    new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
  const ways = {
    fetch: () => fetch(`${url}fetch`),
    xhr: () =>
      new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open('GET', `${url}xhr`);
        request.onload = resolve;
        request.onerror = reject;
        request.send();
      }),
    socket: () => opened(new WebSocket(`${url.replace('http', 'ws')}socket`)),
    events: () => opened(new EventSource(`${url}events`)),
    script: () => import(`${url}script`),
    text: () => (0, eval)('1'),
    worker: () =>
      new Promise((resolve, reject) => {
        const inner = new Worker(`${url}worker`, { type: 'module' });
        inner.onmessage = resolve;
        inner.onerror = reject;
      }),
  };
  const out = [];
  for (const [name, way] of Object.entries(ways)) {
    try {
      await way();
      out.push(name);
    } catch {
      // It is shut.
    }
  }
  return out;
}

test('from inside the worker nothing but the site is reached', async ({ page, complaints }) => {
  complaints.announce(/Content Security Policy|violates the following|404/);
  const other = await elsewhere();
  await open(page);
  const worker = page.workers().at(-1);
  expect(worker.url()).toMatch(/^blob:/);
  expect(await worker.evaluate(waysOut, other.url)).toEqual([]);
  expect(other.heard, 'no request left the browser').toEqual([]);
  // The site itself is reached.
  expect(await worker.evaluate((url) => fetch(url).then(({ ok }) => ok), `${SITE}models/folio/config.json`)).toBe(true);

  // A worker that is fetched, on a host that sends no headers, has no fence: the test would notice.
  const { script } = await site(page);
  await page.goto(`${SITE}models/folio/config.json`);
  const waiting = page.waitForEvent('worker');
  await page.evaluate((script) => {
    globalThis.kept = new Worker(script, { type: 'module' });
  }, script);
  const out = await (await waiting).evaluate(waysOut, other.url);
  expect(out).toContain('fetch');
  expect(other.heard).toContain('/fetch');
  other.close();
});

test('the page starts no worker that is fetched, but for its service worker', async ({ page, complaints }) => {
  complaints.announce(/Content Security Policy|violates the following|TrustedScriptURL/);
  await open(page);
  const { script } = await site(page);
  const start = (script) =>
    new Promise((resolve) => {
      const refused = (event) => resolve(event.effectiveDirective ?? event.type);
      document.addEventListener('securitypolicyviolation', refused, { once: true });
      try {
        const worker = new Worker(script, { type: 'module' });
        worker.onmessage = () => resolve('it runs');
      } catch {
        // The event says why.
      }
    });
  expect(await page.evaluate(start, script)).toBe('require-trusted-types-for');
  const policies = await page.locator('meta[http-equiv="Content-Security-Policy"]').evaluateAll((all) => all.map(({ content }) => content));
  expect(policies).toHaveLength(2);
  expect(policies[1]).toBe(`worker-src blob: ${new URL('sw.js', SITE).href}`);
});

test('no text becomes a script, a worker, or markup that could hold one', async ({ page, complaints }) => {
  complaints.announce(/Content Security [Pp]olicy|TrustedHTML|TrustedScript|Trusted Type/);
  await page.goto('');
  await expect(page.getByTestId('primary')).toBeVisible();
  const ways = {
    markup: () => (document.createElement('p').innerHTML = '<img src="x" onerror="alert(1)">'),
    frame: () => document.body.insertAdjacentHTML('beforeend', '<iframe srcdoc="a"></iframe>'),
    script: () => (document.createElement('script').text = 'alert(1)'),
    source: () => (document.createElement('script').src = 'boot.mjs'),
    worker: () => new Worker('boot.mjs', { type: 'module' }),
    policy: () => trustedTypes.createPolicy('another', {}),
  };
  for (const [name, way] of Object.entries(ways)) {
    const error = await page.evaluate(`(() => { try { (${way})(); return 'done'; } catch (refused) { return refused.name; } })()`);
    expect(error, name).toBe('TypeError');
  }
  // What the page itself makes of strings is left to it.
  expect(await page.evaluate(() => Object.assign(document.createElement('p'), { innerHTML: '<b class="x">y</b>' }).textContent)).toBe('y');
});

test('hosts that send headers are told the same policy', async ({ page }) => {
  const [html, headers] = await Promise.all(['', '_headers'].map(async (path) => (await page.request.get(path)).text()));
  const [, policy] = /http-equiv="?Content-Security-Policy"? content="([^"]*)"/.exec(html);
  expect(headers).toContain(`Content-Security-Policy: ${policy}\n`);
  expect(policy).toContain("connect-src 'self'");
});
