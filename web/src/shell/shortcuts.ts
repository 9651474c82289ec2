import { overlays } from '../state/overlay.svelte';
import { router } from '../state/router.svelte';

export const shortcuts: [keys: string, does: string][] = [
  ['/', 'Search'],
  ['← ↑ → ↓', 'Move among the pictures'],
  ['Enter', 'Open the picture'],
  ['S', 'Save to the last board, or choose one'],
  ['H', 'Hide the picture'],
  ['W', 'Why am I seeing this?'],
  ['C', 'Crop: search inside the open picture'],
  ['G then H, B, S', 'Go home, to your boards, to the studio'],
  ['U', 'Choose whom you browse as'],
  ['Esc', 'Close, or go back from a close-up'],
  ['?', 'These shortcuts'],
];

let g = 0; // when "g" was pressed, ms

/** The shortcuts of the whole page; a tile has its own (S, H, W). */
export function shortcut(e: KeyboardEvent): void {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || overlays.now) return;
  const at = e.target as HTMLElement;
  if (at.closest('input, textarea, select, [contenteditable]')) return;
  const afterG = e.timeStamp - g < 1200;
  if (afterG && e.key in places) {
    g = 0;
    router.go(places[e.key]!);
  } else if (e.key === '/') document.querySelector<HTMLElement>('[data-testid="search-box"]')?.focus();
  else if (e.key === '?') overlays.open({ kind: 'keys' });
  else if (e.key === 'u') overlays.open({ kind: 'users' });
  else if (e.key === 'g') {
    g = e.timeStamp;
    return;
  } else if (e.key === 'Escape' && router.parts[0] === 'item') router.back();
  else if (e.key === 'ArrowRight' && at.matches('body, #main, a, button') && !at.closest('[data-testid="tile"]')) {
    // Also from a link or button pressed just now, such as the one that led here.
    document.querySelector<HTMLElement>('[data-testid="tile-link"]')?.focus();
  } else return;
  e.preventDefault();
}

const places: Record<string, string> = { h: '/', b: '/boards', s: '/studio' };
