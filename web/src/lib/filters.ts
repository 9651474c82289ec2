import type { Item } from '../api/types';

// Filters live in the address as where=field=value,value. The page itself offers
// categories and colours; conditions of other forms that someone wrote into the
// address are shown and can be taken off.

export interface Facet {
  /** The condition without its value: "category=" */
  field: 'category' | 'colour';
  value: string;
  label: string;
  hex?: string;
  count: number;
}

export const condition = (field: string, value: string): string => `${field}=${value}`;

/** Adds the condition, or takes it off; one value of a field at a time. */
export function toggle(where: string[], field: string, value: string): string[] {
  const c = condition(field, value);
  if (where.includes(c)) return where.filter((w) => w !== c);
  return [...where.filter((w) => !w.startsWith(`${field}=`)), c];
}

/** "colour=green" reads "colour: green"; comparisons stay as they are. */
export function describe(where: string): string {
  const m = /^([\w ]+)=([^=].*)$/.exec(where);
  return m ? `${m[1]}: ${m[2]!.replaceAll(',', ' or ')}` : where.replace('!=', ' is not ').replace(/([<>]=?)/, ' $1 ');
}

/** The categories and colours that the items carry, the most frequent first. */
export function facets(items: Item[], categories = 10, colours = 10): { categories: Facet[]; colours: Facet[] } {
  const cats = new Map<string, number>();
  const cols = new Map<string, { share: number; hex: string; count: number }>();
  for (const x of items) {
    for (const c of new Set(x.categories)) cats.set(c, (cats.get(c) ?? 0) + 1);
    for (const c of x.picture?.colours ?? []) {
      if (!c.name) continue;
      const was = cols.get(c.name);
      cols.set(c.name, { share: (was?.share ?? 0) + c.share, hex: was?.hex ?? c.hex, count: (was?.count ?? 0) + 1 });
    }
  }
  return {
    categories: [...cats]
      .filter(([, n]) => n < items.length) // what all have divides nothing
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, categories)
      .map(([value, n]) => ({ field: 'category', value, label: value, count: n })),
    colours: [...cols]
      .sort((a, b) => b[1].share - a[1].share || (a[0] < b[0] ? -1 : 1))
      .slice(0, colours)
      .map(([value, c]) => ({ field: 'colour', value, label: value, hex: c.hex, count: c.count })),
  };
}
