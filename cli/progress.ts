import { stripVTControlCharacters, styleText } from 'node:util';

/** Lines with a bar while something long goes on. On a terminal one line is drawn over; elsewhere only ends are printed. */
export interface Progress {
  show(what: string, done: number, of: number, detail?: string): void;
  /** Ends the current line with a mark. */
  end(ok: boolean, what: string, detail?: string): void;
}

export function progressOn(stream: NodeJS.WriteStream): Progress {
  const live = stream.isTTY === true;
  let open = false;
  const clear = (): void => {
    if (live && open) stream.write('\r\u001b[K');
    open = false;
  };
  return {
    show(what, done, of, detail = '') {
      if (!live) return;
      clear();
      const width = 24;
      const filled = of === 0 ? 0 : Math.round((width * done) / of);
      const line = `  ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${what} ${done}/${of} ${detail}`;
      stream.write(line.slice(0, (stream.columns ?? 100) - 1));
      open = true;
    },
    end(ok, what, detail = '') {
      clear();
      const mark = ok ? styleText('green', '✓', { stream }) : styleText('red', '✗', { stream });
      const line = `${mark} ${what}${detail ? styleText('dim', `  ${detail}`, { stream }) : ''}`;
      stream.write(`${live ? line : stripVTControlCharacters(line)}\n`);
    },
  };
}
