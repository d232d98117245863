import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';

// One page with one line in one font, set by the same typesetter: what a document costs before anything of ours stands on it.

const font = createRequire(import.meta.url).resolve(
  '@expo-google-fonts/biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf',
);

/** @returns bytes of the document `i` */
export function floorSetter(): (i: number) => number {
  const compiler = NodeCompiler.create({ fontArgs: [{ fontBlobs: [readFileSync(font)] }] });
  return (i) => {
    const { result } = compiler.compile({
      mainFileContent: `#set text(font: "BIZ UDPGothic")\n納税通知書 第${i}号`,
    });
    if (result === null) throw new Error('a page was expected');
    return compiler.pdf(result).length;
  };
}
