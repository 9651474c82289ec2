import { tick } from 'svelte';
import { uuid } from '../lib/words';

const SCROLL = 'bowerbird.scroll';

/** The current address. Each history entry has a key; scroll is kept by it. */
class Router {
  path = $state('/');
  query = $state.raw(new URLSearchParams());
  key = $state('');
  private scrolls: Record<string, number> = {};

  start(): void {
    history.scrollRestoration = 'manual';
    try {
      this.scrolls = JSON.parse(sessionStorage.getItem(SCROLL) ?? '{}') as Record<string, number>;
    } catch {
      this.scrolls = {};
    }
    const key = keyOf(history.state) || uuid();
    history.replaceState({ key }, '');
    this.read(key);
    void this.settle();
    addEventListener('popstate', (e) => {
      this.remember();
      this.change(() => this.read(keyOf(e.state) || uuid()));
    });
    addEventListener('pagehide', () => {
      this.remember();
      try {
        sessionStorage.setItem(SCROLL, JSON.stringify(Object.fromEntries(Object.entries(this.scrolls).slice(-40))));
      } catch {
        // Only the place on the page is lost.
      }
    });
    addEventListener('click', (e) => this.follow(e));
  }

  /** Goes to an address of the page itself. replace: without a new history entry, staying where one is. */
  go(address: string, replace = false): void {
    const key = uuid();
    if (address === location.pathname + location.search) {
      // Going where one is: the page begins anew, with what was learned meanwhile.
      if (replace) return;
      history.replaceState({ key }, '');
      this.change(() => this.read(key));
      return;
    }
    this.remember();
    if (replace) {
      this.scrolls[key] = scrollY;
      history.replaceState({ key }, '', address);
    } else history.pushState({ key }, '', address);
    this.change(() => this.read(key));
  }

  /** A further entry of the history for another state of the same page: it does not fade over. */
  step(address: string): void {
    if (address === location.pathname + location.search) return;
    const key = uuid();
    this.remember();
    history.pushState({ key }, '', address);
    this.read(key);
    void this.settle();
  }

  /** Changes the address of the place where one is; the page stays as it stands. */
  rewrite(address: string): void {
    history.replaceState(history.state, '', address);
    this.query = new URLSearchParams(location.search);
  }

  /** Back, or to the wall when this was the first page. */
  back(): void {
    if (history.length > 1 && this.cameFromUs) history.back();
    else this.go('/');
  }
  private cameFromUs = false;

  /** The first step of the path and the rest, decoded. */
  get parts(): string[] {
    return this.path.split('/').filter(Boolean).map(decode);
  }

  private read(key: string): void {
    if (this.key) this.cameFromUs = true;
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
    this.key = key;
  }

  private change(apply: () => void): void {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (!still && 'startViewTransition' in document) {
      const t = document.startViewTransition(async () => {
        apply();
        await this.settle();
      });
      // A transition that is skipped (another one began) is no failure.
      t.ready.catch(() => {});
      t.finished.catch(() => {});
    } else {
      apply();
      void this.settle();
    }
  }

  private remember(): void {
    if (this.key) this.scrolls[this.key] = scrollY;
  }

  /** Waits until the new page stands, then restores its place. */
  private async settle(): Promise<void> {
    const key = this.key;
    for (let i = 0; i < 3; i++) await tick();
    if (key === this.key) scrollTo(0, this.scrolls[key] ?? 0);
  }

  private follow(e: MouseEvent): void {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const a = (e.target as Element | null)?.closest('a');
    if (!a || a.target || a.hasAttribute('download') || a.origin !== location.origin) return;
    if (/^\/(v1|docs|openapi|pictures|metrics|healthz|readyz|api)\b/.test(a.pathname)) return;
    e.preventDefault();
    this.go(a.pathname + a.search);
  }
}

const keyOf = (s: unknown): string => (s as { key?: string } | null)?.key ?? '';

function decode(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return s;
  }
}

export const router = new Router();

/** An address with parameters; lists are repeated, empty ones left out. */
export function address(path: string, q: Record<string, string | string[] | undefined> = {}): string {
  const p = new URLSearchParams();
  for (const [k, v] of Object.entries(q)) {
    if (Array.isArray(v)) for (const x of v) p.append(k, x);
    else if (v) p.set(k, v);
  }
  const s = p.toString();
  return s ? `${path}?${s}` : path;
}

export const itemAddress = (id: string): string => `/item/${encodeURIComponent(id)}`;
export const boardAddress = (id: string): string => `/board/${encodeURIComponent(id)}`;
