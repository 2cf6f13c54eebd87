// Bundles what the browser loads into dist/, with content hashes in the names and a manifest beside them.
import fs from 'node:fs';
import { build } from 'esbuild';

fs.rmSync('dist', { recursive: true, force: true });
const entries = fs.readdirSync('src').filter((name) => /^(app|diagram|vendor|modeler)\.js$/.test(name));
const result = await build({
  entryPoints: Object.fromEntries(entries.map((name) => [name.replace('.js', ''), `src/${name}`])),
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  target: ['es2020'],
  outdir: 'dist',
  entryNames: '[name]-[hash]',
  assetNames: 'files/[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  loader: { '.woff2': 'file', '.woff': 'empty', '.ttf': 'file', '.svg': 'file', '.eot': 'empty' },
  metafile: true,
  legalComments: 'linked',
  logLevel: 'warning',
});
const manifest = {};
for (const [file, output] of Object.entries(result.metafile.outputs)) {
  if (!output.entryPoint) continue;
  manifest[output.entryPoint.replace(/^src\//, '')] = {
    file: file.replace('dist/', ''),
    css: output.cssBundle ? output.cssBundle.replace('dist/', '') : null,
  };
}
fs.writeFileSync('dist/manifest.json', JSON.stringify(manifest, null, 1));

// the faces that papers are printed with: TrueType, under one folder, for the press of the server
fs.mkdirSync('dist/fonts', { recursive: true });
const tinos = 'node_modules/@expo-google-fonts/tinos';
for (const face of ['400Regular', '400Regular_Italic', '700Bold', '700Bold_Italic']) {
  fs.copyFileSync(`${tinos}/${face}/Tinos_${face}.ttf`, `dist/fonts/Tinos_${face}.ttf`);
}
fs.copyFileSync(`${tinos}/LICENSE_FONT`, 'dist/fonts/LICENSE');
