// The site behind a wire that can be cut: a server that passes requests on to the real one, and does to some of them what happens to
// visitors. Unlike Playwright's routes it leaves the browser's cache as it is.

import { createServer, get } from 'node:http';
import { SITE } from './chromium.mjs';

/** The site's answer to a request: `{ status, headers, body }`. */
function real(url) {
  return new Promise((resolve, reject) => {
    get(new URL(url, SITE), (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) }));
      answer.on('error', reject);
    }).on('error', reject);
  });
}

/**
 * Opens the wire. `url` is the site's address behind it, `requests` what went through it so far. `meddle` has every request to an
 * address of this pattern answered by a function of the response and the site's answer, until `mend` is called.
 */
export async function wire() {
  const requests = [];
  let rules = [];
  const server = createServer(async (request, response) => {
    requests.push(request.url);
    try {
      const answer = await real(request.url);
      const rule = rules.find(({ pattern }) => pattern.test(request.url));
      if (rule) return await rule.answer(response, answer);
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      response.destroy();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: new URL(new URL(SITE).pathname, `http://127.0.0.1:${server.address().port}`).href,
    requests,
    meddle: (pattern, answer) => rules.push({ pattern, answer }),
    mend: () => {
      rules = [];
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
