// A search as it stands in the address:
//
//   /search?q=linen&where=colour=green,blue&where=price<=50&sort=price:asc&like=ID&unlike=ID
//
// A comma inside a value is written "\,". Everything that is shown follows from the
// address: it can be shared, and Back leads through its states.

import { address } from '../state/router.svelte';

export interface Search {
  q: string;
  /** Conditions that all hold: field=value,value (any of them), field<=number. */
  where: string[];
  /** field:asc or field:desc; "" is the best first, VARIED the best of many looks. */
  sort: string;
  /** Items to resemble, and not to resemble. */
  like: string[];
  unlike: string[];
}

/** The order that mixes looks: no field's. */
export const VARIED = 'varied';

export function read(p: URLSearchParams): Search {
  const list = (name: string) => [...new Set(p.getAll(name))].filter(Boolean);
  return { q: (p.get('q') ?? '').trim(), where: list('where'), sort: p.get('sort') ?? '', like: list('like'), unlike: list('unlike') };
}

export const addressOf = (s: Partial<Search>): string =>
  address('/search', { q: s.q, where: s.where, sort: s.sort, like: s.like, unlike: s.unlike });

/** Whether anything beside the words narrows or bends the search. */
export const bent = (s: Search): boolean => s.where.length + s.like.length + s.unlike.length > 0;

const split = (values: string): string[] => (values.match(/(?:\\.|[^,\\])+/g) ?? []).map((v) => v.replace(/\\(.)/g, '$1'));
const join = (values: string[]): string => values.map((v) => v.replace(/[\\,]/g, '\\$&')).join(',');
const words = /^([^!<>=]+)=([^]*)$/;
const bound = /^([^!<>=]+)(<=|>=)(.+)$/;

/** The values of a field that were chosen. */
export function chosen(where: string[], field: string): string[] {
  return where.flatMap((w) => {
    const m = words.exec(w);
    return m?.[1] === field ? split(m[2]!) : [];
  });
}

/** Adds a value to those of its field of which any will do, or takes it off. */
export function toggleValue(where: string[], field: string, value: string): string[] {
  const had = chosen(where, field);
  const now = had.includes(value) ? had.filter((v) => v !== value) : [...had, value];
  const at = where.findIndex((w) => words.exec(w)?.[1] === field);
  const rest = where.filter((w) => words.exec(w)?.[1] !== field);
  if (now.length) rest.splice(at < 0 ? rest.length : at, 0, `${field}=${join(now)}`);
  return rest;
}

export interface Range {
  from?: number;
  to?: number;
}

export function rangeOf(where: string[], field: string): Range {
  const r: Range = {};
  for (const w of where) {
    const m = bound.exec(w);
    if (m?.[1] !== field || !Number.isFinite(Number(m[3]))) continue;
    if (m[2] === '<=') r.to = Number(m[3]);
    else r.from = Number(m[3]);
  }
  return r;
}

export function setRange(where: string[], field: string, r: Range): string[] {
  const rest = where.filter((w) => bound.exec(w)?.[1] !== field);
  if (r.from !== undefined) rest.push(`${field}>=${r.from}`);
  if (r.to !== undefined) rest.push(`${field}<=${r.to}`);
  return rest;
}

/** One thing that can be taken off. */
export interface Chip {
  field: string;
  /** A value; without one it is the range, or a condition as somebody wrote it. */
  value?: string;
  range?: Range;
  text: string;
  /** The conditions without it. */
  without: string[];
}

export function chips(where: string[]): Chip[] {
  const out: Chip[] = [];
  for (const w of where) {
    const of = words.exec(w);
    const to = bound.exec(w);
    if (of) {
      const field = of[1]!;
      for (const value of split(of[2]!)) out.push({ field, value, text: value, without: toggleValue(where, field, value) });
    } else if (to) {
      const field = to[1]!;
      if (out.some((c) => c.range && c.field === field)) continue;
      out.push({ field, range: rangeOf(where, field), text: '', without: setRange(where, field, {}) });
    } else out.push({ field: '', text: w.replace('!=', ' is not ').replace(/([<>]=?)/, ' $1 '), without: where.filter((x) => x !== w) });
  }
  return out;
}

/** The conditions as the interface takes them: where knows no comma in a value, filter does. */
export function conditions(where: string[]): { where: string[]; filter: string[] } {
  const out: { where: string[]; filter: string[] } = { where: [], filter: [] };
  for (const w of where) {
    const m = w.includes('\\') ? words.exec(w) : null;
    if (m) out.filter.push(`${quote(m[1]!)} IN [${split(m[2]!).map(quote).join(', ')}]`);
    else out.where.push(w);
  }
  return out;
}

const quote = (s: string): string => `"${s.replace(/["\\]/g, '\\$&')}"`;

/** The words as they were typed and nothing else: each in quotes. */
export function asTyped(q: string): string {
  return (q.match(/"[^"]*"|\S+/g) ?? []).map((w) => (/^[+-]?"/.test(w) ? w : w.replace(/^([+-]?)([^"]*)"*$/, '$1"$2"'))).join(' ');
}

/** A stretch of bytes taken out of the words, as the server counts them. */
export function withoutBytes(q: string, start: number, end: number): string {
  const b = new TextEncoder().encode(q);
  const text = new TextDecoder();
  return `${text.decode(b.slice(0, start))} ${text.decode(b.slice(end))}`.replace(/\s+/g, ' ').trim();
}
