import type { Field } from '@musubi/kernel/pages/kit/form.ts';
import type { RegisterDefinition, RegisterField, Values } from '../domain/register.ts';

type Choices = Readonly<
  Record<string, readonly { readonly entryId: string; readonly label: string; readonly heading: string }[]>
>;

/** A register's field as the page kit asks it. `choices`: what a reference may name. */
export function formField(field: RegisterField, choices: Choices): Field {
  const { name, label, hint, required } = field;
  const base = {
    name,
    label,
    ...(hint === undefined ? {} : { hint }),
    ...(required === undefined ? {} : { required }),
  };
  switch (field.kind) {
    case 'text':
      return {
        ...base,
        kind: 'text',
        maxLength: field.max,
        ...(field.pattern ? { pattern: field.pattern } : {}),
        ...(field.patternFault ? { patternFault: field.patternFault } : {}),
      };
    case 'lines':
      return { ...base, kind: 'lines', maxLength: field.max };
    case 'date':
      return { ...base, kind: 'date' };
    case 'count':
      return {
        ...base,
        kind: 'text',
        width: 'short',
        pattern: /^(0|[1-9][0-9]{0,8})$/,
        patternFault: `${label}は0以上の整数で入力してください`,
      };
    case 'choice': {
      const options = Object.entries(field.options).map(([value, text]) => ({ value, label: text }));
      return { ...base, kind: options.length <= 3 ? 'radio' : 'select', options };
    }
    case 'ref':
      return {
        ...base,
        kind: 'select',
        options: (choices[name] ?? []).map((c) => ({ value: c.entryId, label: `${c.label} ${c.heading}` })),
      };
  }
}

/** Every field an entry may hold, those of its steps included, each once. */
export function allFields({ fields, steps }: RegisterDefinition): readonly RegisterField[] {
  const seen = new Set<string>();
  return [...fields, ...steps.flatMap((s) => s.fields)].filter((f) => !seen.has(f.name) && seen.add(f.name));
}

/** A value as a reader sees it; references are shown by the page itself. */
export function textOf(field: RegisterField, values: Values): string {
  const value = values[field.name] ?? '';
  return field.kind === 'choice' ? (field.options[value] ?? value) : value;
}
