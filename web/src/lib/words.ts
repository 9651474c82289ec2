import type { AttributeValue, Board, Item, User } from '../api/types';

/** The last step of a category's path, for reading: "home/living-room" is "living room". */
export function leaf(category: string): string {
  return (category.split('/').pop() ?? category).replace(/[-_]+/g, ' ').trim();
}

export const nameOf = (u: User): string => u.name || u.id;
export const titleOf = (x: Item): string => x.title || 'Untitled';
export const boardTitle = (b: Board): string => b.title || b.id;

const whole = new Intl.NumberFormat('en');
export const count = (n: number | undefined): string => (n === undefined ? '–' : whole.format(n));
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** A number with about three significant digits. */
export function figure(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  if (Number.isInteger(x)) return count(x);
  const a = Math.abs(x);
  if (a >= 100) return whole.format(Math.round(x));
  if (a < 0.0005) return x.toExponential(1);
  return String(Number(x.toPrecision(3)));
}

export function ago(ms: number, now: number): string {
  const s = Math.max(0, (now - ms) / 1000);
  for (const [name, length] of [['year', 31557600], ['month', 2629800], ['day', 86400], ['hour', 3600], ['minute', 60]] as const) {
    const n = Math.floor(s / length);
    if (n >= 1) return `${n} ${name}${n === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}

export function duration(seconds: number): string {
  const d = Math.floor(seconds / 86400);
  const h = Math.floor((seconds % 86400) / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  if (d) return `${d} d ${h} h`;
  if (h) return `${h} h ${m} min`;
  if (m) return `${m} min`;
  return `${Math.floor(seconds)} s`;
}

/** An attribute's value for reading. */
export function valueText(v: AttributeValue): string {
  if (Array.isArray(v)) return v.join(', ');
  if (typeof v === 'number') return Number.isInteger(v) && v > 999 && v < 2200 ? String(v) : figure(v);
  return String(v);
}

/** The price of an item, if it has one: the number, and a currency if that is known. */
export function priceOf(x: Item): string {
  const p = x.attributes?.price;
  if (typeof p !== 'number' && typeof p !== 'string') return '';
  const amount = Number(p);
  if (!Number.isFinite(amount) || p === '') return '';
  const shown = amount.toFixed(Number.isInteger(amount) ? 0 : 2);
  const currency = x.attributes?.currency;
  if (typeof currency === 'string' && /^[A-Z]{3}$/.test(currency)) {
    return new Intl.NumberFormat('en', { style: 'currency', currency, minimumFractionDigits: Number.isInteger(amount) ? 0 : 2 }).format(amount);
  }
  return shown;
}

/** An id from a title: readable, and unlikely to be taken. */
export function freshID(title: string): string {
  const slug = title
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${slug || 'x'}-${uuid().slice(0, 8)}`;
}

/** A random UUID, also where the page is not served over https and randomUUID is missing. */
export function uuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 0x0f) | 0x40;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
