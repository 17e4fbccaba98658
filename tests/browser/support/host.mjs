// A static host of its own for the site: it can have another build, be gone, answer with something else, and counts what it is
// asked. Unlike routes it is what service workers see, too.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { SITE } from './chromium.mjs';

const TYPES = {
  css: 'text/css',
  html: 'text/html',
  js: 'text/javascript',
  json: 'application/json',
  mjs: 'text/javascript',
  png: 'image/png',
  svg: 'image/svg+xml',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
};
const type = (name) => TYPES[name.split('.').at(-1)] ?? 'application/octet-stream';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const path = (address) => (address === './' ? 'index.html' : address.split('?')[0]);

/** The list in a service worker's text, and the text around it. */
function list(text) {
  const [, before, json, after] = /^([^]*?const \{ build, needed, later \} = )(\{[^]*?\n\})(;[^]*)$/.exec(text) ?? [];
  if (!json) throw new Error('the service worker has no list: was the site stamped?');
  return { before, kept: JSON.parse(json), after };
}

/** The site's files by name, as `cargo xtask build` made them. */
export async function built() {
  const get = async (name) => {
    const answer = await fetch(new URL(name, SITE));
    if (!answer.ok) throw new Error(`the site has no ${name}`);
    return Buffer.from(await answer.arrayBuffer());
  };
  const script = await get('sw.js');
  const { needed, later } = list(script.toString()).kept;
  const names = [...Object.keys(needed), ...Object.keys(later)].map(path);
  const files = await Promise.all(names.map(async (name) => [name, await get(name)]));
  return new Map([...files, ['sw.js', script]]);
}

/**
 * Another build of the site: `change` is given the files by name and changes them. The list is then made anew, as
 * xtask/src/offline.rs does. (An address of a model has a part of its hash; models are not to be changed.)
 */
export function rebuilt(files, change) {
  const { before, kept, after } = list(files.get('sw.js').toString());
  const next = new Map(files);
  next.delete('sw.js');
  change(next);
  const known = new Map([...Object.keys(kept.needed), ...Object.keys(kept.later)].map((address) => [path(address), address]));
  const needed = {};
  const later = {};
  for (const [name, bytes] of next) {
    const address = known.get(name) ?? name;
    (address in kept.later ? later : needed)[address] = sha256(bytes);
  }
  const build = sha256(JSON.stringify([needed, later])).slice(0, 16);
  return next.set('sw.js', Buffer.from(`${before}${JSON.stringify({ build, needed, later }, null, 2)}${after}`));
}

/** A build whose engine and charts have another address. */
export function moved(files, folder) {
  return rebuilt(files, (next) => {
    const [old] = [...next.keys()].find((name) => name.startsWith('assets-')).split('/');
    for (const name of [...next.keys()].filter((name) => name.startsWith(`${old}/`))) {
      next.set(name.replace(old, folder), next.get(name));
      next.delete(name);
    }
    next.set('index.html', Buffer.from(next.get('index.html').toString().replaceAll(old, folder)));
  });
}

/**
 * Opens a host with these files below a sub-path. `asked` counts requests by name; `files` may be replaced; `rule`, if it is set,
 * is given a name and says what is answered in its place, or nothing.
 */
export async function host(files, headers = { 'Cache-Control': 'max-age=600' }) {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url, 'http://host');
    const name = pathname === '/at/' ? 'index.html' : pathname.replace('/at/', '');
    const count = name === 'index.html' ? `${name}${search}` : name;
    self.asked.set(count, (self.asked.get(count) ?? 0) + 1);
    const instead = self.rule?.(name);
    if (instead) return response.writeHead(instead.status, { 'Content-Type': 'text/html', ...instead.headers }).end(instead.body);
    const body = self.files.get(name);
    if (!body) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': type(name), 'Content-Length': body.length, ...headers }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self = {
    url: `http://127.0.0.1:${server.address().port}/at/`,
    files,
    asked: new Map(),
    rule: null,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}
