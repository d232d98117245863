import { type Actor, look } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { Deps } from '../deps.ts';
import type { Values } from '../domain/register.ts';
import { linesOf } from '../domain/registers/assurance.ts';
import { personalFiles } from '../domain/registers/personal-file.ts';
import { listCurrent } from '../store/entries.ts';

/** Reads for everybody: nothing of anybody stands in the register. */
export const publisher: Actor = { kind: 'job', name: 'governance.file-register' };

export interface PublishedFile {
  readonly label: string;
  readonly values: Values;
  /** 記録項目: what the system's catalogue says today, and what lies outside it on paper. */
  readonly items: readonly string[];
}
export interface FileRegister {
  readonly files: readonly PublishedFile[];
  /** Systems that hold something personal and of which no file is published. */
  readonly unpublished: readonly string[];
}

/**
 * 個人情報ファイル簿 as the public reads it, computed when it is read: an item that came with a new release stands in it with
 * that release, and a system of which nobody wrote a file is named as such.
 *
 * @law 個人情報の保護に関する法律 第75条第1項
 */
export const readFileRegister = look('governance.read-file-register', {
  right: ['governance', 'file-register', 'read'],
  async run(tx, deps: Deps, _query: null): Promise<FileRegister> {
    const query = { registers: [personalFiles.id], state: 'published', text: null, dueBy: null };
    const { rows } = await listCurrent(tx, { ...query, offset: 0, limit: 1000 });
    const declared = enforced('disclosure.file-register') ? deps.declared : [];
    const files = rows
      .map(({ label, values }) => {
        const inSystem = declared.find((d) => d.system === values.system)?.items ?? [];
        return { label, values, items: [...new Set([...inSystem, ...linesOf(values.otherItems)])] };
      })
      .sort((a, b) => (a.label < b.label ? -1 : 1));
    const published = new Set(files.map(({ values }) => values.system));
    const unpublished = declared.filter((d) => d.items.length > 0 && !published.has(d.system)).map((d) => d.system);
    return { files, unpublished };
  },
});
