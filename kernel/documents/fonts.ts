import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Fonts are part of the build: file by file, with the SHA-256 of what was proven to draw the registered shapes (INC-31). */
const fontsOfBuild = [
  [
    'biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf',
    '22f41ce68f1ce62477ca4ec1e2c0c400cc545ddff31d713e8edf87808614aeb2',
  ],
  [
    'biz-udpgothic/700Bold/BIZUDPGothic_700Bold.ttf',
    '1a995936e0f9de8a7c142c97cdb679e7087e89c13e663f946cd047f4283cedf8',
  ],
  [
    'noto-serif-jp/400Regular/NotoSerifJP_400Regular.ttf',
    '5a04846a0e23acefae825f2f459205036a166f5a63462019ce3492d07bd20e92',
  ],
  ['noto-serif-jp/700Bold/NotoSerifJP_700Bold.ttf', '370341f60a5a33dff0dd66e9fb04ddb7523846d4800e4e2cd8fba0bf715d44ea'],
] as const;

const inPackage = (name: string): string => require.resolve(`@expo-google-fonts/${name}`);

/**
 * The packaged fonts, body first. Throws, naming the file, where one is not the one of this build: then nothing at all is printed.
 */
export function packagedFonts(fontFile = inPackage): Promise<readonly SharedArrayBuffer[]> {
  return Promise.all(
    fontsOfBuild.map(async ([name, sha256]) => {
      const bytes = await readFile(fontFile(name));
      if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        throw new Error(`the font file ${name} is not the one of this build`);
      return shared(bytes);
    }),
  );
}

/** The same bytes for all threads, held once. */
export function shared(bytes: Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}
