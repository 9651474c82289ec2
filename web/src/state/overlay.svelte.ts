import type { Board, Item, Shown } from '../api/types';

export interface Anchor {
  x: number;
  y: number;
}

export type Overlay =
  | { kind: 'menu'; item: Shown; at: Anchor }
  | { kind: 'boards'; item: Shown }
  | { kind: 'why'; item: Shown }
  | { kind: 'users'; reason?: string; then?: () => void }
  | { kind: 'keys' }
  | { kind: 'apikey' }
  | { kind: 'board'; board?: Board; saveAfter?: Shown }
  | { kind: 'upload'; file: File }
  | { kind: 'confirm'; title: string; text: string; yes: string; run: () => void };

/** What lies over the page: one thing at a time. */
class Overlays {
  now = $state.raw<Overlay | null>(null);

  open(o: Overlay): void {
    this.now = o;
  }
  close(): void {
    this.now = null;
  }
}

export const overlays = new Overlays();

/** An item outside any page of results, for the parts that expect one. */
export const alone = (x: Item): Shown => ({ ...x, position: 0, request: '', surface: 'explore' });
