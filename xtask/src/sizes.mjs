// Prints, as JSON, every file below the first argument with its size, raw and as a static host sends it.
// The second argument is a file that remembers the sizes of files seen before: compressing the engine takes a minute.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const [root, memory] = process.argv.slice(-2);
const known = await readFile(memory, 'utf8').then(JSON.parse).catch(() => ({}));
const seen = {};

async function measure(path) {
  const bytes = await readFile(path);
  const hash = createHash('sha256').update(bytes).digest('hex');
  seen[hash] = known[hash] ?? {
    brotli: (await promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })).length,
    gzip: (await promisify(gzip)(bytes, { level: 9 })).length,
  };
  return { path: relative(root, path).split(sep).join('/'), raw: bytes.length, ...seen[hash] };
}

const entries = await readdir(root, { recursive: true, withFileTypes: true });
const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
const sizes = await Promise.all(paths.sort().map(measure));
await mkdir(dirname(memory), { recursive: true });
await writeFile(memory, JSON.stringify(seen));
console.log(JSON.stringify(sizes));
