// Compresses the files of a site as static hosts do: `node compress.mjs SITE FOLDER` writes SITE/a.wasm to FOLDER/a.wasm, with gzip.
// What hosts do not compress, as it would come out no smaller, or as they do not know what it is, is left out.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const KINDS = ['.css', '.html', '.js', '.json', '.mjs', '.svg', '.wasm', '.webmanifest'];

const [site, folder] = process.argv.slice(-2);
await rm(folder, { recursive: true, force: true });
const entries = await readdir(site, { recursive: true, withFileTypes: true });
const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
await Promise.all(
  paths
    .filter((path) => KINDS.includes(extname(path)))
    .map(async (path) => {
      const file = join(folder, relative(site, path));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await promisify(gzip)(await readFile(path)));
    }),
);
