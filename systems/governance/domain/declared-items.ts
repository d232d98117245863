/** What one system of the organisation holds, by the catalogue of columns with which it runs. */
export interface DeclaredSystem {
  readonly system: string;
  /** 記録項目, each once, in the order of the catalogue. */
  readonly items: readonly string[];
  /** Tables with something personal that say no item: their names, so that nothing is left out for want of a word. */
  readonly unnamed: readonly string[];
}

/** A catalogue as it stands beside a schema: columns as a kind, or a kind with its item (`personal 氏名`). */
export type Columns = Readonly<Record<string, { readonly columns: Readonly<Record<string, string>> }>>;

const personal: readonly string[] = ['personal', 'number', 'sealed'];

/** The items of a system: of its own tables and of the kernel's modules that it took in, the log apart (it is kept under its own rules). */
export function declaredItems(system: string, catalogue: Columns): DeclaredSystem {
  const items = new Set<string>();
  const unnamed = new Set<string>();
  for (const [table, { columns }] of Object.entries(catalogue))
    for (const said of Object.values(columns)) {
      const [kind = '', ...words] = said.split(' ');
      const item = words.join(' ').replaceAll('　', '・');
      if (personal.includes(kind) && item !== '') items.add(item);
      else if (personal.includes(kind)) unnamed.add(table);
      // The reference stands where the number is used; the number itself in the vault.
      if (item.startsWith('個人番号')) items.add('個人番号');
    }
  items.delete('個人番号の参照');
  return { system, items: [...items], unnamed: [...unnamed] };
}
