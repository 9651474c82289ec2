import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Shown } from '../api/types';
import { Impressions } from './impressions';

let fire: (ratio: number, target: Element) => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(cb: (e: IntersectionObserverEntry[]) => void) {
        fire = (ratio, target) =>
          cb([{ target, isIntersecting: ratio > 0, intersectionRatio: ratio, intersectionRect: { height: 100 * ratio }, rootBounds: { height: 900 } } as IntersectionObserverEntry]);
      }
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const x: Shown = { id: 'i1', request: 'r1', position: 1, surface: 'home' };

describe('Impressions', () => {
  it('reports once what was half visible for half a second', () => {
    const report = vi.fn();
    const i = new Impressions(report);
    const e = document.createElement('div');
    i.watch(e, x);
    fire(0.6, e);
    vi.advanceTimersByTime(499);
    expect(report).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2);
    fire(0, e);
    fire(1, e);
    vi.advanceTimersByTime(2000);
    expect(report).toHaveBeenCalledExactlyOnceWith(x);
  });

  it('does not report what was passed by, or barely seen', () => {
    const report = vi.fn();
    const i = new Impressions(report);
    const [a, b] = [document.createElement('div'), document.createElement('div')];
    i.watch(a, x);
    i.watch(b, { ...x, id: 'i2' });
    fire(0.9, a);
    fire(0.3, b);
    vi.advanceTimersByTime(300);
    fire(0.1, a);
    vi.advanceTimersByTime(2000);
    expect(report).not.toHaveBeenCalled();
  });

  it('does not report after the tile is gone', () => {
    const report = vi.fn();
    const i = new Impressions(report);
    const e = document.createElement('div');
    const w = i.watch(e, x);
    fire(1, e);
    w.destroy();
    vi.advanceTimersByTime(2000);
    expect(report).not.toHaveBeenCalled();
  });
});
