// Which facets the panel offers, and how they read.

import type { PageAnswer } from '../api/types';
import { figure, leaf } from '../lib/words';
import { chosen, rangeOf, type Chip } from './params';

export interface FacetValue {
  value: string;
  count: number;
  on: boolean;
}

export interface Facet {
  field: string;
  label: string;
  kind: 'list' | 'colours' | 'looks' | 'range';
  values: FacetValue[];
  /** Of a range: its ends, and how many items stand in each of equal steps between them. */
  min: number;
  max: number;
  bars: number[];
}

/** What pictures look like: named by the server, read by people, in an order that means something. */
const looks: Record<string, { label: string; values: string[] }> = {
  tone: { label: 'Light or dark', values: ['light', 'medium', 'dark'] },
  vividness: { label: 'Vivid or muted', values: ['vivid', 'muted', 'gray'] },
  pattern: { label: 'Pattern', values: ['plain', 'striped', 'grid', 'free'] },
  detail: { label: 'Calm or busy', values: ['calm', 'medium', 'busy'] },
  shape: { label: 'Shape', values: ['portrait', 'square', 'landscape'] },
};

const MOST = 9;
const BARS = 24;
const first = ['category', 'colour', 'color', ...Object.keys(looks), 'price'];
/** Ids, and what is the same for all. */
const never = new Set(['owner', 'currency', 'id', 'link']);

type Answer = Pick<PageAnswer, 'facetDistribution' | 'facetStats' | 'facetsCut'>;

export function panelOf(answer: Answer | undefined, where: string[]): Facet[] {
  const out: { facet: Facet; weight: number }[] = [];
  for (const [field, counts] of Object.entries(answer?.facetDistribution ?? {})) {
    if (never.has(field) || /[!<>=]/.test(field)) continue;
    const facet = facetOf(field, counts, answer!, where);
    const at = first.indexOf(field);
    const covered = Object.values(counts).reduce((a, b) => a + b, 0);
    if (facet) out.push({ facet, weight: at >= 0 ? 1e12 - at : field === 'tag' ? 0 : covered });
  }
  const all = out.sort((a, b) => b.weight - a.weight || (a.facet.field < b.facet.field ? -1 : 1)).map((x) => x.facet);
  let others = 0; // looks take little room and push nothing out
  return all.filter((f) => f.kind === 'looks' || others++ < MOST);
}

function facetOf(field: string, counts: Record<string, number>, answer: Answer, where: string[]): Facet | undefined {
  const facet: Facet = { field, label: labelOf(field), kind: 'list', values: [], min: 0, max: 0, bars: [] };
  const stats = answer.facetStats?.[field];
  const names = Object.keys(counts);
  if (stats && names.every((v) => v !== '' && Number.isFinite(Number(v)))) {
    const { from, to } = rangeOf(where, field);
    const set = from !== undefined || to !== undefined;
    if (stats.max <= stats.min && !set) return;
    Object.assign(facet, { kind: 'range', min: stats.min, max: stats.max });
    if (!answer.facetsCut?.includes(field)) facet.bars = bars(counts, stats.min, stats.max);
    return facet;
  }
  const on = chosen(where, field);
  facet.values = names.map((value) => ({ value, count: counts[value]!, on: on.some((x) => same(x, value)) }));
  for (const x of on) if (!names.some((v) => same(x, v))) facet.values.push({ value: x, count: 0, on: true });
  facet.values.sort((a, b) => b.count - a.count);
  if (facet.values.length < 2 && on.length === 0) return;
  if (facet.values.length > 20 && facet.values.every((v) => v.count === 1) && on.length === 0) return; // as good as ids
  if (field === 'colour' || field === 'color') facet.kind = 'colours';
  const look = looks[field];
  if (look && facet.values.every((v) => look.values.includes(v.value))) {
    Object.assign(facet, { kind: 'looks', label: look.label });
    facet.values.sort((a, b) => look.values.indexOf(a.value) - look.values.indexOf(b.value));
  }
  return facet;
}

const same = (a: string, b: string): boolean => a === b || a.toLowerCase() === b.toLowerCase();

