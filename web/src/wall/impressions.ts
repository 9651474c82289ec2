import type { Shown } from '../api/types';

/** What counts as seen: at least half of the tile, for at least half a second. */
export const seenShare = 0.5;
export const seenAfter = 500;

/**
 * Impressions watches tiles and reports each item of each answer once, when it has
 * been seen.
 */
export class Impressions {
  private readonly timers = new Map<Element, ReturnType<typeof setTimeout>>();
  private readonly items = new WeakMap<Element, Shown>();
  private readonly observer: IntersectionObserver;

  constructor(
    private readonly report: (x: Shown) => void,
    private readonly done: Set<string> = new Set(),
  ) {
    this.observer = new IntersectionObserver((entries) => entries.forEach((e) => this.change(e)), { threshold: [0, seenShare] });
  }

  /** A Svelte action for the tile's element. */
  watch = (element: HTMLElement, item: Shown) => {
    this.items.set(element, item);
    this.observer.observe(element);
    return {
      update: (next: Shown) => this.items.set(element, next),
      destroy: () => {
        this.observer.unobserve(element);
        this.forget(element);
      },
    };
  };

  stop(): void {
    this.observer.disconnect();
    for (const e of [...this.timers.keys()]) this.forget(e);
  }

  private change(e: IntersectionObserverEntry): void {
    // A tile taller than the window is seen when it fills half of the window.
    const fills = e.rootBounds ? e.intersectionRect.height >= e.rootBounds.height * seenShare : false;
    const in_ = e.isIntersecting && (e.intersectionRatio >= seenShare - 0.01 || fills);
    const x = this.items.get(e.target);
    if (!in_ || !x) return this.forget(e.target);
    if (this.timers.has(e.target) || this.done.has(keyOf(x))) return;
    this.timers.set(
      e.target,
      setTimeout(() => {
        this.timers.delete(e.target);
        if (this.done.has(keyOf(x))) return;
        this.done.add(keyOf(x));
        this.report(x);
      }, seenAfter),
    );
  }

  private forget(e: Element): void {
    clearTimeout(this.timers.get(e));
    this.timers.delete(e);
  }
}

const keyOf = (x: Shown): string => `${x.request} ${x.id}`;
