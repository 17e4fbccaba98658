// Which browser, how it is started, and where the site is.

/** A variable that `cargo xtask` sets. */
function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the browser tests with \`cargo xtask test\``);
  return value;
}

/** The site's address, ending in "/". */
export const SITE = required('TENSHOT_URL');

/** The browser's path. */
export const EXECUTABLE = required('CHROMIUM');

/** Arguments of every browser: nothing in the background, and no sandbox (containers forbid it). */
export const ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

/** WebGPU on SwiftShader, an adapter in software: right numbers on any machine, no speed. */
export const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