function bars(counts: Record<string, number>, min: number, max: number): number[] {
  const out = Array<number>(BARS).fill(0);
  for (const [v, n] of Object.entries(counts)) out[Math.min(BARS - 1, Math.max(0, Math.floor(((Number(v) - min) / (max - min || 1)) * BARS)))]! += n;
  return out;
}

export function labelOf(field: string): string {
  const s = leaf(field);
  return s.charAt(0).toUpperCase() + s.slice(1);
}

let languages: Intl.DisplayNames | undefined;

/** A value for reading: the last step of a category, the name of a language. */
export function valueOf(field: string, value: string): string {
  if (field === 'category') return leaf(value);
  if (value === 'true') return 'Yes';
  if (value === 'false') return 'No';
  if (field === 'language') {
    try {
      languages ??= new Intl.DisplayNames('en', { type: 'language' });
      return languages.of(value) ?? value;
    } catch {
      return value; // no language's code
    }
  }
  return value;
}

/** A condition that is on, for reading. */
export function readChip(c: Chip): string {
  if (c.range) {
    const { from, to } = c.range;
    return `${labelOf(c.field)} ${from === undefined ? `up to ${figure(to!)}` : to === undefined ? `from ${figure(from)}` : `${figure(from)} – ${figure(to)}`}`;
  }
  if (c.value === undefined) return c.text;
  return c.value === 'true' ? labelOf(c.field) : c.value === 'false' ? `not ${c.field}` : valueOf(c.field, c.value);
}

export const canSort = (answer: Answer | undefined, field: string): boolean => answer?.facetStats?.[field] !== undefined;

// Colours as people name them; a name that is not here has no swatch.
const swatches: Record<string, string> = {
  black: '#1c1b1a', white: '#fbfaf7', gray: '#8f8f8c', grey: '#8f8f8c', red: '#cf2f2a', orange: '#ea7f27', brown: '#7d5233', yellow: '#f2c93b', green: '#3f8a4b', blue: '#3567c9',
  purple: '#7d4bb0', pink: '#ee8fb0', beige: '#dccbac', cream: '#f5ecd6', ivory: '#faf5e6', sand: '#d9c39a', tan: '#c8a97e', taupe: '#8a7f72', oat: '#e0d5c0', neutral: '#cfc6b8',
  navy: '#1d2c5e', sky: '#8cc3ea', 'sky blue': '#8cc3ea', 'light blue': '#a5cdee', 'dark blue': '#1d2c5e', teal: '#1f7f80', turquoise: '#3cbab2', mint: '#a9dcc0', sage: '#9caf88',
  olive: '#74752f', forest: '#24502f', 'dark green': '#24502f', lime: '#a6d24e', emerald: '#1c8a5b', mustard: '#d3a12b', gold: '#cfa63f', silver: '#bfc2c4', rust: '#ae4a26', terracotta: '#c4694a',
  clay: '#b4704f', coral: '#f2836b', peach: '#f7bf9d', blush: '#eec3bd', rose: '#d98b94', 'dusty rose': '#c98b8f', plum: '#6c3159', burgundy: '#6d1a2d', maroon: '#6b1220', wine: '#6d1a2d',
  lilac: '#c3a8dc', lavender: '#bdb3e3', violet: '#7446b5', indigo: '#3b3a8f', charcoal: '#36393d', 'dark gray': '#5c5c5c', 'light gray': '#c9c9c6', 'dark brown': '#4b2e1e', 'light brown': '#a67b50',
  cyan: '#4cc4de', magenta: '#c83c93', copper: '#b0693c', bronze: '#8c6a35', cherry: '#a81f35', mono: 'linear-gradient(135deg, #1c1b1a 50%, #fbfaf7 50%)',
  multicolour: 'conic-gradient(#cf2f2a, #f2c93b, #3f8a4b, #3567c9, #7d4bb0, #cf2f2a)', multicolor: 'conic-gradient(#cf2f2a, #f2c93b, #3f8a4b, #3567c9, #7d4bb0, #cf2f2a)',
};
export const swatchOf = (name: string): string | undefined => swatches[name.toLowerCase().trim()];
