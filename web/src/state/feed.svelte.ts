import { isAbort } from '../api/errors';
import type { PageAnswer, Shown } from '../api/types';

export type Load = (cursor: string | undefined, signal: AbortSignal) => Promise<PageAnswer>;

/** Feed is a wall that grows page by page. */
export class Feed {
  items = $state.raw<Shown[]>([]);
  loading = $state(false);
  /** Whether the last page has come. */
  ended = $state(false);
  error = $state.raw<unknown>(undefined);
  corrected = $state('');
  notes = $state.raw<string[]>([]);
  request = $state('');
  /** The first page: what was counted stands in it. */
  first = $state.raw<PageAnswer | undefined>(undefined);
  private cursor: string | undefined;
  private readonly ids = new Set<string>();
  private abort = new AbortController();
  /** Which items of which answers were reported as seen. */
  readonly seen = new Set<string>();

  constructor(
    private readonly load: Load,
    private readonly query = '',
  ) {}

  /** Fetches the next page, if there is one and none is on its way. */
  async more(): Promise<void> {
    if (this.loading || this.ended) return;
    this.loading = true;
    this.error = undefined;
    this.abort = new AbortController();
    try {
      // A page may hold nothing new; then the next one is asked, within reason.
      for (let tries = 0; tries < 4; tries++) {
        if (this.take(await this.load(this.cursor, this.abort.signal)) > 0 || this.ended) break;
        if (tries === 3) this.ended = true;
      }
    } catch (e) {
      if (!isAbort(e)) this.error = e;
    } finally {
      this.loading = false;
    }
  }

  /** Stops what is on its way; the feed keeps what it has. */
  stop(): void {
    this.abort.abort();
  }

  private take(p: PageAnswer): number {
    const fresh = p.items.filter((x) => !this.ids.has(x.id));
    for (const x of fresh) this.ids.add(x.id);
    if (fresh.length) {
      this.items = [
        ...this.items,
        ...fresh.map((x) => ({ ...x, request: p.request_id, surface: p.surface, ...(this.query ? { query: this.query } : {}) })),
      ];
    }
    this.request = p.request_id;
    this.first ??= p;
    if (p.corrected) this.corrected = p.corrected;
    if (p.notes?.length) this.notes = p.notes;
    this.cursor = p.next_cursor;
    this.ended = !p.next_cursor;
    return fresh.length;
  }
}

const MOST = 24;
const kept = new Map<string, Feed>();

/**
 * The feed of a place in the history: going back finds the wall as it was left.
 * The least recently used are forgotten.
 */
export function feedAt(place: string, load: Load, query = ''): Feed {
  const known = kept.get(place);
  kept.delete(place);
  const f = known ?? new Feed(load, query);
  kept.set(place, f);
  while (kept.size > MOST) kept.delete(kept.keys().next().value!);
  return f;
}

export function forgetFeeds(): void {
  kept.clear();
}
