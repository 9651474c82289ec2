import type { Metrics, Status } from '../api/types';

export interface Row {
  name: string;
  value?: number | string;
  popularity?: number;
  /** value over popularity */
  ratio?: number;
}

/**
 * Lays a model's metrics beside popularity's. A card may hold popularity as an
 * object of its own ({popularity: {ndcg: …}}) or in the names ("popularity_ndcg",
 * "ndcg_popularity"); other objects are flattened into names with a dot.
 */
export function compare(m: Metrics | undefined): Row[] {
  const flat = new Map<string, number | string>();
  flatten(m ?? {}, '', flat);
  const rows = new Map<string, Row>();
  const row = (name: string): Row => {
    let r = rows.get(name);
    if (!r) rows.set(name, (r = { name }));
    return r;
  };
  for (const [name, v] of flat) {
    const bare = name.replace(/(^|[._\- ])popularity([._\- ]|$)/i, (_, a: string, b: string) => (a && b ? '.' : ''));
    if (bare !== name && bare && typeof v === 'number') row(bare).popularity = v;
    else row(name).value = v;
  }
  for (const r of rows.values()) {
    if (typeof r.value === 'number' && r.popularity) r.ratio = r.value / r.popularity;
  }
  return [...rows.values()];
}

function flatten(m: Metrics, path: string, out: Map<string, number | string>): void {
  for (const [k, v] of Object.entries(m)) {
    const name = path ? `${path}.${k}` : k;
    if (v === null) continue;
    if (typeof v === 'object') flatten(v, name, out);
    else out.set(name, typeof v === 'boolean' ? (v ? 'yes' : 'no') : v);
  }
}

export const sourceNames = (s: Status['sources']): string[] => (s ?? []).map((x) => (typeof x === 'string' ? x : x.name));
